"""What waits to be written to one client of a stock server."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator

from wslink_jupyter.limits import HEADER_BYTES, MIB
from wslink_jupyter.wire.header import ChunkHeader

#: Largest frame to a Jupyter server: a stock server may be told to make larger ones.
_MAX_FRAME_BYTES = 4 * MIB
#: A publication's id is near the start of its message.
_ID_WITHIN_BYTES = 40


class _Waiting:
    """A frame until it is taken or replaced, whichever thread comes first."""

    def __init__(self, frame: bytes, is_news: bool) -> None:
        self.is_news = is_news
        self._frame = [frame]

    def take(self) -> bytes | None:
        """Return the frame once."""
        try:
            return self._frame.pop()
        except IndexError:
            return None


class Outgoing:
    """Frames in order; the main thread puts them and the link's takes them.

    Attributes
    ----------
    sent_messages, sent_bytes : int
        Of what was taken, by frame.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._newest: dict[Hashable, _Waiting] = {}
        self._puts_news = False
        # Each is changed by one thread, and read by both.
        self._put_bytes = self._put_news_bytes = 0
        self._replaced_bytes = 0
        self.sent_messages = self.sent_bytes = 0
        self._sent_news_bytes = 0

    @property
    def waiting_bytes(self) -> int:
        """All that waits."""
        return max(self._put_bytes - self._replaced_bytes - self.sent_bytes, 0)

    @property
    def waiting_news_bytes(self) -> int:
        """What waits of publications, which a client does not ask for."""
        return max(self._put_news_bytes - self._replaced_bytes - self._sent_news_bytes, 0)

    def put(self, frame: bytes, replaces: Hashable = None, max_news_bytes: int = 0) -> bool:
        """Add a frame as it was made, if it is no publication that has no room; return whether.

        Parameters
        ----------
        frame : bytes
            Of one message after the other, all its chunks in turn.
        replaces : hashable, optional
            A publication of one frame takes the place of one put with an equal
            value, if that still waits.
        max_news_bytes : int
            There is no room for a new publication while more waits.
        """
        header = ChunkHeader.decode(frame)
        if header.offset == 0:
            self._puts_news = b"publish:" in frame[HEADER_BYTES : HEADER_BYTES + _ID_WITHIN_BYTES]
            if self._puts_news and replaces is not None:
                self._drop(replaces)
            if self._puts_news and self.waiting_news_bytes > max_news_bytes:
                return False
        for part in _split(header, frame):
            waiting = _Waiting(part, self._puts_news)
            if replaces is not None and len(part) == header.total + HEADER_BYTES:
                self._newest[replaces] = waiting
            self._put_bytes += len(part)
            self._put_news_bytes += len(part) if self._puts_news else 0
            self._waiting.append(waiting)
        return True

    def _drop(self, key: Hashable) -> None:
        older = self._newest.pop(key, None)
        frame = older.take() if older is not None else None
        if frame is not None:
            self._replaced_bytes += len(frame)

    def take(self) -> bytes | None:
        """Return the next frame, or None."""
        while self._waiting:
            waiting = self._waiting.popleft()
            frame = waiting.take()
            if frame is not None:
                self.sent_messages += 1
                self.sent_bytes += len(frame)
                self._sent_news_bytes += len(frame) if waiting.is_news else 0
                return frame
        return None

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._newest.clear()


def _split(header: ChunkHeader, frame: bytes) -> Iterator[bytes]:
    """Yield a frame as frames that a Jupyter server takes."""
    if len(frame) <= _MAX_FRAME_BYTES:
        yield frame
        return
    step = _MAX_FRAME_BYTES - HEADER_BYTES
    for start in range(HEADER_BYTES, len(frame), step):
        offset = header.offset + start - HEADER_BYTES
        yield header._replace(offset=offset).encode() + frame[start : start + step]
