"""Dials a kernel's runtime: session connections and one control connection."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from dataclasses import dataclass
from typing import Any, Protocol

from tornado.ioloop import IOLoop

from wslink_jupyter._version import __version__
from wslink_jupyter.errors import ConnectionClosed, LinkError, RuntimeNotLoaded
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.transport import link
from wslink_jupyter.transport.link_transport import LinkTransport
from wslink_jupyter.transport.memory_offer import accept_memory, offer_memory
from wslink_jupyter.transport.rendezvous import Rendezvous, rendezvous_path
from wslink_jupyter.transport.stream import LinkStream

_DIAL_TIMEOUT_S = 10.0
_STATUS_TIMEOUT_S = 2.0
_FOLLOW_RETRY_S = 1.0
_FILE_TIMEOUT_S = 60.0
#: Frames from the kernel are chunks of 1 MiB at most; stock endpoints may send 4 MiB.
_MAX_KERNEL_FRAME_BYTES = 16 * 1024 * 1024

Status = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A web file of a kernel.

    Attributes
    ----------
    name : str
    content : bytes
    is_page : bool
        Whether it may run with the user's login; see `WebFile`.
    """

    name: str
    content: bytes
    is_page: bool


class Watcher(Protocol):
    """Who is told what the control connection tells.

    Attributes
    ----------
    connection : str
        Of whose session it wants to hear the end.
    """

    connection: str

    def status_changed(self, status: Status) -> None:
        """Take the runtime's new status."""

    def ended(self, closed: ConnectionClosed) -> None:
        """Take the end of a session that its own connection cannot tell in time."""


class KernelLink:
    """The way to one kernel.

    Parameters
    ----------
    connection_file : str
        Of the kernel, as its manager says; empty for a kernel elsewhere.
    key : bytes
        Of the connection file.

    Attributes
    ----------
    pool : BufferPool
        Memory for large frames from browsers, which this kernel may read there: none
        of them is for another kernel.
    """

    def __init__(self, connection_file: str, key: bytes) -> None:
        self._path = rendezvous_path(connection_file) if connection_file else None
        self._key = key
        self._watchers: set[Watcher] = set()
        self._control: asyncio.Task[None] | None = None
        self._status: Status | None = None
        self.pool = BufferPool()

    async def open_session(
        self, endpoint: str, user: str, max_frame_bytes: int, connection: str
    ) -> tuple[LinkTransport, str]:
        """Return a transport to an endpoint, and the runtime's epoch.

        Parameters
        ----------
        endpoint, user : str
        max_frame_bytes : int
            What this server takes from a browser; the kernel tells clients.
        connection : str
            By which the kernel names the session on the control connection.

        Raises
        ------
        RuntimeNotLoaded
            If nothing listens.
        EndpointMissing
            If the kernel has no such endpoint, or not yet.
        LinkVersionMismatch
            If the kernel's package speaks another version of the link.
        LinkError
            If what listens is not the kernel, or does not answer.
        """
        fields = {
            "endpoint": endpoint,
            "user": user,
            "max_frame_bytes": max_frame_bytes,
            "connection": connection,
            "shares_memory": CAN_SHARE,
        }
        stream, epoch = await self._dial(link.Kind.OPEN, fields)
        try:
            async with asyncio.timeout(_DIAL_TIMEOUT_S):
                borrows = await accept_memory(stream)
                lends = await offer_memory(stream, self.pool.memory)
        except BaseException as error:
            stream.abort()
            if isinstance(error, ConnectionClosed | TimeoutError):
                raise RuntimeNotLoaded("the kernel's runtime went away") from error
            raise
        transport = LinkTransport(stream, _MAX_KERNEL_FRAME_BYTES, lends=lends, borrows=borrows)
        return transport, epoch

    async def status(self) -> Status:
        """Ask the runtime for its status, with fresh round trips. Raises as `open_session`."""
        try:
            # Dialling included: one kernel that hangs must not hold up a list of all.
            async with asyncio.timeout(_STATUS_TIMEOUT_S):
                stream, _ = await self._dial(link.Kind.CONTROL, {"measure": True})
                try:
                    return await _read_status(stream)
                finally:
                    stream.abort()
        except (ConnectionClosed, TimeoutError) as error:
            raise LinkError("the kernel does not answer") from error

    async def file(self, endpoint: str, path: str) -> ServedFile | None:
        """Return an endpoint's web file, or None.

        Raises as `open_session`; a `LinkError` if the content does not come whole.
        """
        stream, _ = await self._dial(link.Kind.FILE_GET, {"endpoint": endpoint, "path": path})
        try:
            async with asyncio.timeout(_FILE_TIMEOUT_S):
                kind, fields = await stream.read_fields(link.MAX_CONTROL_BYTES)
                if kind is not link.Kind.FILE or "name" not in fields:
                    return None
                content = bytearray()
                while len(content) < fields["size_bytes"]:
                    _, chunk = await stream.read(link.MAX_CONTROL_BYTES)
                    content += chunk
                is_page = fields.get("is_page") is True
                return ServedFile(str(fields["name"]), bytes(content), is_page)
        except (ConnectionClosed, TimeoutError) as error:
            raise LinkError(f"the kernel did not send {path!r:.80} whole") from error
        finally:
            stream.abort()

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of every status and end, on one control connection for all."""
        self._watchers.add(watcher)
        if self._status is not None:
            watcher.status_changed(self._status)
        if self._control is None:
            self._control = asyncio.create_task(self._follow())

    def unwatch(self, watcher: Watcher) -> None:
        """Stop telling `watcher`; the last one closes the connection."""
        self._watchers.discard(watcher)
        if not self._watchers and self._control is not None:
            self._control.cancel()
            self._control = None
            self._status = None

    async def _follow(self) -> None:
        while True:
            # Each session's own connection tells of the end; this one is
            # dialled again for as long as there is a session.
            with contextlib.suppress(ConnectionClosed, LinkError):
                stream, _ = await self._dial(link.Kind.CONTROL, {"measure": False})
                try:
                    while True:
                        self._tell(*await stream.read_fields(link.MAX_CONTROL_BYTES))
                finally:
                    stream.abort()
            self._status = None
            await asyncio.sleep(_FOLLOW_RETRY_S)

    def _tell(self, kind: link.Kind, fields: dict[str, Any]) -> None:
        if kind is link.Kind.STATUS:
            self._status = fields
            for watcher in list(self._watchers):
                watcher.status_changed(fields)
        elif kind is link.Kind.ENDED:
            code, reason = fields.get("code"), str(fields.get("reason", ""))
            closed = ConnectionClosed(code if isinstance(code, int) else 1011, reason)
            for watcher in list(self._watchers):
                if watcher.connection == fields.get("connection"):
                    watcher.ended(closed)
        else:
            raise LinkError(f"link: expected STATUS or ENDED, got {kind.name}")

    async def _dial(self, kind: link.Kind, fields: dict[str, Any]) -> tuple[LinkStream, str]:
        if self._path is None:
            raise LinkError("kernels on another machine are not supported yet")
        rendezvous = Rendezvous.read(self._path)
        try:
            async with asyncio.timeout(_DIAL_TIMEOUT_S):
                stream = LinkStream(await _connect(rendezvous), _selector_loop())
                try:
                    epoch = await self._greet(stream, kind, fields)
                except BaseException:
                    stream.abort()
                    raise
                return stream, epoch
        except ConnectionClosed as error:
            raise RuntimeNotLoaded("the kernel's runtime went away") from error
        except TimeoutError:
            raise LinkError(
                f"the kernel did not answer within {_DIAL_TIMEOUT_S:g} s: "
                "is a cell holding the interpreter?"
            ) from None

    async def _greet(self, stream: LinkStream, kind: link.Kind, fields: dict[str, Any]) -> str:
        handshake = link.ServerHandshake(self._key, secrets.token_hex(16), __version__)
        await stream.write((handshake.hello(),))
        proof, epoch = handshake.answer(*await stream.read_fields(link.MAX_HANDSHAKE_BYTES))
        await stream.write((proof, link.encode(kind, fields)))
        return epoch


def _selector_loop() -> asyncio.AbstractEventLoop:
    """Return the loop with ``add_reader``: on Windows tornado has one beside Jupyter's."""
    loop: asyncio.AbstractEventLoop = getattr(
        IOLoop.current(), "selector_loop", asyncio.get_running_loop()
    )
    return loop


async def _connect(rendezvous: Rendezvous) -> socket.socket:
    loop = asyncio.get_running_loop()
    unix = bool(rendezvous.unix)
    sock = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        # Only ever a socket of this machine: nothing in it comes from a client.
        address = rendezvous.unix if unix else ("127.0.0.1", rendezvous.port)
        await loop.sock_connect(sock, address)
    except OSError as error:
        sock.close()
        raise RuntimeNotLoaded("the kernel's runtime does not listen") from error
    except BaseException:
        sock.close()
        raise
    return sock


async def _read_status(stream: LinkStream) -> Status:
    kind, fields = await stream.read_fields(link.MAX_CONTROL_BYTES)
    if kind is not link.Kind.STATUS:
        raise LinkError(f"link: expected STATUS, got {kind.name}")
    return fields
