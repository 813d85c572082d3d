"""Where a view's ES module comes from: a file that is watched, or its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from wslink_jupyter.errors import ViewError

_SUFFIXES = (".js", ".mjs")


@dataclass(frozen=True, slots=True)
class ModuleText:
    """An ES module given as text."""

    source: str

    @property
    def origin(self) -> str:
        """File name for people; empty: there is none."""
        return ""

    def read(self) -> tuple[str, str]:
        """Return source and error."""
        return self.source, ""

    def stamp(self) -> object:
        """Return what changes when the source does."""
        return self.source


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """An ES module in a file, read again for every client that asks."""

    path: Path

    @property
    def origin(self) -> str:
        """File name for people."""
        return self.path.name

    def read(self) -> tuple[str, str]:
        """Return source and error, one of them empty."""
        try:
            return self.path.read_text(encoding="utf-8"), ""
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            return "", f"cannot read {self.path.name}: {reason}"

    def stamp(self) -> object:
        """Return what changes when the file is saved."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


@dataclass(frozen=True, slots=True)
class Picture:
    """No module: the kernel draws, and the front end shows what it is sent."""

    @property
    def origin(self) -> str:
        """There is no file."""
        return ""

    def read(self) -> tuple[str, str]:
        """Return no source and no error."""
        return "", ""

    def stamp(self) -> object:
        """Nothing is watched."""
        return None


FrontEnd = ModuleText | ModuleFile | Picture


def front_end_of(front_end: object) -> FrontEnd:
    """Return where the module of `front_end` comes from.

    Parameters
    ----------
    front_end : str or Path
        A path ends in ``.js`` or ``.mjs``; other text is the module itself.

    Raises
    ------
    ViewError
        If it is neither, or the file does not exist.
    """
    if isinstance(front_end, Path) or (
        isinstance(front_end, str) and front_end.endswith(_SUFFIXES) and "\n" not in front_end
    ):
        path = Path(front_end).expanduser()
        if path.suffix not in _SUFFIXES:
            raise ViewError(f"show: expected a file ending in .js or .mjs, got {path.name!r}")
        if not path.is_file():
            raise ViewError(
                f"show: expected an ES module in the file {str(path)!r}, "
                f"found no such file in {Path.cwd()}"
            )
        return ModuleFile(path.resolve())
    if isinstance(front_end, str):
        if re.search(r"\bexport\b", front_end) is None:
            raise ViewError(
                "show: expected a path ending in .js, or the text of an ES module that "
                f"exports render, got {front_end.strip()[:60]!r}"
            )
        return ModuleText(front_end)
    raise ViewError(
        "show: expected a path or the text of an ES module (str or Path), "
        f"got {type(front_end).__name__}, which is no source of pictures either (a VTK render "
        "window, a pyvista plotter, a function or an object with `render` that returns an image)"
    )


def find_below(folder: Path, relative: str) -> Path | None:
    """Return the file `relative` in `folder`, or None.

    Parameters
    ----------
    folder : Path
        Resolved.
    relative : str
        With ``/``. Neither hidden parts, nor ``..``, nor links that lead out
        of the folder are followed.
    """
    parts = relative.split("/")
    if any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    path = folder.joinpath(*parts).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None
