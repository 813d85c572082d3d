"""The names of wslink's quickstart: procedures are written with these.

Neither tornado nor Jupyter is needed for that, nor wslink.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.procedure import DEFAULT_POLICY, Policy, mark_of, procedure

F = TypeVar("F", bound=Callable[..., Any])

#: One part of a name that stock wslink takes (wslink 2.6.0, ``uri.py:3``).
_STOCK_PART = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
#: Where VTK's protocols look for theirs (vtk 9.7, ``web/protocols.py``).
_APPLICATION = "app"


class Server:
    """The decorator that gives a procedure its name: ``@Server.expose("my.hello")``."""

    @staticmethod
    def expose(uri: str, *, run: Policy = DEFAULT_POLICY) -> Callable[[F], F]:
        """Name a method of a protocol, or a function beside it.

        Naming binds nothing: `run_wslink` does, or ``wl.expose(protocol)`` in a
        notebook. Stock wslink finds what is named so, too.

        Parameters
        ----------
        uri : str
            Such as ``"my.hello"``.
        run : {"main", "thread", "loop"}
            Where it runs: on the thread of the loop that serves, in order; in a pool
            of threads; or, short calls only, where the sockets are.

        Raises
        ------
        RegistrationError
            If stock wslink would not take the name, or the function has one already.
        """
        mark = procedure(uri, run=run)
        for part in uri.split("."):
            if _STOCK_PART.fullmatch(part) is None:
                raise RegistrationError(
                    f"Server.expose: expected words of a-z, 0-9 and _ joined by dots, "
                    f"each starting with a letter, got {uri!r:.80}"
                )

        def decorate(function: F) -> F:
            earlier = mark_of(function)
            if earlier is not None:
                raise RegistrationError(
                    f"Server.expose: expected one name, got {uri!r} for what is {earlier.uri!r}"
                )
            # Where stock scanners look (wslink 2.6.0, ``core.py``).
            function._wslinkuris = [{"uri": uri}]  # type: ignore[attr-defined]
            return mark(function)

        return decorate


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Publish nothing: nobody is connected yet."""


class WslinkServerProtocol:
    """Procedures, and the other protocols that are served with them.

    Subclass it, name methods with `Server.expose`, and register further protocols in
    `initialize`. It has the methods that stock protocols have and expect, so it also
    runs where those do.

    Attributes
    ----------
    linkProtocols : list
        What was registered.
    publish : callable
        ``publish(topic, data, client_id=None, skip_last_active_client=False)``; from
        any thread. Before it is served, does nothing.
    """

    def __init__(self) -> None:
        self.linkProtocols: list[Any] = []
        self.secret: str | None = None
        # Before `initialize`, which may want them.
        self.publish: Callable[..., Any] = _nothing
        self.stopServer: Callable[[], Any] = _nothing
        self._shared: dict[str, Any] = {}
        self.initialize()

    def initialize(self) -> None:
        """Register what else is to be served; for subclasses."""

    def init(
        self,
        publish: Callable[..., Any],
        addAttachment: Callable[[Any], Any],  # noqa: N803 - stock's name
        stopServer: Callable[[], Any],  # noqa: N803
    ) -> None:
        """Take what a server gives (wslink 2.6.0, ``websocket.py:40``)."""
        self.publish, self.stopServer = publish, stopServer

    def addAttachment(self, data: Any) -> Any:  # noqa: N802
        """Return `data`: binary travels as it is since wslink 2."""
        return data

    @property
    def coreServer(self) -> WslinkServerProtocol:  # noqa: N802
        """Itself: it has the shared objects."""
        return self

    @coreServer.setter
    def coreServer(self, server: Any) -> None:  # noqa: N802
        """Stay as it is, where a server registers it as one of its own."""

    def registerVtkWebProtocol(self, protocol: Any) -> None:  # noqa: N802
        """Serve `protocol`, too: one of ``vtkmodules.web.protocols``, or any other.

        Registering itself, as the quickstart does, changes nothing: it is served.

        Raises
        ------
        RegistrationError
            If it is a class.
        """
        if protocol is self or any(protocol is each for each in self.linkProtocols):
            return
        if inspect.isclass(protocol):
            raise RegistrationError(
                f"registerVtkWebProtocol: expected a protocol, got the class "
                f"{protocol.__name__}: register {protocol.__name__}()"
            )
        protocol.coreServer = self
        self.linkProtocols.append(protocol)

    registerLinkProtocol = registerVtkWebProtocol  # noqa: N815

    def unregisterLinkProtocol(self, protocol: Any) -> None:  # noqa: N802
        """Serve `protocol` no more; before it is connected to."""
        self.linkProtocols.remove(protocol)
        protocol.coreServer = None

    def setSharedObject(self, key: str, shared: Any) -> None:  # noqa: N802
        """Let all protocols have an object, or None to take it away."""
        if shared is None:
            self._shared.pop(key, None)
        else:
            self._shared[key] = shared

    def getSharedObject(self, key: str) -> Any:  # noqa: N802
        """Return what `setSharedObject` set, or None."""
        if key == _APPLICATION and key not in self._shared:
            # Whoever has a protocol of VTK's has loaded this.
            web_core = sys.modules.get("vtkmodules.vtkWebCore")
            if web_core is not None:
                self._shared[key] = web_core.vtkWebApplication()
        return self._shared.get(key)

    def getApplication(self) -> Any:  # noqa: N802
        """Return the ``vtkWebApplication`` of VTK's protocols, made when first asked for."""
        return self.getSharedObject(_APPLICATION)

    def setApplication(self, application: Any) -> None:  # noqa: N802
        """Have VTK's protocols use `application`."""
        self.setSharedObject(_APPLICATION, application)

    def updateSecret(self, newSecret: str) -> None:  # noqa: N802, N803
        """Set the secret that clients must know, unless `run_wslink` is given one."""
        self.secret = newSecret

    def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802
        """Be told of a new client; for subclasses."""

    def onClose(self, client_id: str) -> None:  # noqa: N802
        """Be told of a client that is gone; for subclasses."""
