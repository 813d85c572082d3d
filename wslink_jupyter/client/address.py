"""Where a client connects to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, urlsplit

_SCHEMES = {"http": "ws", "ws": "ws", "https": "wss", "wss": "wss"}
#: A kernel as Jupyter names it, or an endpoint of it as we do.
_KERNEL = re.compile(
    r"(?P<base>.*)/(?:api/kernels/(?P<plain>[^/]+)(?:/channels)?"
    r"|wslink-jupyter/kernels/(?P<ours>[^/]+)(?:/(?P<endpoint>[^/]+)(?:/ws)?)?)/?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A WebSocket's URL, and who asks.

    Attributes
    ----------
    url : str
        With scheme ``ws`` or ``wss``; of a kernel without query.
    server : str
        URL of the server, ``http`` or ``https``, without the kernel.
    token : str or None
        Of a Jupyter server.
    is_kernel : bool
        Whether it is a kernel of a Jupyter server; any wslink server otherwise.
    """

    url: str
    server: str
    token: str | None
    is_kernel: bool

    @classmethod
    def parse(cls, url: str, token: str | None = None) -> Self:
        """Return the address that a user means.

        Raises
        ------
        ValueError
            If it is no URL.
        """
        parts = urlsplit(url)
        scheme = _SCHEMES.get(parts.scheme)
        if scheme is None or not parts.netloc:
            # Not the whole of it: there may be a token in it.
            raise ValueError(
                "url: expected one that starts with http://, https://, ws:// or wss://, "
                f"got {url.partition('?')[0]!r:.80}"
            )
        server = f"{scheme.replace('ws', 'http')}://{parts.netloc}"
        kernel = _KERNEL.fullmatch(parts.path)
        if kernel is None:
            query = f"?{parts.query}" if parts.query else ""
            return cls(f"{scheme}://{parts.netloc}{parts.path or '/'}{query}", server, token, False)
        kernel_id, endpoint = kernel["plain"] or kernel["ours"], kernel["endpoint"] or "default"
        base = kernel["base"]
        path = f"{base}/wslink-jupyter/kernels/{kernel_id}/{endpoint}/ws"
        # In a header, it is in nobody's log.
        in_query = parse_qs(parts.query).get("token", [None])[0]
        socket_url = f"{scheme}://{parts.netloc}{path}"
        return cls(socket_url, f"{server}{base}", token or in_query, True)

    def __str__(self) -> str:
        return self.url.partition("?")[0]
