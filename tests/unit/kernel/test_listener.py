import asyncio
import hashlib
import os
import signal
import socket
import stat
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from support.asynchronous import async_test, until
from support.endpoints import EPOCH, served
from support.pairs import LendingTransport

from wslink_jupyter.client import ClientSession
from wslink_jupyter.errors import ConnectionClosed, LinkError, LinkVersionMismatch
from wslink_jupyter.kernel.listener import LinkListener
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.endpoint import Identity, WebFile
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.transport import link
from wslink_jupyter.transport.endpoint_table import EndpointTable
from wslink_jupyter.transport.link import Kind
from wslink_jupyter.transport.link_transport import LinkTransport
from wslink_jupyter.transport.memory_offer import accept_memory, offer_memory
from wslink_jupyter.transport.rendezvous import remove
from wslink_jupyter.transport.served import SessionEndpoint
from wslink_jupyter.transport.stream import LinkStream

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets")

needs_memory = pytest.mark.skipif(not CAN_SHARE, reason="memory is lent on Linux only")

KEY = b"the key"
OPEN = {"endpoint": "default", "user": "somebody", "max_frame_bytes": 1_000_000}


class Kernel:
    """A listener as a kernel has it, and ways to dial it."""

    def __init__(self, here, directory, key=KEY):
        self.here = here
        self.status = {"busy": False}
        identity = Identity("0.1.0", EPOCH)
        endpoints = EndpointTable(SessionEndpoint(here.endpoint), asyncio.get_running_loop())
        self.listener = LinkListener(key, identity, endpoints, here.pool, lambda: self.status)
        self.rendezvous = self.listener.listen(directory)
        self.streams = []

    async def dial(self):
        sock = socket.socket(socket.AF_UNIX)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, self.rendezvous.unix)
        except OSError:
            sock.close()
            raise
        self.streams.append(LinkStream(sock, asyncio.get_running_loop()))
        return self.streams[-1]

    async def shake(self, key=KEY):
        """Dial and do the handshake; return stream and epoch."""
        stream = await self.dial()
        handshake = link.ServerHandshake(key, "n" * 32, "0.1.0")
        await stream.write((handshake.hello(),))
        proof, epoch = handshake.answer(*await stream.read_fields(4096))
        await stream.write((proof,))
        return stream, epoch

    async def open(self, **changes):
        stream, _ = await self.shake()
        await stream.write((link.encode(Kind.OPEN, OPEN | changes),))
        assert await stream.read_fields(4096) == (Kind.MEMORY, {})  # OPEN did not ask for it
        await stream.write((link.encode(Kind.MEMORY, {}),))
        return LinkTransport(stream, 2**24)

    async def open_sharing(self):
        """Open as a server does that lends; return its end."""
        stream, _ = await self.shake()
        await stream.write((link.encode(Kind.OPEN, OPEN | {"shares_memory": True}),))
        borrows = await accept_memory(stream)
        pool = BufferPool()
        assert await offer_memory(stream, pool.memory) is pool.memory
        return LendingTransport(stream, pool, borrows)

    async def close(self):
        await self.listener.close(4010, "the test is over")
        for stream in self.streams:
            stream.abort()


@asynccontextmanager
async def kernel_in(directory, **changes):
    async with served() as here:
        kernel = Kernel(here, directory, **changes)
        try:
            yield kernel
        finally:
            await kernel.close()


async def is_dropped(stream):
    with pytest.raises(ConnectionClosed):
        await stream.read(4096)
    return True


async def read_to_the_end(stream):
    while True:
        await stream.read(4096)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@async_test
async def test_a_session_over_the_real_socket(tmp_path):
    async with kernel_in(tmp_path) as kernel:
        kernel.here.expose(lambda x: x * 2, "double", "loop")
        client = ClientSession(await kernel.open())
        await client.open("")
        assert client.hello["maxMsgSize"] == 1_000_000
        assert client.hello["epoch"] == EPOCH
        assert await client.call("double", 21) == 42
        (info,) = kernel.here.endpoint.hub.infos()
        assert info.user == "somebody"
        await client.close()
        await until(lambda: kernel.here.endpoint.hub.infos() == [])


@needs_memory
@pytest.mark.parametrize("size", [1, 40_000, 300_000, 5_000_000, 20_000_001])
@async_test
async def test_what_is_lent_both_ways_is_what_it_was(tmp_path, size):
    async with kernel_in(tmp_path) as kernel:
        kernel.here.expose(lambda data: [data, hashlib.sha256(data).digest()], "echo", "loop")
        transport = await kernel.open_sharing()
        lent = lending_of(transport)
        client = ClientSession(transport)
        await client.open("")
        for number in range(3):
            data = bytes([number, *range(250)]) * (size // 251 + 1)
            assert await client.call("echo", data) == [data, hashlib.sha256(data).digest()]
        # All that is large enough, of every chunk its content.
        assert sum(lent) > 3 * size - 100_000
        await client.close()


@needs_memory
@async_test
async def test_arrays_that_were_uploaded_stay_what_they_were(tmp_path):
    kept = []
    async with kernel_in(tmp_path) as kernel:
        kernel.here.expose(lambda array: kept.append(array), "keep", "loop")
        client = ClientSession(await kernel.open_sharing())
        await client.open("")
        for number in range(20):  # more than is lent at a time
            await client.call("keep", np.full(60_000, number, "f4"))
        await client.close()
    assert [(array.min(), array.max()) for array in kept] == [(n, n) for n in range(20)]


@needs_memory
@async_test
async def test_a_server_that_dies_while_it_lends_costs_its_session_only(tmp_path):
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, found: problems.append(found))
    async with kernel_in(tmp_path) as kernel:
        kernel.here.expose(len, "len", "loop")
        client = ClientSession(transport := await kernel.open_sharing())
        await client.open("")
        lent = lending_of(transport)
        calling = asyncio.create_task(client.call("len", bytes(20_000_000)))
        await until(lambda: lent)
        transport.abort()
        await asyncio.wait((calling,))
        assert isinstance(calling.exception(), ConnectionClosed)
        await until(lambda: kernel.here.endpoint.hub.infos() == [])
        again = ClientSession(await kernel.open_sharing())
        await again.open("")
        assert await again.call("len", bytes(20_000_000)) == 20_000_000
        await again.close()
        await client.close()
    assert problems == []


@needs_memory
@pytest.mark.parametrize(
    "message",
    [
        link.encode_header(Kind.SHARED, 12) + (2**26).to_bytes(4, "little") + b"\1" + bytes(7),
        link.encode_header(Kind.SHARED, 12) + bytes(4) + b"\xff" * 4 + bytes(4),
        link.encode_header(Kind.SHARED, 0),
        link.encode_header(Kind.RETURNED, 4) + b"\1\0\0\0",
    ],
)
@async_test
async def test_a_server_that_lends_what_is_not_there_is_dropped(tmp_path, message):
    async with kernel_in(tmp_path) as kernel:
        await kernel.open_sharing()
        stream = kernel.streams[-1]
        await stream.write((message,))
        with pytest.raises(ConnectionClosed):
            await read_to_the_end(stream)
        await until(lambda: kernel.here.endpoint.hub.infos() == [])


@needs_memory
@pytest.mark.parametrize("fault", ["another size", "not sealed", "no MEMORY"])
@async_test
async def test_memory_that_is_not_what_is_said_is_refused(tmp_path, fault):
    async with kernel_in(tmp_path) as kernel:
        stream, _ = await kernel.shake()
        await stream.write((link.encode(Kind.OPEN, OPEN),))
        await accept_memory(stream)
        pool = BufferPool()
        if fault == "another size":
            pool.memory.size_bytes -= 1
            await offer_memory(stream, pool.memory)
        elif fault == "not sealed":
            with (tmp_path / "file").open("w+b") as file:
                file.truncate(4096)
                message = link.encode(Kind.MEMORY, {"size_bytes": 4096})
                await stream.write_with_descriptor(message, file.fileno())
        else:
            await stream.write((link.encode_header(Kind.DATA, 2), b"{}"))
        assert await is_dropped(stream)
        assert kernel.here.endpoint.hub.infos() == []


def lending_of(transport):
    """Return the sizes of the frames that a server lends from now on."""
    sizes, lend = [], transport._lender.lend

    def lending(parts):
        message = lend(parts)
        if message is not None:
            sizes.append(sum(map(len, parts)))
        return message

    transport._lender.lend = lending
    return sizes


@async_test
async def test_socket_and_directory_are_for_the_owner_only(tmp_path):
    before = os.umask(0)
    try:
        async with kernel_in(tmp_path) as kernel:
            path = Path(kernel.rendezvous.unix)
            assert path.is_relative_to(tmp_path)
            assert mode(path) == 0o600
            assert mode(path.parent) == 0o700
            assert (kernel.rendezvous.pid, kernel.rendezvous.port) == (os.getpid(), 0)
            remove(tmp_path / "wslink-kernel.json", kernel.rendezvous)
    finally:
        os.umask(before)
    assert list(tmp_path.iterdir()) == []


@async_test
async def test_a_long_path_falls_back_to_the_temporary_directory(tmp_path, monkeypatch):
    # Short whatever pytest's own directory is called.
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    async with kernel_in(deep) as kernel:
        assert len(kernel.rendezvous.unix) <= 100
        assert Path(kernel.rendezvous.unix).parent.parent == Path("/tmp")
        assert list(deep.iterdir()) == []
        _, epoch = await kernel.shake()
        assert epoch == EPOCH
    remove(deep / "wslink-kernel.json", kernel.rendezvous)
    assert not Path(kernel.rendezvous.unix).parent.exists()


@async_test
async def test_who_does_not_know_the_key_is_dropped(tmp_path):
    async with kernel_in(tmp_path) as kernel:
        stream = await kernel.dial()
        handshake = link.ServerHandshake(b"wrong", "n", "0.1.0")
        await stream.write((handshake.hello(),))
        kind, fields = await stream.read_fields(4096)
        with pytest.raises(LinkError, match="does not know its key"):
            handshake.answer(kind, fields)
        await stream.write((link.encode(Kind.PROOF, {"proof": "0" * 64}),))
        await stream.write((link.encode(Kind.OPEN, OPEN),))
        assert await is_dropped(stream)
        assert kernel.here.endpoint.hub.infos() == []


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        link.encode_header(Kind.HELLO, 4097),
        link.encode_header(Kind.HELLO, 1) + b"{",
        link.encode_header(Kind.HELLO, 4096) + b"[" * 4096,
        link.encode(Kind.HELLO, {"link": link.LINK_VERSION}),
        link.encode(Kind.OPEN, OPEN),
        link.encode(Kind.HELLO, {"link": link.LINK_VERSION, "nonce": "\ud800"})
        + link.encode(Kind.PROOF, {"proof": "é"}),
    ],
)
@async_test
async def test_garbage_is_dropped_and_the_next_is_served(tmp_path, data):
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, found: problems.append(found))
    async with kernel_in(tmp_path) as kernel:
        stream = await kernel.dial()
        await stream.write((data,))
        with pytest.raises((ConnectionClosed, LinkError)):
            await read_to_the_end(stream)
        _, epoch = await kernel.shake()
        assert epoch == EPOCH
    assert problems == []


@async_test
async def test_another_version_is_refused_in_words(tmp_path):
    async with kernel_in(tmp_path) as kernel:
        stream = await kernel.dial()
        hello = {"link": 99, "version": "9.9", "nonce": "n"}
        await stream.write((link.encode(Kind.HELLO, hello),))
        handshake = link.ServerHandshake(KEY, "n", "9.9")
        with pytest.raises(LinkVersionMismatch, match=r'pip install "wslink-jupyter==9\.9"'):
            handshake.answer(*await stream.read_fields(4096))
        assert await is_dropped(stream)


@async_test
async def test_an_unknown_endpoint_is_refused_with_the_known_ones(tmp_path):
    async with kernel_in(tmp_path) as kernel:
        stream, _ = await kernel.shake()
        await stream.write((link.encode(Kind.OPEN, OPEN | {"endpoint": "other"}),))
        reason = "expected an endpoint of this kernel (default), got 'other'"
        assert await stream.read_fields(4096) == (Kind.REFUSED, {"reason": reason})
        assert await is_dropped(stream)


@async_test
async def test_a_control_connection_hears_the_status_at_once_and_at_every_change(tmp_path):
    async with kernel_in(tmp_path) as kernel:
        stream, _ = await kernel.shake()
        await stream.write((link.encode(Kind.CONTROL, {}),))
        assert await stream.read_fields(4096) == (Kind.STATUS, {"busy": False})
        kernel.status = {"busy": True}
        kernel.listener.controls.status_changed()
        assert await stream.read_fields(4096) == (Kind.STATUS, {"busy": True})
        await stream.write((link.encode(Kind.HELLO, {}),))
        assert await is_dropped(stream)


@async_test
async def test_a_web_file_comes_with_its_name_and_size(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "picture.png").write_bytes(content)
    async with kernel_in(tmp_path) as kernel:
        kernel.here.endpoint.find_file = {"a/b": WebFile(tmp_path / "picture.png")}.get
        stream, _ = await kernel.shake()
        await stream.write((link.encode(Kind.FILE_GET, {"endpoint": "default", "path": "a/b"}),))
        expected = {"name": "picture.png", "size_bytes": len(content), "is_page": False}
        assert await stream.read_fields(4096) == (Kind.FILE, expected)
        read = b""
        while len(read) < len(content):
            kind, part = await stream.read(2**24)
            assert kind is Kind.DATA
            read += part
        assert read == content
        assert await is_dropped(stream)


@pytest.mark.parametrize("asked", [{}, {"endpoint": "other", "path": "a"}, {"path": 5}])
@async_test
async def test_a_web_file_that_is_not_there_is_told(tmp_path, asked):
    async with kernel_in(tmp_path) as kernel:
        stream, _ = await kernel.shake()
        await stream.write((link.encode(Kind.FILE_GET, {"endpoint": "default"} | asked),))
        assert await stream.read_fields(4096) == (Kind.FILE, {})
        assert await is_dropped(stream)


@async_test
async def test_closing_answers_every_call_and_says_why(tmp_path):
    async with kernel_in(tmp_path) as kernel:
        kernel.here.expose(asyncio.Event().wait, "forever", "loop")
        client = ClientSession(await kernel.open())
        await client.open("")
        calling = asyncio.create_task(client.call("forever"))
        await until(lambda: kernel.here.endpoint.hub.infos()[0].calls)
        await kernel.listener.close(4010, "stopped")
        closed = await client.closed()
        assert (closed.code, closed.reason) == (4010, "stopped")
        await asyncio.wait((calling,))
        assert getattr(calling.exception(), "code", None) == -32005
        with pytest.raises(OSError, match="refused"):
            await kernel.dial()
        await client.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@async_test
async def test_a_forked_child_that_abandons_does_not_hide_the_end(tmp_path):
    async with kernel_in(tmp_path) as kernel:
        stream, _ = await kernel.shake()
        with forked(kernel.listener.abandon):
            await kernel.listener.close(4010, "the parent is gone")
            assert await is_dropped(stream)


@contextmanager
def forked(act):
    """Fork a child that acts, and stays until the block is left."""
    acted, tell = os.pipe()
    child = os.fork()
    if child == 0:
        act()
        os.write(tell, b"x")
        signal.pause()
    try:
        assert os.read(acted, 1) == b"x"
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(acted)
        os.close(tell)
