"""The procedures of one endpoint, by name.

Reads take no lock: every change makes a new table and swaps it, so a call
finds either the old procedure or the new one.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from wslink_jupyter.errors import MethodNotFound, RegistrationError
from wslink_jupyter.rpc.procedure import RESERVED, Procedure


class Registry:
    """Bindings and the procedures they made.

    Parameters
    ----------
    on_change : callable, optional
        Called with the sorted names that were bound or removed, by the thread
        that changed them.

    Attributes
    ----------
    remedy : str
        What to do about a procedure that is missing, for the caller to read.
    """

    def __init__(self, on_change: Callable[[list[str]], None] | None = None) -> None:
        self._on_change = on_change
        self.remedy = "run the cell that exposes it"
        self._lock = threading.Lock()
        self._table: dict[str, Procedure] = {}
        self._bindings: dict[str, tuple[Procedure, ...]] = {}
        self._on_unbound: dict[str, Callable[[], object]] = {}

    def bind(
        self,
        name: str,
        procedures: Iterable[Procedure],
        *,
        gives_way: bool = False,
        on_unbound: Callable[[], object] | None = None,
    ) -> None:
        """Bind `procedures` as `name`, replacing what had that name.

        A name of a procedure that several bindings have is the newest's; of one that
        gives way, it is any other's. `on_unbound` is called when the binding is removed or
        replaced, by the thread that does it.
        """
        with self._lock:
            turns = {
                id(procedure.owner): procedure.turn
                for bound in self._bindings.values()
                for procedure in bound
            }
            # Objects take turns however often, and under whatever names, they are exposed.
            new = tuple(
                procedure
                if procedure.owner is None
                else replace(procedure, turn=turns.setdefault(id(procedure.owner), procedure.turn))
                for procedure in procedures
            )
            old = self._bindings.pop(name, ())
            was_unbound = self._on_unbound.pop(name, None)
            if on_unbound is not None:
                self._on_unbound[name] = on_unbound
            # The newest is last.
            self._bindings = (
                {name: new, **self._bindings} if gives_way else {**self._bindings, name: new}
            )
            self._rebuild()
        self._changed({procedure.uri for procedure in (*old, *new)})
        if was_unbound is not None:
            was_unbound()

    def unbind(self, name: str) -> None:
        """Remove the binding `name`.

        Raises
        ------
        RegistrationError
            If there is none.
        """
        with self._lock:
            old = self._bindings.pop(name, None)
            was_unbound = self._on_unbound.pop(name, None)
            if old is None:
                names = (n for n in self._bindings if n.partition(".")[0] != RESERVED)
                known = ", ".join(sorted(names)) or "nothing"
                raise RegistrationError(f"unexpose: expected one of {known}, got {name!r}")
            self._rebuild()
        self._changed({procedure.uri for procedure in old})
        if was_unbound is not None:
            was_unbound()

    def get(self, uri: str) -> Procedure:
        """Return the procedure `uri`.

        Raises
        ------
        MethodNotFound
            If there is none. Data and the beginning of the message are those of
            stock wslink.
        """
        try:
            return self._table[uri]
        except KeyError:
            raise MethodNotFound(self._missing(uri), uri) from None

    def _missing(self, uri: str) -> str:
        close = difflib.get_close_matches(uri, self._table, 1)
        hint = f"did you mean {close[0]!r}?" if close else self.remedy
        return f"Unregistered method called: nothing is exposed as {uri!r}; {hint}"

    def procedures(self) -> list[Procedure]:
        """Return all procedures, sorted by name."""
        table = self._table
        return [table[uri] for uri in sorted(table)]

    def bindings(self) -> dict[str, tuple[Procedure, ...]]:
        """Return the procedures of every binding, by the binding's name."""
        with self._lock:
            return dict(self._bindings)

    def _rebuild(self) -> None:
        self._table = {
            procedure.uri: procedure
            for procedures in self._bindings.values()
            for procedure in procedures
        }

    def _changed(self, uris: set[str]) -> None:
        if self._on_change is not None:
            self._on_change(sorted(uris))
