"""How much of what is written to a socket the system may hold unsent.

What is urgent waits behind it: a ping, the reply to a call. A reader that is
fast is through with a lot in little time, and fewer turns of the loop are
needed to keep it busy.
"""

from __future__ import annotations

import socket

from wslink_jupyter.limits import KIB, MIB

#: For readers of any speed.
LEAST_BYTES = 128 * KIB
_MOST_BYTES = MIB
#: How long a reader may take for what is unsent.
_WAIT_S = 0.01
#: The speed of a reader is looked at when it has taken so much.
_SAMPLE_BYTES = 2 * MIB


def limit_unsent(sock: socket.socket, limit_bytes: int) -> None:
    """Have the system take no more than that unsent, where it can be told so."""
    if sock.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, limit_bytes)


class UnsentLimit:
    """Follows the speed of one reader.

    Parameters
    ----------
    sock : socket.socket
    now_s : float
    """

    def __init__(self, sock: socket.socket, now_s: float) -> None:
        self._sock = sock
        self._since_s = now_s
        self._sent_bytes = 0
        self.limit_bytes = LEAST_BYTES
        limit_unsent(sock, LEAST_BYTES)

    def sent(self, size_bytes: int, now_s: float) -> None:
        """Note what the system has taken."""
        self._sent_bytes += size_bytes
        if self._sent_bytes < _SAMPLE_BYTES:
            return
        taken_bytes = self._sent_bytes / max(now_s - self._since_s, 1e-6) * _WAIT_S
        self._since_s, self._sent_bytes = now_s, 0
        limit_bytes = min(max(int(taken_bytes), LEAST_BYTES), _MOST_BYTES)
        # It costs a system call: only for a difference that matters.
        if not self.limit_bytes / 2 < limit_bytes < self.limit_bytes * 2:
            self.limit_bytes = limit_bytes
            limit_unsent(self._sock, limit_bytes)
