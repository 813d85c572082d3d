"""Settings of the Jupyter server's side, as traits: ``c.WslinkServer.… = …``."""

from __future__ import annotations

from traitlets import Float, Integer
from traitlets.config import Configurable

from wslink_jupyter.limits import MIB, Limits


class WslinkServer(Configurable):
    """Settings of the server extension. No default needs to be changed."""

    max_frame_bytes = Integer(
        Limits.max_frame_bytes,
        max=16 * MIB,
        help="(bytes) Largest WebSocket message from a browser.",
    ).tag(config=True)
    max_message_bytes = Integer(
        Limits.max_message_bytes,
        max=1024 * MIB,
        help="(bytes) Largest message, in however many chunks, from a browser.",
    ).tag(config=True)
    ping_interval_s = Float(
        18.0,
        min=0.1,
        help="(seconds) Pause between two pings of a browser. Proxies often cut at 60.",
    ).tag(config=True)
    ping_timeout_s = Float(
        20.0,
        min=0.1,
        help="(seconds) A browser that says nothing for a ping interval and this long is gone.",
    ).tag(config=True)
    runtime_timeout_s = Float(
        30.0,
        min=0.0,
        help="(seconds) How long a socket may wait for its kernel to load the extension, "
        "and to have its endpoint.",
    ).tag(config=True)
    recheck_interval_s = Float(
        300.0,
        min=0.1,
        help="(seconds) How often the login and permission of an open socket are checked.",
    ).tag(config=True)
    max_sockets_per_kernel = Integer(
        64, min=1, help="(sockets) Open WebSockets of one kernel."
    ).tag(config=True)
    max_sockets = Integer(512, min=1, help="(sockets) Open WebSockets of this server.").tag(
        config=True
    )
