"""Join chunks to messages, within bounds.

Stock wslink allocates what a header claims and counts bytes instead of
placing them (2.6.0, ``chunking.py:102,115-121``). Here memory follows the
bytes received: the content of every chunk is copied to its place in memory
that the system hands out where it is written to; or, if there is none, kept as
it came and joined once, when the intervals cover the message. Overlap is
refused, so a hole can never be counted away.
"""

from __future__ import annotations

from bisect import bisect_left

from wslink_jupyter.errors import InvalidChunk, MessageStalled, MessageTooBig, TooManyPending
from wslink_jupyter.limits import HEADER_BYTES, Limits
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.header import Buffer, ChunkHeader

#: Chunks that a message may have beyond those its size explains.
_SPARE_CHUNKS = 16


class _Pending:
    """The chunks of one unfinished message, sorted by offset."""

    __slots__ = ("_memory", "contents", "last_s", "offsets", "received", "total")

    def __init__(self, total: int, memory: memoryview | None) -> None:
        self.total = total
        self._memory = memory
        self.received = 0
        self.last_s = 0.0
        self.offsets: list[int] = []
        self.contents: list[memoryview] = []

    def place(self, offset: int, content: memoryview, *, is_lent: bool) -> bool:
        """Keep `content` at `offset`; return False if it overlaps another."""
        at = bisect_left(self.offsets, offset)
        if at < len(self.offsets) and offset + len(content) > self.offsets[at]:
            return False
        if at and self.offsets[at - 1] + len(self.contents[at - 1]) > offset:
            return False
        if self._memory is not None:
            placed = self._memory[offset : offset + len(content)]
            placed[:] = content
            content = placed
        elif is_lent:
            content = memoryview(bytes(content))
        self.offsets.insert(at, offset)
        self.contents.insert(at, content)
        self.received += len(content)
        return True

    def join(self) -> Buffer:
        """Return the message, when all of it is here."""
        return b"".join(self.contents) if self._memory is None else self._memory


class Reassembler:
    """The unfinished messages of one direction of one connection.

    Parameters
    ----------
    limits : Limits
        `max_pending_messages`, `max_pending_bytes`, `pending_timeout_s` and
        `min_chunk_bytes` are used.
    allocate : callable, optional
        Returns memory for messages of many chunks, of any content, which must take
        nothing from the system before it is written to.

    Notes
    -----
    Holds at most the bytes received, plus a small constant per chunk (in memory that
    is allocated, up to two of the system's pages).
    The place of a chunk is found by O(log k) comparisons in the chunks of its
    message; out of order, O(k) references are moved.

    Examples
    --------
    >>> from wslink_jupyter.limits import Limits
    >>> from wslink_jupyter.wire.chunks import split_message
    >>> reassembler = Reassembler(Limits())
    >>> frames = [header + content for header, content in split_message(7, b"abcdef", 16)]
    >>> [reassembler.feed(frame, 100, now_s=0.0) for frame in reversed(frames)]
    [None, b'abcdef']
    """

    def __init__(self, limits: Limits, allocate: Allocate | None = None) -> None:
        self._limits = limits
        self._allocate = allocate
        self._pending: dict[int, _Pending] = {}
        self._pending_bytes = 0

    @property
    def pending_bytes(self) -> int:
        """Content bytes held for unfinished messages."""
        return self._pending_bytes

    @property
    def pending_messages(self) -> int:
        """Unfinished messages."""
        return len(self._pending)

    def feed(
        self, frame: Buffer, max_message_bytes: int, now_s: float, *, is_lent: bool = False
    ) -> Buffer | None:
        """Take one frame; return the message that it completes, if any.

        Parameters
        ----------
        frame : bytes-like, shape (12 + n,), n >= 1
            Must not change afterwards, unless it is lent: its content may be kept.
        max_message_bytes : int
            Largest total that the frame may claim.
        now_s : float
            Monotonic time.
        is_lent : bool
            Nothing of the frame is kept, unless one chunk is the message.

        Returns
        -------
        bytes-like or None
            The message. A view of `frame` when one chunk is the message.

        Raises
        ------
        InvalidChunk
            If the header is short, the content empty, the place outside the
            message or taken, the total 0 or changed, the chunks too many.
        MessageTooBig
            If the claimed total, or the bytes held, exceed their limit.
        TooManyPending
            If one more message would be unfinished than allowed.

        Notes
        -----
        On every error the message concerned is forgotten and nothing else
        changes.
        """
        header = ChunkHeader.decode(frame)
        content = memoryview(frame)[HEADER_BYTES:]
        try:
            self._check(header, len(content), max_message_bytes)
            if len(content) == header.total:
                return content
            return self._keep(header, content, now_s, is_lent)
        except (InvalidChunk, MessageTooBig, TooManyPending):
            self._forget(header.message_id)
            raise

    def _check(self, header: ChunkHeader, size: int, max_message_bytes: int) -> None:
        message_id, offset, total = header
        place = f"chunk of message {message_id}"
        if total == 0:
            raise InvalidChunk(f"{place}: expected a total of at least 1 byte, got 0")
        if total > max_message_bytes:
            raise MessageTooBig(total, max_message_bytes, f"message {message_id}")
        if size == 0:
            raise InvalidChunk(f"{place}: expected content, got none")
        if offset + size > total:
            raise InvalidChunk(f"{place}: ends at byte {offset + size}, expected at most {total}")
        pending = self._pending.get(message_id)
        if pending is None:
            if size < total and len(self._pending) >= self._limits.max_pending_messages:
                raise TooManyPending(len(self._pending) + 1, self._limits.max_pending_messages)
        elif pending.total != total:
            raise InvalidChunk(f"{place}: expected a total of {pending.total}, got {total}")
        elif size == total:
            raise InvalidChunk(f"{place}: bytes {offset} to {offset + size} came twice")

    def _keep(
        self, header: ChunkHeader, content: memoryview, now_s: float, is_lent: bool
    ) -> Buffer | None:
        message_id, offset, total = header
        limits = self._limits
        if self._pending_bytes + len(content) > limits.max_pending_bytes:
            held = self._pending_bytes + len(content)
            raise MessageTooBig(held, limits.max_pending_bytes, "all unfinished messages")
        pending = self._pending.get(message_id)
        if pending is None:
            memory = self._allocate(total) if self._allocate else None
            pending = self._pending[message_id] = _Pending(total, memory)
        if not pending.place(offset, content, is_lent=is_lent):
            end = offset + len(content)
            raise InvalidChunk(
                f"chunk of message {message_id}: bytes {offset} to {end} came before"
            )
        self._pending_bytes += len(content)
        pending.last_s = now_s
        if pending.received == total:
            self._forget(message_id)
            return pending.join()
        most = pending.received // limits.min_chunk_bytes + _SPARE_CHUNKS
        if len(pending.offsets) > most:
            raise InvalidChunk(
                f"message {message_id}: expected at most {most} chunks for "
                f"{pending.received} bytes, got {len(pending.offsets)}"
            )
        return None

    def _forget(self, message_id: int) -> None:
        pending = self._pending.pop(message_id, None)
        if pending is not None:
            self._pending_bytes -= pending.received

    def expire(self, now_s: float) -> None:
        """Forget a message that got no chunk for `pending_timeout_s`.

        Raises
        ------
        MessageStalled
            If there was one; call again for the next.
        """
        timeout_s = self._limits.pending_timeout_s
        for message_id, pending in self._pending.items():
            idle_s = now_s - pending.last_s
            if idle_s >= timeout_s:
                self._forget(message_id)
                raise MessageStalled(message_id, idle_s, timeout_s)
