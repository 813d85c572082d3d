"""``wslink-jupyter serve module:Protocol``."""

from __future__ import annotations

import asyncio
import pkgutil
import sys
from pathlib import Path

from wslink_jupyter.errors import ServeError
from wslink_jupyter.websocket import WslinkHandler, run_wslink


def serve_protocol(what: str, host: str, port: int, secret: str | None, www: Path | None) -> int:
    """Serve a protocol until a signal ends it; return the exit code.

    Raises
    ------
    ServeError
        If there is no such protocol, or as `run_wslink`.
    """
    handler = _handler_of(what)
    asyncio.run(run_wslink(port, host, handler, secret, www=www))
    return 0


def _handler_of(what: str) -> type[WslinkHandler]:
    """Return a handler of the class that ``module:name`` names, or that class if it is one."""
    module_name, _, class_name = what.partition(":")
    # A module of this directory, as with python -m.
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = pkgutil.resolve_name(what) if module_name and class_name else None
    except ModuleNotFoundError as error:
        # One that the module itself wants is the module's fault, and told in full.
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise ServeError(f"expected a module {module_name!r} here or installed, got none") from None
    except (AttributeError, ValueError):
        found = None
    if module_name not in sys.modules or not class_name:
        raise ServeError(f"expected module:Protocol or a file ending in .ipynb, got {what!r}")
    if not isinstance(found, type):
        module = sys.modules[module_name]
        classes = sorted(
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__
        )
        raise ServeError(
            f"expected a class of {module_name} ({', '.join(classes) or 'it has none'}), "
            f"got {class_name!r}"
        )
    if issubclass(found, WslinkHandler):
        return found
    return type("Handler", (WslinkHandler,), {"protocol_class": found})
