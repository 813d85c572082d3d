"""Settings of the kernel's side, as traits: ``c.WslinkKernel.… = …``."""

from __future__ import annotations

from traitlets import Bool, Float, Integer
from traitlets.config import Configurable

from wslink_jupyter.limits import MIB, Limits


class WslinkKernel(Configurable):
    """Settings of the kernel extension, read when it is loaded."""

    send_tracebacks = Bool(
        False,
        help="Whether clients get the traceback of a procedure that raised. It always "
        "goes to the cell that exposed the object.",
    ).tag(config=True)
    worker_threads = Integer(
        8, min=1, help="(threads) Size of the pool of procedures with run='thread'."
    ).tag(config=True)
    max_message_bytes = Integer(
        Limits.max_message_bytes,
        max=1024 * MIB,
        help="(bytes) Largest message that a client may send.",
    ).tag(config=True)
    max_queued_bytes = Integer(
        Limits.max_queued_bytes,
        help="(bytes) What may wait for one client before it is closed as slow (4008).",
    ).tag(config=True)
    slow_timeout_s = Float(
        Limits.slow_timeout_s,
        help="(seconds) How long a client may stand still, or stay over a quarter of "
        "max_queued_bytes, before it is closed as slow (4008).",
    ).tag(config=True)
    switch_interval_s = Float(
        0.0,
        min=0.0,
        help="(seconds) Python's thread switch interval while calls are answered, such as "
        "0.0005; 0 leaves Python's own. While a cell runs pure Python, a call waits one "
        "interval (5 ms by default); a shorter one takes that time from the cell.",
    ).tag(config=True)
    watch_interval_s = Float(
        0.3, min=0.05, help="(seconds) How often the files of shown views are looked at."
    ).tag(config=True)

    def limits(self) -> Limits:
        """Return the limits that these settings make."""
        return Limits(
            max_message_bytes=self.max_message_bytes,
            max_pending_bytes=self.max_message_bytes,
            max_queued_bytes=self.max_queued_bytes,
            soft_queued_bytes=self.max_queued_bytes // 4,
            slow_timeout_s=self.slow_timeout_s,
        )
