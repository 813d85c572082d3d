"""``%wslink`` and ``%%wslink_view``: parse, call the runtime, print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from wslink_jupyter.errors import WslinkJupyterError
from wslink_jupyter.kernel.exposing import expose_on
from wslink_jupyter.kernel.report import doctor_text, status_text
from wslink_jupyter.kernel.runtime import Runtime
from wslink_jupyter.rpc.binding import check_free
from wslink_jupyter.stock.recognition import is_server
from wslink_jupyter.views.shelf import DEFAULT_PLACE
from wslink_jupyter.views.view import show_view

_USAGE = (
    "%wslink, %wslink doctor, %wslink expose OBJ [as NAME], %wslink unexpose NAME, "
    "%wslink show PATH [in PLACE]"
)

#: Not split like a shell's line: the expression has quotes of its own.
_EXPOSE = re.compile(r"expose\s+(?P<expression>.+?)(?:\s+as\s+(?P<name>[\w.]+))?")


@magics_class
class WslinkMagics(Magics):
    """Magics of one loaded runtime."""

    def __init__(self, shell: Any, runtime: Runtime) -> None:
        super().__init__(shell)
        self._namespace: dict[str, Any] = shell.user_ns
        self._runtime = runtime

    @no_var_expand
    @line_magic
    def wslink(self, line: str) -> None:
        """Status, or: doctor; expose OBJ [as NAME]; unexpose NAME; show PATH [in PLACE]."""
        exposing = _EXPOSE.fullmatch(line.strip())
        if exposing is not None:
            self._expose(exposing["expression"], exposing["name"])
            return
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"%wslink: {error}") from error
        try:
            self._run(words)
        except WslinkJupyterError as error:
            raise UsageError(str(error)) from error

    def _run(self, words: list[str]) -> None:
        runtime = self._runtime
        match words:
            case []:
                print(status_text(runtime))
            case ["doctor"]:
                print(doctor_text(runtime))
            case ["unexpose", name]:
                if not runtime.endpoints.drop(name):
                    runtime.default.registry.unbind(check_free(name))
            case ["show", path]:
                self._show(Path(path), None, DEFAULT_PLACE, None)
            case ["show", path, "in", where]:
                self._show(Path(path), None, where, None)
            case _:
                raise UsageError(f"expected one of {_USAGE}; got %wslink {' '.join(words)}")

    def _expose(self, expression: str, name: str | None) -> None:
        try:
            target = eval(expression, self._namespace)
        except Exception as error:  # whatever the user's expression raises
            raise UsageError(f"%wslink expose: {type(error).__name__}: {error}") from error
        if name is None and expression.isidentifier():
            name = expression  # a good name; of an expression take the default
        try:
            if is_server(target):
                endpoint = self._runtime.stock.serve(target, name)
                print("\n".join([f"endpoint {endpoint.name}:", *endpoint.describe()["procedures"]]))
                return
            procedures = expose_on(self._runtime, target, name)
        except WslinkJupyterError as error:
            raise UsageError(str(error)) from error
        print("\n".join(procedure.signature_text() for procedure in procedures))

    def _show(self, front_end: str | Path, title: str | None, where: str, name: str | None) -> None:
        runtime = self._runtime
        show_view(runtime.shelf, runtime.gallery, runtime.identity, front_end, title, where, name)

    @no_var_expand
    @cell_magic
    def wslink_view(self, line: str, cell: str) -> None:
        """Show the cell's text, an ES module: %%wslink_view NAME [in PLACE]."""
        words = line.split()
        match words:
            case [name]:
                where: str = DEFAULT_PLACE
            case [name, "in", where]:
                pass
            case _:
                raise UsageError(f"expected %%wslink_view NAME [in PLACE], got {line!r}")
        try:
            self._show(cell, name, where, name)
        except WslinkJupyterError as error:
            raise UsageError(str(error)) from error
