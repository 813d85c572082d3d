"""Our Python client at what is no wslink 2 server: one sentence each."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.waiting import asynchronous
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

import wslink_jupyter as wl


class Silent(WebSocketHandler):
    def on_message(self, message: bytes | str) -> None: ...


class Echo(WebSocketHandler):
    def on_message(self, message: bytes | str) -> Any:
        return self.write_message(message, binary=isinstance(message, bytes))


class Garbage(WebSocketHandler):
    def open(self) -> None:
        self.write_message(b"hi", binary=True)


class Text(WebSocketHandler):
    def open(self) -> None:
        self.write_message('{"wslink": "1.0", "id": "publish:a:0", "result": 5}')


class Version1(WebSocketHandler):
    """As wslink 1.12: what is no text raises in its handler, which ends the connection."""

    def on_message(self, message: bytes | str) -> None:
        assert isinstance(message, bytes)
        assert self.ws_connection is not None
        self.ws_connection.stream.close()


class Leaving(WebSocketHandler):
    def open(self) -> None:
        self.close(1001, "going away")


class Broken(RequestHandler):
    def get(self) -> None:
        self.send_error(500)

    def log_exception(self, *_: object) -> None: ...


class Closed(RequestHandler):
    def get(self) -> None:
        self.send_error(403)


@asynccontextmanager
async def served(handler: type[RequestHandler]) -> AsyncIterator[str]:
    sock, port = bind_unused_port()
    server = HTTPServer(Application([("/ws", handler)]))
    server.add_sockets([sock])
    try:
        yield f"ws://127.0.0.1:{port}/ws"
    finally:
        server.stop()
        await server.close_all_connections()


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (
            Silent,
            "expected an answer to the hello within 0.5 s, got none: is it a wslink 2 server?",
        ),
        (
            Echo,
            "expected a wslink 2 server: expected a hello's answer with a clientID, got None "
            "- at $.result",
        ),
        (
            Garbage,
            "expected an answer to the hello, got connection closed (4000): frame: expected at "
            "least 12 bytes, got 2: is it a wslink 2 server?",
        ),
        (
            Text,
            "expected an answer to the hello, got connection closed (1003): expected binary "
            "messages, got text, as of wslink 1.x: is it a wslink 2 server?",
        ),
        (
            Version1,
            "expected an answer to the hello, got connection closed (1006): is it a wslink 2 "
            "server?",
        ),
        (
            Leaving,
            "expected an answer to the hello, got connection closed (1001): going away: is it a "
            "wslink 2 server?",
        ),
        (
            Broken,
            "expected the WebSocket of a wslink server, such as "
            "…/wslink-jupyter/kernels/{kernel_id} of a Jupyter server, got HTTP 500",
        ),
        (
            Closed,
            "expected the WebSocket of a wslink server, such as "
            "…/wslink-jupyter/kernels/{kernel_id} of a Jupyter server, got HTTP 403",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@asynchronous
async def test_one_sentence_says_what_was_expected(
    handler: type[RequestHandler], sentence: str
) -> None:
    async with served(handler) as url:
        with pytest.raises(wl.CannotConnect, match=f"^{re.escape(f'{url}: {sentence}')}$"):
            async with wl.connect(url, timeout_s=0.5):
                pass


@asynchronous
async def test_nobody_listens_or_there_is_no_such_host() -> None:
    for url in ("ws://127.0.0.1:9/ws", "ws://no-such-host.invalid/ws"):
        with pytest.raises(wl.CannotConnect, match="expected a server that answers, got: "):
            async with wl.connect(url):
                pass
