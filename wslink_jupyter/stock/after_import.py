"""Changes to a module of other software, made when it is imported and not before."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_log = logging.getLogger("wslink_jupyter.stock")

#: Changes a module, and returns what takes the change back.
Change = Callable[[ModuleType], Callable[[], None]]


class AfterImport(MetaPathFinder):
    """Changes modules right after their import, or at once if they are imported.

    Parameters
    ----------
    changes : dict of str to callable
        By name of the module.
    """

    def __init__(self, changes: dict[str, Change]) -> None:
        self._changes = changes
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        """Change what is imported, from now on."""
        sys.meta_path.insert(0, self)
        for name, change in self._changes.items():
            if name in sys.modules:
                self._make(change, sys.modules[name])

    def remove(self) -> None:
        """Take every change back."""
        sys.meta_path.remove(self)
        while self._undo:
            self._undo.pop()()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders find, with a loader that makes the change."""
        change = self._changes.get(fullname)
        if change is None:
            return None
        # Those behind us: another one of our kind, before us, is waiting for our answer.
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            if find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    self._change_after(spec.loader, change)
                return spec
        return None

    def _make(self, change: Change, module: ModuleType) -> None:
        """Make a change, unless the module is of a version that has not what it changes."""
        try:
            self._undo.append(change(module))
        except AttributeError as error:  # no reason for an import to fail
            _log.warning("%s stays as it is: %s", module.__name__, error)

    def _change_after(self, loader: Loader, change: Change) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self._make(change, module)

        # A loader is made for one import.
        loader.exec_module = exec_module  # type: ignore[method-assign]
