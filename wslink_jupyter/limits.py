"""What one connection may cost, in bytes, counts and seconds."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB

#: Bytes of a chunk's header: message id, offset, total (wslink 2.6.0, chunking.py:8).
HEADER_BYTES = 12
#: Room for the header and envelope on top of a frame's content.
FRAME_OVERHEAD_BYTES = 4 * KIB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds that the receiving side of a connection keeps.

    Attributes
    ----------
    max_frame_bytes : int
        One WebSocket message, header included. 4 MiB is what stock wslink
        advertises as ``maxMsgSize``.
    max_hello_bytes : int
        One message before the hello is accepted. Stock allows 512.
    hello_timeout_s : float
        How long a client may take to say hello.
    max_message_bytes : int
        One reassembled message. Stock allows 4 GiB.
    max_pending_messages : int
        Unfinished messages at a time.
    max_pending_bytes : int
        Bytes received of all unfinished messages together.
    pending_timeout_s : float
        Longest pause between two chunks of a message: stock clients send
        4 MiB at once, which takes 34 s at 1 Mbit/s.
    min_chunk_bytes : int
        A message may have 16 chunks more than ``received / min_chunk_bytes``,
        so that memory follows the bytes that came, also of tiny chunks.
    max_depth : int
        Nesting of a message's values: npm wslink sends at most 100.
    max_elements : int
        Values in a message, all containers together: msgpack expands one
        byte to an empty list of 56.
    max_calls_in_flight : int
        Calls of one session that have not been answered.
    max_subscriptions : int
        Topics that one session subscribes to.
    max_queued_bytes : int
        Reliable publications waiting for one session above which it is closed
        as slow at once; one message of any size is always taken when nothing
        else waits.
    soft_queued_bytes : int
        ... above which it is closed if that lasts for `slow_timeout_s`.
    slow_timeout_s : float
        How long a client may take nothing of what waits for it.
    chunk_bytes : int
        Content of one outgoing chunk, so that a call passes a large transfer, where the
        speed of the line is not known.
    """

    max_frame_bytes: int = 4 * MIB
    max_hello_bytes: int = 4 * KIB
    hello_timeout_s: float = 10.0
    max_message_bytes: int = 64 * MIB
    max_pending_messages: int = 16
    max_pending_bytes: int = 64 * MIB
    pending_timeout_s: float = 120.0
    min_chunk_bytes: int = KIB
    max_depth: int = 100
    max_elements: int = 1_000_000
    max_calls_in_flight: int = 1024
    max_subscriptions: int = 256
    max_queued_bytes: int = 32 * MIB
    soft_queued_bytes: int = 8 * MIB
    slow_timeout_s: float = 30.0
    chunk_bytes: int = 256 * KIB


#: Largest message that is sent: clients take no larger one.
MAX_SENT_BYTES = 512 * MIB
#: What a kernel accepts from browsers.
KERNEL_LIMITS = Limits()
#: What a client accepts from a kernel: results may be large.
CLIENT_LIMITS = Limits(
    max_message_bytes=MAX_SENT_BYTES, max_pending_bytes=MAX_SENT_BYTES, max_elements=MAX_SENT_BYTES
)
