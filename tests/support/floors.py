"""The floors of the package and what each may import: downward only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.imports import Import, imports_of

BASE = frozenset({"errors", "codes", "limits", "_version"})
WIRE = BASE | {"wire"}
RPC = WIRE | {"rpc"}
TRANSPORT = RPC | {"transport"}
VIEWS = RPC | {"views"}
STOCK = TRANSPORT | {"views", "stock"}


@dataclass(frozen=True)
class Floor:
    """What the modules of one floor may import, besides the standard library.

    Attributes
    ----------
    own : frozenset of str
        Units of the package.
    anywhere : frozenset of str
        Third-party packages.
    only_in : dict of str to str
        Third-party packages that one module may import, by its path.
    not_stdlib : frozenset of str
        Parts of the standard library that it may not.
    """

    own: frozenset[str]
    anywhere: frozenset[str] = frozenset()
    only_in: tuple[tuple[str, str], ...] = ()
    not_stdlib: frozenset[str] = frozenset()


#: No clock, loop, thread or randomness; who is below does not have them either.
_WORLD = frozenset(
    [
        "asyncio",
        "socket",
        "ssl",
        "threading",
        "time",
        "os",
        "subprocess",
        "random",
        "secrets",
        "uuid",
        "logging",
    ]
)

FLOORS = {
    "codes": Floor(frozenset(), not_stdlib=_WORLD),
    "errors": Floor(frozenset({"codes"}), not_stdlib=_WORLD),
    "limits": Floor(frozenset(), not_stdlib=_WORLD),
    "_version": Floor(frozenset(), not_stdlib=_WORLD),
    "wire": Floor(
        WIRE,
        only_in=(("wire/codec.py", "msgpack"), ("wire/arrays.py", "numpy")),
        not_stdlib=_WORLD,
    ),
    "rpc": Floor(RPC),
    "transport": Floor(
        TRANSPORT,
        only_in=(
            ("transport/websocket.py", "tornado"),
            ("transport/websocket_input.py", "tornado"),
            ("transport/websocket_stream.py", "tornado"),
            ("transport/websocket_writer.py", "tornado"),
            ("transport/socket_handler.py", "tornado"),
            ("transport/packaged_files.py", "tornado"),
        ),
    ),
    "client": Floor(TRANSPORT | {"client"}, only_in=(("client/connecting.py", "tornado"),)),
    "protocols": Floor(RPC),
    "standalone": Floor(TRANSPORT | {"standalone", "stock"}, frozenset({"tornado"})),
    "websocket": Floor(TRANSPORT | {"standalone"}),
    "cli": Floor(
        TRANSPORT | {"standalone", "websocket", "cli"},
        frozenset({"jupyter_server", "jupyter_client", "nbformat", "traitlets"}),
    ),
    "__main__": Floor(frozenset({"cli"})),
    "views": Floor(
        VIEWS,
        only_in=(
            ("views/view.py", "IPython"),
            ("views/pictures/image.py", "numpy"),
            ("views/pictures/encoder.py", "numpy"),
            ("views/pictures/encoder.py", "simplejpeg"),
            ("views/pictures/encoder.py", "PIL"),
            ("views/pictures/vtk.py", "numpy"),
            ("views/pictures/vtk.py", "vtkmodules"),
        ),
    ),
    "server": Floor(
        TRANSPORT | {"server"},
        frozenset({"jupyter_server", "jupyter_core", "tornado", "traitlets"}),
    ),
    "stock": Floor(
        STOCK,
        frozenset({"wslink", "trame", "trame_server", "vtkmodules", "pyvista"}),
        only_in=(("stock/displays.py", "IPython"),),
    ),
    "kernel": Floor(STOCK | {"kernel"}, frozenset({"traitlets", "IPython", "ipykernel"})),
}

#: What ``import wslink_jupyter`` may load at once.
_EAGER = ("errors", "_version", "rpc", "client", "kernel.api", "protocols", "stock.recognition")


def violations(package: Path) -> Iterator[str]:
    """Yield a sentence for every import that goes where it must not."""
    for found in imports_of(package):
        fault = _fault(found, package.name)
        if fault:
            yield f"{found.path}:{found.line} imports {found.module}: {fault}"


def _fault(found: Import, package: str) -> str:
    top, _, rest = found.module.partition(".")
    unit = rest.partition(".")[0] or "__init__"
    importer = found.path.partition("/")[0].removesuffix(".py")
    if importer == "__init__":
        if top == package and found.at_module_level and not _is_eager(rest):
            return "only lazily, inside a function"
        return "" if top == package or top in sys.stdlib_module_names else "third party"
    floor = FLOORS.get(importer)
    if floor is None:
        return f"{importer} has no floor: add it to FLOORS"
    if top == package:
        return "" if unit in floor.own else f"{importer} may not know {unit}"
    if top in sys.stdlib_module_names:
        return f"{importer} may not use it" if top in floor.not_stdlib else ""
    if top in floor.anywhere or (found.path, top) in floor.only_in:
        return ""
    return f"third party in {importer}"


def _is_eager(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in _EAGER)
