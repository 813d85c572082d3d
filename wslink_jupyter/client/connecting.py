"""Making a connection: URLs, login, hello, and what to do where it fails."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from wslink_jupyter.client.address import Address
from wslink_jupyter.client.session import ClientSession
from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import (
    AuthenticationFailed,
    CannotConnect,
    ConnectionClosed,
    KernelNotFound,
    LoginRefused,
    RemoteProtocolError,
    RuntimeNotLoaded,
)
from wslink_jupyter.limits import CLIENT_LIMITS
from wslink_jupyter.transport.base import FrameTransport

#: A server that says nothing for their sum is gone.
_PING_INTERVAL_S = _PING_TIMEOUT_S = 18.0


@asynccontextmanager
async def connect(
    url: str, *, token: str | None = None, secret: str = "", timeout_s: float = 60.0
) -> AsyncIterator[ClientSession]:
    """Connect to an endpoint of a kernel, or to any wslink server.

    ``async with wl.connect(url, token=…) as session``: the session is closed
    at the end. It works in scripts and in notebooks. It does not reconnect.

    Parameters
    ----------
    url : str
        ``http(s)`` or ``ws(s)://{server}/wslink-jupyter/kernels/{kernel_id}``,
        with an ``/{endpoint}`` other than ``default`` and ``/ws`` where wanted;
        or ``…/api/kernels/{kernel_id}``, Jupyter's own for the kernel; or the
        WebSocket of another wslink server, as it stands.
    token : str, optional
        Of the Jupyter server; also taken from a ``?token=`` of its URL.
    secret : str
        Of another wslink server; a Jupyter server ignores it.
    timeout_s : float
        How long the connection may take, and then the hello. A Jupyter server
        waits 30 s for a kernel to load the extension.

    Raises
    ------
    LoginRefused
        Without token, with a wrong one, or without permission.
    KernelNotFound
        If the server has no such kernel.
    RuntimeNotLoaded
        If the kernel has not loaded the extension, or has no such endpoint.
    AuthenticationFailed
        If `secret` is not the server's.
    RpcError
        If the hello is refused otherwise, such as by another version.
    CannotConnect
        If there is no wslink 2 server.
    ConnectionClosed
        If the connection ended before the hello was answered.
    ValueError
        If `url` is none.
    """
    address = Address.parse(url, token)
    notices = _Notices()
    session = ClientSession(await _open(address, notices, timeout_s))
    try:
        await _greet(session, secret, address, notices, timeout_s)
        yield session
    finally:
        await session.close()


class _Notices:
    """What the Jupyter server says of the kernel: its newest sentence."""

    def __init__(self) -> None:
        self.reason = ""

    def hear(self, text: str) -> None:
        """Take a text message; others than those of the kernel are not for us."""
        with contextlib.suppress(ValueError, AttributeError):
            self.reason = str(json.loads(text).get("reason", ""))


async def _open(address: Address, notices: _Notices, timeout_s: float) -> FrameTransport:
    # Not at import: that of the package stays light.
    from tornado.httpclient import HTTPClientError, HTTPRequest
    from tornado.websocket import WebSocketError, websocket_connect

    from wslink_jupyter.transport.socket_handler import SUBPROTOCOL
    from wslink_jupyter.transport.websocket import ClientWebSocket

    headers = {"Authorization": f"token {address.token}"} if address.token else {}
    request = HTTPRequest(
        address.url, headers=headers, connect_timeout=timeout_s, request_timeout=timeout_s
    )
    try:
        connection = await websocket_connect(
            request,
            max_message_size=CLIENT_LIMITS.max_message_bytes,
            subprotocols=[SUBPROTOCOL] if address.is_kernel else None,
            ping_interval=_PING_INTERVAL_S,
            ping_timeout=_PING_TIMEOUT_S,
        )
    except HTTPClientError as error:
        raise _refused(address, error.code) from None
    except WebSocketError:
        raise _no_socket(address, "a page", None) from None
    except OSError as error:
        raise CannotConnect(f"{address}: expected a server that answers, got: {error}") from error
    has_notices = connection.selected_subprotocol == SUBPROTOCOL
    return ClientWebSocket(connection, notices.hear if has_notices else None)


async def _greet(
    session: ClientSession, secret: str, address: Address, notices: _Notices, timeout_s: float
) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await session.open(secret)
    except TimeoutError:
        raise CannotConnect(
            f"{address}: expected an answer to the hello within {timeout_s:g} s, got none: "
            "is it a wslink 2 server?"
        ) from None
    except AuthenticationFailed as error:
        raise AuthenticationFailed(
            f"{address}: expected the secret of this server (pass secret=…), got another: "
            f"{error.message}"
        ) from None
    except RemoteProtocolError as error:
        raise CannotConnect(f"{address}: expected a wslink 2 server: {error}") from None
    except ConnectionClosed as error:
        if error.code == CloseCode.NO_RUNTIME:
            # The whole sentence; a close frame holds 123 bytes of it.
            raise RuntimeNotLoaded(max(error.reason, notices.reason, key=len)) from None
        if address.is_kernel:
            raise
        raise CannotConnect(
            f"{address}: expected an answer to the hello, got {error}: is it a wslink 2 server?"
        ) from None


def _refused(address: Address, status: int) -> CannotConnect:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and address.is_kernel:
        got = "one that it does not take" if address.token else "none"
        return LoginRefused(
            f"{address}: expected a token of the Jupyter server whose user may execute code "
            f"(pass token=…, `jupyter server list` prints it), got {got} (HTTP {status})",
            status,
        )
    if status == HTTPStatus.NOT_FOUND and address.is_kernel:
        return KernelNotFound(
            f"{address}: expected a kernel of this server ({address.server}/api/kernels lists "
            "them) and wslink_jupyter installed beside it (pip install wslink-jupyter), "
            "got HTTP 404",
            status,
        )
    if status == 599:  # tornado's own
        return CannotConnect(f"{address}: expected a server that answers, got none in time")
    return _no_socket(address, f"HTTP {status}", status)


def _no_socket(address: Address, got: str, status: int | None) -> CannotConnect:
    return CannotConnect(
        f"{address}: expected the WebSocket of a wslink server, such as "
        f"…/wslink-jupyter/kernels/{{kernel_id}} of a Jupyter server, got {got}",
        status,
    )
