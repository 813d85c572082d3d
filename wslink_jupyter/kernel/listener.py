"""The link's kernel end: listens, checks who dials, serves sessions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import struct
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from wslink_jupyter.errors import ConnectionClosed, LinkError, LinkVersionMismatch
from wslink_jupyter.kernel.control_connections import ControlConnections
from wslink_jupyter.limits import FRAME_OVERHEAD_BYTES, HEADER_BYTES, MIB
from wslink_jupyter.rpc.endpoint import Identity, WebFile
from wslink_jupyter.rpc.worker_pool import WorkerPool
from wslink_jupyter.transport import link
from wslink_jupyter.transport.endpoint_table import EndpointTable
from wslink_jupyter.transport.link_transport import LinkTransport
from wslink_jupyter.transport.memory_offer import accept_memory, offer_memory
from wslink_jupyter.transport.rendezvous import Rendezvous
from wslink_jupyter.transport.served import ServedEndpoint
from wslink_jupyter.transport.stream import LinkStream

_log = logging.getLogger("wslink_jupyter.link")

_HANDSHAKE_TIMEOUT_S = 10.0
_ACCEPT_RETRY_S = 1.0
#: Largest frame and largest web file that are carried, whatever a server allows.
_MAX_FRAME_BYTES = 16 * MIB + FRAME_OVERHEAD_BYTES
_MAX_FILE_BYTES = 64 * MIB
#: Paths of Unix sockets end at 107 bytes.
_MAX_PATH_BYTES = 100
#: How long to wait for clients when their round trip is measured.
ROUND_TRIP_S = 0.5


class LinkListener:
    """Accepts the Jupyter server's connections. Lives on the link's loop.

    Parameters
    ----------
    key : bytes
        Of the kernel's connection file.
    identity : Identity
    endpoints : EndpointTable
    pool : WorkerPool
        Reads web files.
    status : callable
        Returns the fields of STATUS.

    Attributes
    ----------
    controls : ControlConnections
    """

    def __init__(
        self,
        key: bytes,
        identity: Identity,
        endpoints: EndpointTable,
        pool: WorkerPool,
        status: Callable[[], dict[str, Any]],
    ) -> None:
        self._key = key
        self._identity = identity
        self._endpoints = endpoints
        self._pool = pool
        self._sockets: set[socket.socket] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.controls = ControlConnections(status)

    def listen(self, directory: Path) -> Rendezvous:
        """Open the socket and accept from now on; return where it is.

        Parameters
        ----------
        directory : Path
            Of the connection file; a fresh 0700 directory for the socket is
            made in it, or in the temporary directory if its path is too long.
        """
        place: dict[str, Any] = {}
        if hasattr(socket, "AF_UNIX"):
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            place["unix"] = str(_socket_path(directory))
            listener.bind(place["unix"])
            Path(place["unix"]).chmod(0o600)
        elif not self._key:
            raise LinkError("link: expected a key in the connection file: any user could dial")
        else:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.bind(("127.0.0.1", 0))
            place["port"] = listener.getsockname()[1]
        listener.listen()
        listener.setblocking(False)
        self._sockets.add(listener)
        self._start(self._accept(listener))
        return Rendezvous(self._identity.epoch, self._identity.version, os.getpid(), **place)

    async def close(self, code: int, reason: str) -> None:
        """Answer what is in flight, close every connection and stop listening."""
        await asyncio.gather(*(endpoint.close(code, reason) for endpoint in self._endpoints))
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for sock in self._sockets:
            sock.close()

    def abandon(self) -> None:
        """Let go of every socket in a forked child, without a word to the peer.

        The server sees end-of-file only when the last process has let go.
        """
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                os.close(sock.detach())

    def _start(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, _ = await loop.sock_accept(listener)
            except OSError as error:  # no descriptors left, say
                _log.warning("cannot accept a connection: %s", error)
                await asyncio.sleep(_ACCEPT_RETRY_S)
                continue
            if not _is_own(sock):
                sock.close()
                continue
            self._sockets.add(sock)
            self._start(self._serve(sock))

    async def _serve(self, sock: socket.socket) -> None:
        stream: LinkStream | None = None
        try:
            stream = LinkStream(sock, asyncio.get_running_loop())
            kind, fields = await self._greet(stream)
            if kind is link.Kind.OPEN:
                await self._serve_session(stream, fields)
            elif kind is link.Kind.CONTROL:
                await self._serve_control(stream, fields)
            elif kind is link.Kind.FILE_GET:
                await self._serve_file(stream, fields)
        except (ConnectionClosed, LinkError, TimeoutError) as error:
            _log.debug("link connection ended: %s", error)
        finally:
            self._sockets.discard(sock)
            if stream is not None:
                stream.abort()

    async def _greet(self, stream: LinkStream) -> tuple[link.Kind, dict[str, Any]]:
        """Do the handshake; return the message after it."""
        handshake = link.KernelHandshake(
            self._key, secrets.token_hex(16), self._identity.version, self._identity.epoch
        )
        async with asyncio.timeout(_HANDSHAKE_TIMEOUT_S):
            try:
                challenge = handshake.challenge(*await stream.read_fields(link.MAX_HANDSHAKE_BYTES))
            except LinkVersionMismatch as error:
                await stream.write((link.encode(link.Kind.REFUSED, {"reason": str(error)}),))
                raise
            await stream.write((challenge,))
            handshake.check_proof(*await stream.read_fields(link.MAX_HANDSHAKE_BYTES))
            return await stream.read_fields(link.MAX_HANDSHAKE_BYTES)

    async def _serve_session(self, stream: LinkStream, fields: dict[str, Any]) -> None:
        name = str(fields.get("endpoint", ""))
        endpoint = self._endpoints.find(name)
        if endpoint is None:
            known = ", ".join(sorted(endpoint.name for endpoint in self._endpoints))
            reason = f"expected an endpoint of this kernel ({known:.500}), got {name!r:.100}"
            await stream.write((link.encode(link.Kind.REFUSED, {"reason": reason}),))
            await stream.close()
            return
        memory = None
        if endpoint.pool is not None:
            stream.allocate_with(endpoint.pool.take)
            if fields.get("shares_memory") is True:
                memory = endpoint.pool.memory
        async with asyncio.timeout(_HANDSHAKE_TIMEOUT_S):
            lends = await offer_memory(stream, memory)
            borrows = await accept_memory(stream)
        # A cell can hold the interpreter for longer than the server keeps what it lent.
        transport = LinkTransport(
            stream, _MAX_FRAME_BYTES, lends=lends, borrows=borrows, reads_on=False
        )
        max_frame_bytes = fields.get("max_frame_bytes")
        if not isinstance(max_frame_bytes, int) or max_frame_bytes <= HEADER_BYTES:
            raise LinkError(f"link: expected max_frame_bytes in OPEN, got {max_frame_bytes!r:.20}")
        on_slow = partial(self.controls.session_ended, str(fields.get("connection", "")))
        await endpoint.serve(transport, str(fields.get("user", "")), max_frame_bytes, on_slow)

    async def _serve_control(self, stream: LinkStream, fields: dict[str, Any]) -> None:
        if fields.get("measure") is True:
            measuring = (endpoint.measure_round_trips(ROUND_TRIP_S) for endpoint in self._endpoints)
            await asyncio.gather(*measuring)
        await self.controls.serve(stream)

    async def _serve_file(self, stream: LinkStream, fields: dict[str, Any]) -> None:
        endpoint = self._endpoints.find(str(fields.get("endpoint", "")))
        read = partial(_read_file, endpoint, str(fields.get("path", "")))
        # A slow disk must not hold up the calls of others.
        found = await asyncio.wrap_future(self._pool.submit(read))
        if found is None:
            await stream.write((link.encode(link.Kind.FILE, {}),))
        else:
            file, content = found
            fields = {
                "name": file.path.name,
                "size_bytes": len(content),
                "is_page": file.is_page,
            }
            await stream.write((link.encode(link.Kind.FILE, fields),))
            for chunk in (content[at : at + MIB] for at in range(0, len(content), MIB)):
                await stream.write((link.encode_header(link.Kind.DATA, len(chunk)), chunk))
        await stream.close()


def _read_file(endpoint: ServedEndpoint | None, path: str) -> tuple[WebFile, bytes] | None:
    """Return a web file and its content; None if there is none, or it is too large."""
    try:
        found = endpoint.find_file(path) if endpoint else None
        if found is None or found.path.stat().st_size > _MAX_FILE_BYTES:
            return None
        return found, found.path.read_bytes()
    except (OSError, RuntimeError):  # RuntimeError: links in a circle
        return None


def _socket_path(directory: Path) -> Path:
    """Make a directory that only we can enter; return a path in it."""
    place = Path(tempfile.mkdtemp(prefix="wslink-", dir=directory)) / "s"
    if len(os.fsencode(place)) <= _MAX_PATH_BYTES:
        return place
    place.parent.rmdir()
    return Path(tempfile.mkdtemp(prefix="wslink-")) / "s"


def _is_own(sock: socket.socket) -> bool:
    """Return whether the peer is a process of our user, or of root."""
    is_unix = sock.family == getattr(socket, "AF_UNIX", None)
    if not is_unix or not hasattr(socket, "SO_PEERCRED"):
        return True  # the handshake decides
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return uid in (0, os.getuid())
