"""Outboxes without session, and what is put into them."""

from __future__ import annotations

from typing import Any

from wslink_jupyter.limits import HEADER_BYTES, Limits
from wslink_jupyter.rpc.outbox import Counters, Outbox
from wslink_jupyter.rpc.queues import OVERHEAD_BYTES
from wslink_jupyter.rpc.topics import EncodedPublication
from wslink_jupyter.wire.chunks import Chunk
from wslink_jupyter.wire.connection import Role, WireConnection
from wslink_jupyter.wire.message import Message


def outbox_with(chunk_bytes: int = 4, **limits: Any) -> Outbox:
    """Return an outbox of small chunks."""
    return Outbox(WireConnection(Role.SERVER, Limits(**limits)), chunk_bytes)


def publication(
    content: bytes, topic: str = "t", number: int = 0, *, is_latest: bool = False
) -> EncodedPublication:
    """Return a publication of any bytes."""
    return EncodedPublication(topic, number, Message(content), is_latest)


def room_for(*sizes: int) -> int:
    """Return the limit that reliable publications of these sizes reach."""
    return sum(size + OVERHEAD_BYTES for size in sizes)


def content_of(chunk: Chunk | None) -> bytes:
    """Return what a chunk carries."""
    assert chunk is not None
    return b"".join(chunk)[HEADER_BYTES:]


def taken(outbox: Outbox, most: int = 10_000) -> list[bytes]:
    """Take the next chunks, or all that can be had; return what they carry."""
    contents: list[bytes] = []
    while len(contents) < most and (chunk := outbox.next_chunk()) is not None:
        contents.append(content_of(chunk))
    return contents


def taken_urgent(outbox: Outbox) -> list[bytes]:
    """Take what may pass; return what it carries."""
    return [content_of(chunk) for chunk in iter(outbox.next_urgent_chunk, None)]


def adds_up(counters: Counters) -> bool:
    """Return whether what was put is what became of it."""
    return all(
        getattr(counters, f"put_{unit}")
        == sum(
            getattr(counters, f"{fate}_{unit}")
            for fate in ("queued", "sent", "coalesced", "dropped")
        )
        for unit in ("messages", "bytes")
    )
