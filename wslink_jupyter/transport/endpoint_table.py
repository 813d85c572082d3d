"""The endpoints of a kernel: they come and go, from any thread."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.transport.served import ServedEndpoint

#: What needs no quoting in a URL and is no step up.
_NAME = re.compile(r"\w[\w.-]{0,99}", re.ASCII)


def check_endpoint_name(name: object) -> str:
    """Return a name that can be part of a URL.

    Raises
    ------
    RegistrationError
        If it cannot.
    """
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise RegistrationError(
        "endpoint: expected a name of ASCII letters, digits, '_', '-' and '.', that begins "
        f"with none of the last two, got {name!r:.60}"
    )


class EndpointTable:
    """Endpoints by name.

    Parameters
    ----------
    first : ServedEndpoint
        Stays for good: its name cannot be taken.
    loop : asyncio.AbstractEventLoop
        Of the link, where replaced and removed endpoints close their sockets.
    changed : callable
        Called on the loop after every change.
    """

    def __init__(
        self,
        first: ServedEndpoint,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._first = first
        self._loop = loop
        self._lock = threading.Lock()
        self._endpoints = {first.name: first}
        self._closing: set[asyncio.Task[None]] = set()
        self.changed = changed

    def __iter__(self) -> Iterator[ServedEndpoint]:
        with self._lock:
            return iter(list(self._endpoints.values()))

    @property
    def own_name(self) -> str:
        """Of the first endpoint."""
        return self._first.name

    def find(self, name: str) -> ServedEndpoint | None:
        """Return the endpoint of that name, if there is one."""
        return self._endpoints.get(name)

    def add(self, endpoint: ServedEndpoint) -> None:
        """Serve an endpoint from now on; one of the same name ends.

        Raises
        ------
        RegistrationError
            If its name is not valid, or the kernel's own.
        """
        name = check_endpoint_name(endpoint.name)
        if name == self.own_name:
            raise RegistrationError(
                f"endpoint: expected another name than {name!r}, which is the kernel's own"
            )
        with self._lock:
            old = self._endpoints.get(name)
            self._endpoints[name] = endpoint
        if old is not None and old is not endpoint:
            self._later(old.close(CloseCode.GOING_AWAY, f"{name} was replaced by a new one"))
        self._changed()

    def remove(self, endpoint: ServedEndpoint, reason: str) -> None:
        """Serve it no more and close its sockets, if it is still served. Idempotent."""
        with self._lock:
            if self._endpoints.get(endpoint.name) is endpoint:
                del self._endpoints[endpoint.name]
        self._later(endpoint.close(CloseCode.GOING_AWAY, reason))
        self._changed()

    def drop(self, name: str) -> bool:
        """Remove the endpoint of that name, but for the first; return whether there was one."""
        endpoint = self._endpoints.get(name)
        if endpoint is None or endpoint is self._first:
            return False
        self.remove(endpoint, f"{name} was removed")
        return True

    def _changed(self) -> None:
        with contextlib.suppress(RuntimeError):  # the link was closed
            self._loop.call_soon_threadsafe(self.changed)

    def _later(self, coroutine: Coroutine[Any, Any, None]) -> None:
        def start() -> None:
            task = self._loop.create_task(coroutine)
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

        try:
            self._loop.call_soon_threadsafe(start)
        except RuntimeError:  # the link was closed, and all sockets with it
            coroutine.close()
