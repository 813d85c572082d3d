"""wslink's quickstart, with only the package name changed, as a real program."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import pytest
from interop.conftest import run_npm
from support.program import Program, running
from support.sockets import HELLO, call, raw_socket
from support.waiting import asynchronous

from wslink_jupyter.client import connect
from wslink_jupyter.errors import AuthenticationFailed

_QUICKSTART = (Path(__file__).parents[1] / "support" / "quickstart.py").read_text()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(directory: Path, port: int, *changes: tuple[str, str]) -> Path:
    """Write the quickstart, on a port of its own."""
    text = _QUICKSTART
    for old, new in (("port=8080", f"port={port}"), *changes):
        assert old in text
        text = text.replace(old, new)
    path = directory / "quickstart.py"
    path.write_text(text)
    return path


async def _serving(program: Program) -> str:
    line = await program.line_with("wslink-jupyter serves")
    return next(word.rstrip(",;") for word in line.split() if "://" in word)


@asynchronous
async def test_npm_client_calls_it_and_ctrl_c_ends_it(tmp_path: Path, port: int) -> None:
    async with running(str(_program(tmp_path, port)), directory=tmp_path) as program:
        assert await _serving(program) == f"ws://127.0.0.1:{port}/ws"
        story = await run_npm(
            f"ws://127.0.0.1:{port}/ws",
            (
                ["call", "my.hello", ["Jupyter"]],
                ["call", "my.add", [1, 2]],
                ["call", "my.add", [], {"a": 0.5, "b": 1}],
                ["call", "my.add", [1]],
                ["destroy", 1],
            ),
        )
        hello, add, named, short = story.replies
        assert hello == {"result": "Hello, Jupyter!"}
        assert add == {"result": 3}
        assert named == {"result": 1.5}
        assert short["error"]["code"] == -32602
        # A page that leaves asks the whole server to exit: nobody else is to suffer.
        async with raw_socket(f"ws://127.0.0.1:{port}/ws") as other:
            await other.hello()
            assert (await other.ask(call(1, "my.add", 2, 2)))["result"] == 4
            assert await program.interrupted() == (0, "", "")
            assert await other.closed() == (1001, "the server stops")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@asynchronous
async def test_sigterm_ends_it_and_answers_what_is_in_flight(tmp_path: Path, port: int) -> None:
    changes = [
        (
            "def add(self, a, b):\n        return a + b",
            "async def add(self):\n        await asyncio.sleep(99)",
        )
    ]
    path = _program(tmp_path, port, *changes)
    async with running(str(path), directory=tmp_path) as program:
        url = await _serving(program)
        async with raw_socket(url) as client:
            await client.hello()
            await client.send(call(1, "my.add"))
            assert (await client.ask(call(2, "my.hello", "you")))["result"] == "Hello, you!"
            program.send_signal(signal.SIGTERM)
            reply = await client.receive()
            assert (reply["id"], reply["error"]["code"]) == ("rpc:c0:1", -32005)
            assert await client.closed() == (1001, "the server stops")
        assert await program.end() == (0, "", "")


@asynchronous
async def test_clients_that_vanish_leave_no_trace(tmp_path: Path, port: int) -> None:
    async with running(str(_program(tmp_path, port)), directory=tmp_path) as program:
        url = await _serving(program)
        for message in (None, HELLO, call(1, "my.hello", "x" * 1_000_000)):
            async with raw_socket(url) as client:
                await client.hello()
                if message is not None:
                    await client.send(message)
                client.vanish()
        async with connect(url, secret="wslink-secret") as session:
            assert await session.call("my.add", 1, 1) == 2
        assert await program.interrupted() == (0, "", "")


@asynchronous
async def test_without_a_secret_a_random_one_is_printed_once(tmp_path: Path, port: int) -> None:
    path = _program(tmp_path, port, (', secret="wslink-secret"', ""))
    async with running(str(path), directory=tmp_path) as program:
        line = await program.line()
        secret = line.partition("secret ")[2].partition(";")[0]
        assert secret[0] not in "0123456789abcdef"
        assert len(secret) == 33
        url = f"ws://127.0.0.1:{port}/ws"
        with pytest.raises(AuthenticationFailed, match="Authentication failed"):
            async with connect(url, secret="wslink-secret"):
                pass
        async with connect(url, secret=secret) as session:
            assert await session.call("my.hello", "you") == "Hello, you!"
        assert await program.interrupted() == (0, "", "")


@asynchronous
async def test_a_wrong_secret_is_refused_as_stock_does(tmp_path: Path, port: int) -> None:
    wrong = [{**HELLO, "args": args} for args in ([{"secret": "x"}], [{"secret": None}], [])]
    refusal = {
        "wslink": "1.0",
        "id": "system:c0:0",
        "error": {"code": -32000, "message": "Authentication failed"},
    }
    async with running(str(_program(tmp_path, port)), directory=tmp_path) as program:
        url = await _serving(program)
        async with raw_socket(url) as client:
            assert await client.ask(wrong[0]) == refusal
            # Before the hello, nothing is called; and one may try again.
            assert (await client.ask(call(1, "my.add", 1, 2)))["error"]["code"] == -32000
            assert await client.ask(wrong[1]) == refusal
            assert (await client.hello())["maxMsgSize"] == 4 * 1024 * 1024
            # A later one does not undo it.
            assert await client.ask(wrong[0]) == refusal
            assert await client.ask(wrong[0]) == refusal
            assert (await client.ask(call(2, "my.add", 1, 2)))["result"] == 3
        async with raw_socket(url) as client:
            for envelope in wrong:
                assert await client.ask(envelope) == refusal
            assert await client.closed() == (4003, "3 hellos were refused")
        assert await program.interrupted() == (0, "", "")


@asynchronous
async def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with running(str(_program(tmp_path, port)), directory=tmp_path) as program:
            code, output, errors = await program.end()
    assert (code, output) == (1, "")
    assert errors.splitlines()[-1] == (
        f"wslink_jupyter.errors.ServeError: port: expected a free one at 127.0.0.1, "
        f"got {port}, which is taken; choose another, or 0 for any free one"
    )
