"""What a stack is busy with: its kind of work, by files and by the line it is at.

C functions have no frames: what the innermost line calls tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Waits, or comes back from waiting, or looks whether it has to.
WAIT = "wake up"
#: Python that had moved on while it was read.
UNREAD = "not read"
_ELSE = "else"

#: The columns of a table.
GROUPS = (
    "send",
    "receive",
    WAIT,
    "event loop",
    "copy",
    "msgpack",
    "wire",
    "rpc",
    "transport",
    "server, kernel",
    "program",
    "libraries",
    _ELSE,
    UNREAD,
)

#: Of the innermost line. `get()` without arguments is a queue's, not a mapping's.
_CALLS = (
    (re.compile(r"\.(poll|wait|acquire)\(|\.get\(\)|\bsleep\("), WAIT),
    (re.compile(r"\.(sendmsg|sendall|send_fds)\(|sock(et)?\.send\("), "send"),
    (re.compile(r"\.(recv|recv_into|recvmsg|recv_fds)\(|\b_RECV\("), "receive"),
    (re.compile(r"\bcopyto\(|\.tobytes\(|\bb\"\"\.join\(|\w\[[^\]]*:[^\]]*\] = "), "copy"),
    (re.compile(r"\b(pack|unpack)b\(|_packer\.|\bmsgpack\."), "msgpack"),
)
#: Of the innermost file that is known.
_FILES = (
    (re.compile(r"/bench/programs/"), "program"),
    (re.compile(r"/(asyncio/|selectors\.py$|tornado/(ioloop|platform/))"), "event loop"),
    (
        re.compile(r"^/(IPython|aiohttp|ipykernel|jupyter_\w+|tornado|traitlets|wslink|zmq)/"),
        "libraries",
    ),
)
_OURS = re.compile(r".*/wslink_jupyter/(?!tests/)(\w+)(?:/.*)?\.py$")
_LAYERS = frozenset({"wire", "rpc", "transport"})


@dataclass(frozen=True)
class Frame:
    """Where a function was."""

    path: str
    line: int


def group_of(frames: Sequence[Frame], text_of: Callable[[str, int], str]) -> str:
    """Return the group of a stack.

    Parameters
    ----------
    frames : sequence of Frame
        The innermost one is the last.
    text_of : callable
        Returns a line of a file, as `linecache.getline`.
    """
    if not frames:
        return UNREAD
    text = text_of(frames[-1].path, frames[-1].line)
    for pattern, group in _CALLS:
        if pattern.search(text):
            return group
    return next(filter(None, (_group_of_file(frame.path) for frame in reversed(frames))), _ELSE)


def _group_of_file(path: str) -> str:
    # Where all that is installed, or a checkout, is may have any name: also one looked for.
    path = "/" + path.rpartition("/site-packages/")[2]
    for pattern, group in _FILES:
        if pattern.search(path):
            return group
    ours = _OURS.match(path)
    if ours is None:
        return ""
    return ours[1] if ours[1] in _LAYERS else "server, kernel"
