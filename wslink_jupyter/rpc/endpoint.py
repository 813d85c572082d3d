"""A named set of procedures and topics, and the sessions that use it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wslink_jupyter.codes import RpcCode
from wslink_jupyter.errors import RpcError
from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.dispatch import Dispatcher
from wslink_jupyter.rpc.execution import Runners
from wslink_jupyter.rpc.hub import Hub
from wslink_jupyter.rpc.registry import Registry
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.rpc.topics import API_CHANGED_TOPIC
from wslink_jupyter.wire.envelopes import Hello

#: Number of the extensions that our own client and endpoint agree on.
PROTOCOL = 1
#: What our Python client calls itself.
PYTHON_CLIENT = "wslink_jupyter (Python)"


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file that an endpoint serves to browsers.

    Attributes
    ----------
    path : Path
    is_page : bool
        Whether it belongs to a page that runs with the user's login, as a view's
        module does; others are confined.
    """

    path: Path
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers a hello.

    Attributes
    ----------
    version : str
        Of this package.
    epoch : str
        Random per kernel start, 32 hexadecimal digits.
    """

    version: str
    epoch: str

    def greet(self, hello: Hello) -> dict[str, Any]:
        """Accept a hello that speaks our protocol, or none (a stock client).

        Raises
        ------
        RpcError
            Code -32600 if the client speaks another version of ours; says
            which side to upgrade.
        """
        protocol = hello.details.get("protocol")
        if protocol is None:
            return {}
        if type(protocol) is not int or protocol != PROTOCOL:  # an array has no truth value
            raise RpcError(
                f"expected a client of wslink-jupyter protocol {PROTOCOL}, got {protocol!r:.20}. "
                + _upgrade_hint(protocol, self.version, hello.details),
                code=RpcCode.INVALID_REQUEST,
            )
        ours = {"protocol": PROTOCOL, "version": self.version, "epoch": self.epoch}
        return {**ours, "receipts": True}


def _upgrade_hint(protocol: object, version: str, peer: dict[str, Any]) -> str:
    """Return the line to run, and where, when client and kernel differ."""
    peer_version = str(peer.get("version", "?"))[:20]
    if isinstance(protocol, int) and protocol > PROTOCOL:
        return (
            f"In the kernel's environment (version {version}): "
            f'pip install "wslink-jupyter=={peer_version}"'
        )
    install = f'(version {peer_version}): pip install "wslink-jupyter=={version}"'
    if peer.get("client") == PYTHON_CLIENT:
        return f"In the client's environment {install}"
    # Pages get their client from there.
    return f"In the Jupyter server's environment {install}, then reload the page"


class Endpoint:
    """What clients connect to.

    Parameters
    ----------
    name : str
    loop : asyncio.AbstractEventLoop
        Where its sessions live.
    runners : dict
        One runner per execution policy.
    identity : Identity
    limits : Limits

    Attributes
    ----------
    registry : Registry
    hub : Hub
    dispatcher : Dispatcher
    find_file : callable
        Returns the `WebFile` that the endpoint has at a path, or None.
    """

    kind = "kernel"

    def __init__(
        self,
        name: str,
        loop: asyncio.AbstractEventLoop,
        runners: Runners,
        identity: Identity,
        limits: Limits,
    ) -> None:
        self.name = name
        self.hub = Hub(loop)
        self.registry = Registry(self._api_changed)
        self.dispatcher = Dispatcher(self.registry, runners, self.hub.pool.take)
        self.find_file: Callable[[str], WebFile | None] = lambda path: None
        self._identity = identity
        self._limits = limits

    def open_session(self, user: str, max_frame_bytes: int = Limits.max_frame_bytes) -> Session:
        """Return a session for a client that has connected, on the loop.

        The caller pumps it, and calls `close_session` at the end.

        Parameters
        ----------
        user : str
        max_frame_bytes : int
            What the way to the client takes; the limits may say less.
        """
        limits = self._limits
        if max_frame_bytes < limits.max_frame_bytes:
            limits = replace(limits, max_frame_bytes=max_frame_bytes)
        return Session(
            f"c{uuid.uuid4().hex}",
            user,
            self.dispatcher,
            self._identity.greet,
            limits,
            self.hub,
        )

    def close_session(self, session: Session) -> None:
        """Forget a session. Idempotent."""
        self.hub.discard(session)
        session.end()

    def _api_changed(self, names: list[str]) -> None:
        self.hub.publish(API_CHANGED_TOPIC, {"names": names})
