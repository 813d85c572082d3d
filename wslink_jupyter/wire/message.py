"""An encoded message in one piece or several.

Large binary values are not copied into the message: they stay pieces of their
own, which the transport gathers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wslink_jupyter.wire.header import Buffer


class Message:
    """Pieces that make a message when they are joined. Immutable.

    Parameters
    ----------
    *pieces : bytes-like of one-byte items
        Must not change afterwards.
    """

    __slots__ = ("_pieces", "_size")

    def __init__(self, *pieces: Buffer) -> None:
        self._pieces = pieces
        self._size = sum(map(len, pieces))

    def __len__(self) -> int:
        return self._size

    def __bytes__(self) -> bytes:
        return b"".join(self._pieces)

    @property
    def pieces(self) -> tuple[Buffer, ...]:
        """What makes the message when it is joined."""
        return self._pieces

    def behind(self, head: bytes) -> Message:
        """Return the message that is `head` and then this one; nothing is copied."""
        first, *others = self._pieces
        if len(first) <= len(head) * 16:
            return Message(head + first, *others)  # one small piece is quicker to send than two
        return Message(head, first, *others)

    def cut(self, step: int | Callable[[], int]) -> Iterator[tuple[memoryview, ...]]:
        """Yield views of the message, `step` bytes at a time but for the last.

        A `step` that can be called is asked before each.
        """
        next_step = step if callable(step) else lambda: step
        views: list[memoryview] = []
        room = next_step()
        for piece in self._pieces:
            view, at = memoryview(piece), 0
            while len(view) - at >= room:
                yield (*views, view[at : at + room])
                views, at, room = [], at + room, next_step()
            if at < len(view):
                views.append(view[at:])
                room -= len(view) - at
        if views:
            yield tuple(views)
