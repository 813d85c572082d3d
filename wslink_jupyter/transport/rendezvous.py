"""Where server and kernel find each other: a file beside the connection file.

``wslink-<name of the connection file>``, mode 0600, written whole. Its name
must not match ``kernel-*.json``: Jupyter's own tools would take the newest of
those for a connection file.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from wslink_jupyter.errors import LinkError, RuntimeNotLoaded

_PREFIX = "wslink-"


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """What the file says.

    Attributes
    ----------
    epoch : str
        Random per kernel start.
    version : str
        Of the package in the kernel's environment.
    pid : int
        Of the kernel.
    unix : str
        Path of the Unix socket; empty where there is none.
    port : int
        Loopback TCP port; 0 where there is none.
    """

    epoch: str
    version: str
    pid: int
    unix: str = ""
    port: int = 0

    def write(self, path: Path) -> None:
        """Write the file so that readers see it whole or not at all."""
        fresh = path.with_name(f"{path.name}.{self.epoch[:8]}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> Rendezvous:
        """Read the file.

        Raises
        ------
        RuntimeNotLoaded
            If there is none.
        LinkError
            If it says something else than it should.
        """
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            known = {name: fields[name] for name in cls.__annotations__ if name in fields}
            found = cls(**known)
            for name, kind in cls.__annotations__.items():
                got = type(getattr(found, name)).__name__
                if got != kind:
                    raise TypeError(f"{name} of type {got}")
            return found
        except FileNotFoundError:
            raise RuntimeNotLoaded("the kernel has not loaded wslink_jupyter") from None
        except (OSError, ValueError, TypeError) as error:
            raise LinkError(f"{path.name}: expected a rendezvous, got {error}") from error


def rendezvous_path(connection_file: str | os.PathLike[str]) -> Path:
    """Return the path of the rendezvous of a kernel."""
    path = Path(connection_file)
    return path.with_name(_PREFIX + path.name)


def sweep(directory: Path) -> None:
    """Remove rendezvous files whose kernel's connection file is gone.

    A kernel that was killed cannot remove its own. Its socket goes, too.
    """
    for path in directory.glob(f"{_PREFIX}*.json"):
        if path.with_name(path.name.removeprefix(_PREFIX)).exists():
            continue
        try:
            remove(path, Rendezvous.read(path))
        except LinkError:
            path.unlink(missing_ok=True)


def remove(path: Path, rendezvous: Rendezvous) -> None:
    """Remove a rendezvous file and the socket with its directory."""
    path.unlink(missing_ok=True)
    if rendezvous.unix:
        socket_path = Path(rendezvous.unix)
        # Only what we made: the directory is removed when it is empty.
        if socket_path.is_socket():
            socket_path.unlink(missing_ok=True)
        try:
            socket_path.parent.rmdir()
        except OSError:
            return
