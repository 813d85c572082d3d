"""MEMORY: what each end of a session's connection says of the memory that it lends."""

from __future__ import annotations

import os

from wslink_jupyter.errors import EndpointMissing, LinkError
from wslink_jupyter.rpc.shared_memory import SharedMemory, map_shared
from wslink_jupyter.transport import link
from wslink_jupyter.transport.stream import LinkStream


async def offer_memory(stream: LinkStream, memory: SharedMemory | None) -> SharedMemory | None:
    """Tell the peer of our memory; return it if the peer can read it.

    Raises
    ------
    ConnectionClosed
        If the connection is gone.
    """
    if memory is None or memory.descriptor is None or not stream.passes_descriptors:
        await stream.write((link.encode(link.Kind.MEMORY, {}),))
        return None
    message = link.encode(link.Kind.MEMORY, {"size_bytes": memory.size_bytes})
    await stream.write_with_descriptor(message, memory.descriptor)
    stream.hold_little()
    return memory


async def accept_memory(stream: LinkStream) -> memoryview | None:
    """Wait for the peer's MEMORY; return its memory, to be read, if it lends any.

    Raises
    ------
    EndpointMissing
        If the peer is a kernel without the endpoint that was asked for.
    LinkError
        If the peer says something else, or its memory is not what it says.
    ConnectionClosed
        If the connection is gone.
    """
    kind, payload, descriptor = await stream.read_with_descriptor(link.MAX_HANDSHAKE_BYTES)
    try:
        fields = link.decode_fields(kind, payload)
        if kind is link.Kind.REFUSED:
            raise EndpointMissing(str(fields.get("reason", "")))
        if kind is not link.Kind.MEMORY:
            raise LinkError(f"link: expected MEMORY, got {kind.name}")
        size_bytes = fields.get("size_bytes")
        if descriptor is None or not isinstance(size_bytes, int):
            return None
        return map_shared(descriptor, size_bytes)
    finally:
        if descriptor is not None:
            os.close(descriptor)
