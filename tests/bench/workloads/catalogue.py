"""Every workload by name, in the order of the table."""

from __future__ import annotations

from bench.workloads import bounds, busy, calls, streaming
from bench.workloads.base import Workload

_EVERYONE = ("limit", "wslink-off", "wslink", "jsp", "comm", "ours", "ours-stock")
_UNCOMPRESSED = tuple(name for name in _EVERYONE if name != "wslink")
_KERNELS = ("jsp", "comm", "comm-subshell", "ours", "ours-switch")
_OURS = ("ours",)
_OURS_BUSY = ("ours", "ours-switch")

_LATENCY = ("p50_ms", "p99_ms")
_MB = ("mb_per_s",)
_FRAMES = ("frames_per_s",)
_BUSY = ("p50_ms", "p99_ms", "cell_speed_ratio")
_STREAMED = ("p99_ms", "p99_ratio", "frames_per_s")
_COST = ("p99_us", "plain_p99_us", "p50_us", "max_us")

_CALLS = (
    Workload("echo", "echo, 1 in flight", _LATENCY, calls.echo, _EVERYONE),
    Workload("echo-thread", "… in a thread", _LATENCY, calls.echo_thread, _OURS, "echo"),
    Workload("echo-main", "… on the idle main thread", _LATENCY, calls.echo_main, _OURS, "echo"),
    Workload("calls", "echo, 64 in flight", ("calls_per_s",), calls.calls, _EVERYONE),
    Workload("upload-8m", "upload 8 MiB", _MB, calls.upload, _EVERYONE),
)
_PUBLICATIONS = (
    Workload("publish-64k", "publish 64 KiB", _MB, streaming.publish_64k, _EVERYONE),
    Workload("publish-1m", "publish 1 MiB", _MB, streaming.publish_1m, _EVERYONE),
    Workload("publish-1080p", "publish 1080p", _FRAMES, streaming.publish_1080p, _EVERYONE),
    Workload(
        "publish-1080p-thread",
        "… from a thread",
        _FRAMES,
        streaming.publish_1080p_thread,
        _OURS,
        "publish-1080p",
    ),
    Workload(
        "publish-1080p-latest",
        "… to a latest topic",
        _FRAMES,
        streaming.publish_1080p_latest,
        _OURS,
        "publish-1080p",
    ),
    Workload("subscribers-16", "16 subscribers, 64 KiB", _MB, streaming.subscribers, _UNCOMPRESSED),
)
_BUSY_KERNELS = (
    Workload("busy-python", "echo beside pure Python", _BUSY, busy.python, _KERNELS, "echo"),
    Workload("busy-python-thread", "… in a thread", _BUSY, busy.python_thread, _OURS_BUSY, "echo"),
    Workload("busy-numpy", "echo beside numpy", _BUSY, busy.numpy, _KERNELS, "echo"),
    Workload("busy-numpy-thread", "… in a thread", _BUSY, busy.numpy_thread, _OURS_BUSY, "echo"),
    Workload("busy-sleep", "echo beside time.sleep", _BUSY, busy.sleep, _KERNELS, "echo"),
    Workload("busy-sleep-thread", "… in a thread", _BUSY, busy.sleep_thread, _OURS_BUSY, "echo"),
)
_UNDER_LOAD = (
    Workload(
        "call-while-streaming",
        "echo while 1080p streams",
        _STREAMED,
        streaming.call_while_streaming,
        _UNCOMPRESSED,
    ),
    Workload(
        "call-while-streaming-thread",
        "… from a thread",
        _STREAMED,
        streaming.call_while_streaming_thread,
        _OURS,
        "call-while-streaming",
    ),
    Workload(
        "call-while-latest",
        "… to a latest topic",
        _STREAMED,
        streaming.call_while_latest,
        _OURS,
        "call-while-streaming",
    ),
    Workload(
        "publish-cost",
        "publish(), 8 threads",
        _COST,
        bounds.publish_cost,
        ("wslink-off", "ours"),
    ),
    Workload("publish-cost-paced", "… with pauses", _COST, bounds.publish_cost_paced, _OURS),
    Workload(
        "beside-stalled",
        "64 KiB, 1 of 8 stopped",
        ("kept_ratio",),
        bounds.beside_stalled,
        _OURS,
    ),
    Workload(
        "stalled-reader",
        "a reader stops",
        ("growth_mb",),
        bounds.stalled_reader,
        _UNCOMPRESSED,
        alone=True,
    ),
)

#: The tables of a report.
GROUPS = (_CALLS + _PUBLICATIONS, _BUSY_KERNELS, _UNDER_LOAD)

WORKLOADS: dict[str, Workload] = {workload.name: workload for group in GROUPS for workload in group}

#: Where speed depends on what our own processes do.
SAMPLED_WORK = (
    "echo",
    "echo-main",
    "calls",
    "upload-8m",
    "publish-64k",
    "publish-1m",
    "publish-1080p",
    "call-while-streaming",
)
