"""The protocol of a server, and what it registered, bound to an endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from wslink_jupyter.errors import ServeError
from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.named import procedures_beside, procedures_of
from wslink_jupyter.rpc.topics import check_own_topic


class ProtocolSet:
    """One protocol and those it registered: one set per endpoint, not per client.

    Parameters
    ----------
    protocol : object
        With named methods; perhaps ``linkProtocols``.
    modules_of : tuple of type
        Whose modules' named functions are served, too.
    loop : asyncio.AbstractEventLoop
        On which the protocols are told of clients.
    """

    def __init__(
        self, protocol: Any, modules_of: tuple[type, ...], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._protocol = protocol
        self._modules_of = modules_of
        self._loop = loop

    def bind(self, endpoint: Endpoint, stop: Callable[[], Any]) -> None:
        """Let an endpoint serve them, and give them what protocols expect.

        Raises
        ------
        ServeError
            If there is nothing that a client could call.
        RegistrationError
            If a name is not valid.
        """

        def publish(
            topic: str,
            data: Any,
            client_id: str | None = None,
            skip_last_active_client: bool = False,
        ) -> None:
            check_own_topic(topic)
            active = current_call.get()
            if not skip_last_active_client or active is None:
                endpoint.hub.publish(topic, data, client_id)
                return
            for info in endpoint.hub.infos():
                if info.id != active.session_id:
                    endpoint.hub.publish(topic, data, info.id)

        registry = endpoint.registry
        for index, cls in enumerate(self._modules_of):
            registry.bind(f"functions {index}", procedures_beside(cls))
        # The protocol itself is last: its names go before those of others.
        for index, protocol in enumerate(self._all()):
            registry.bind(f"protocol {index}", procedures_of(protocol))
            if hasattr(protocol, "init"):
                protocol.init(publish, lambda data: data, stop)
        if not registry.procedures():
            raise ServeError(
                f"serve: expected methods named with @Server.expose in "
                f"{type(self._protocol).__name__}, found none"
            )

    def _all(self) -> list[Any]:
        others = [
            each for each in getattr(self._protocol, "linkProtocols", ()) if each != self._protocol
        ]
        return [*others, self._protocol]

    def connected(self, request: Any, client_id: str) -> None:
        """Tell them of a new client. From every thread."""
        self._tell("onConnect", request, client_id)

    def closed(self, client_id: str) -> None:
        """Tell them of a client that is gone. From every thread."""
        self._tell("onClose", client_id)

    def _tell(self, hook: str, *args: Any) -> None:
        if self._loop.is_closed():
            return  # the program ends
        for protocol in self._all():
            function = getattr(protocol, hook, None)
            if function is not None:
                self._loop.call_soon_threadsafe(function, *args)
