"""How sampled stacks are divided: example stacks in, shares out."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from bench.profiling.groups import GROUPS, UNREAD, WAIT, Frame, group_of
from bench.profiling.recording import Recording
from bench.profiling.report import page, table
from bench.profiling.sampler import CannotSample, sampled
from bench.results import Measurement, Results

_STDLIB = "/usr/lib/python3.11"
_SITE = "/home/u/wslink_jupyter/.venv/lib/python3.11/site-packages"
_OURS = f"{_SITE}/wslink_jupyter"
_LOOP = f"{_STDLIB}/asyncio/events.py"
#: What is at line 1 of a file; elsewhere, nothing that is called in C.
_CALLS = {
    f"{_STDLIB}/selectors.py": "fd_event_list = self._selector.poll(timeout, max_ev)",
    f"{_STDLIB}/queue.py": "self.not_empty.wait()",
    f"{_OURS}/transport/gathering_writer.py": "return self._sock.sendmsg(islice(backlog))",
    f"{_SITE}/tornado/iostream.py": "return self.socket.recv_into(buf, len(buf))",
    f"{_OURS}/transport/message_input.py": "count = _RECV(self._sock.fileno(), address)",
    f"{_OURS}/wire/arrays.py": "np.copyto(np.frombuffer(memory), array)",
    f"{_OURS}/wire/reassembly.py": "memory[offset : offset + len(content)] = content",
    f"{_OURS}/wire/codec.py": "value = msgpack.unpackb(",
}


def _text_of(path: str, line: int) -> str:
    return _CALLS[path] if line == 1 else "value = mapping.get(key)"


@pytest.mark.parametrize(
    ("group", "frames"),
    [
        (WAIT, [(_LOOP, 80), (f"{_STDLIB}/selectors.py", 1)]),
        (WAIT, [(f"{_OURS}/rpc/worker_pool.py", 77), (f"{_STDLIB}/queue.py", 1)]),
        ("event loop", [(_LOOP, 80), (f"{_STDLIB}/selectors.py", 9)]),
        ("event loop", [(f"{_OURS}/transport/stream.py", 9), (_LOOP, 44)]),
        ("send", [(_LOOP, 80), (f"{_OURS}/transport/gathering_writer.py", 1)]),
        ("transport", [(_LOOP, 80), (f"{_OURS}/transport/gathering_writer.py", 9)]),
        ("receive", [(f"{_SITE}/tornado/iostream.py", 1)]),
        ("receive", [(f"{_OURS}/transport/message_input.py", 1)]),
        ("copy", [(f"{_OURS}/wire/arrays.py", 1)]),
        ("copy", [(f"{_OURS}/wire/reassembly.py", 1)]),
        ("msgpack", [(f"{_OURS}/wire/codec.py", 1)]),
        # What is in nobody's group is done for who called it.
        ("wire", [(_LOOP, 80), (f"{_OURS}/wire/header.py", 9), (f"{_STDLIB}/enum.py", 9)]),
        ("rpc", [(f"{_OURS}/rpc/session.py", 9)]),
        ("server, kernel", [(f"{_OURS}/server/relay.py", 9)]),
        ("wire", [("/home/u/wslink/wslink_jupyter/wire/header.py", 9)]),
        ("server, kernel", [(f"{_OURS}/stock/vtk/guards.py", 9)]),
        ("program", [("/home/u/wslink_jupyter/tests/bench/programs/ours.py", 9)]),
        ("libraries", [(_LOOP, 80), (f"{_SITE}/ipykernel/kernelbase.py", 9)]),
        ("else", [("/home/u/wslink_jupyter/tests/support/waiting.py", 9)]),
        (UNREAD, []),
    ],
)
def test_stacks_have_a_group(group: str, frames: list[tuple[str, int]]) -> None:
    assert group in GROUPS
    assert group_of([Frame(*frame) for frame in frames], _text_of) == group


def _folded(thread: int, path: str, line: int, count: int) -> str:
    return f"thread ({thread}): a name;run ({_LOOP}:80);C.method.<locals>.f ({path}:{line}) {count}"


def _recording(cpu_s: float) -> Recording:
    stacks = (
        _folded(7, f"{_OURS}/transport/gathering_writer.py", 1, 20),
        _folded(7, f"{_OURS}/rpc/session.py", 9, 10),
        _folded(7, f"{_STDLIB}/selectors.py", 1, 60),
        # It is always there, and asleep.
        _folded(8, f"{_SITE}/zmq/device.py", 9, 90),
    )
    return Recording("\n".join(stacks), 10, 2.0, {7: cpu_s, 8: 0.0})


def test_waiting_is_what_remains_of_the_cpu_time() -> None:
    divided = _recording(cpu_s=1.0).divide(_text_of)
    expected = {"send": 0.2, "rpc": 0.1, UNREAD: 0.1, WAIT: 0.1}
    assert divided == pytest.approx(expected)


def test_nothing_remains_where_processors_are_waited_for() -> None:
    divided = _recording(cpu_s=0.5).divide(_text_of)
    assert divided == pytest.approx({"send": 0.2, "rpc": 0.1, UNREAD: 0.1, WAIT: 0.0})


def test_nothing_sampled_is_no_division() -> None:
    assert Recording("", 0, 2.0, {}).divide(_text_of) == {}


def test_a_page_tells_shares() -> None:
    division = {"send": 0.3, "rpc": 0.1, WAIT: 0.0}
    results = Results(
        Measurement(
            repeat,
            "echo",
            "ours",
            {"p50_ms": 1.0},
            cores={"kernel": 0.25},
            divisions={"kernel": division},
        )
        for repeat in range(2)
    )
    row = table(results).splitlines()[-1].split()
    assert row == ["echo,", "ours:", "kernel", "0.25", "0.40", "75", "25"]
    facts = {"cores": 2, "processor": "a processor", "python": "3.11", "date": "2026-01-02T03:04"}
    text = page(results, facts)
    assert "| echo, ours: kernel | 0.25 | 0.40 | 75 |" in text
    assert "2 cores of a processor, Python 3.11, 2026-01-02." in text


def test_no_profile_without_samples() -> None:
    assert table(Results([Measurement(0, "echo", "ours", {"p50_ms": 1.0})])) == ""


def test_processes_that_cannot_be_sampled_are_told(tmp_path: Path) -> None:
    async def sample(pid: int) -> None:
        async with sampled([pid], tmp_path, "stacks"):
            raise AssertionError("sampled")

    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            with pytest.raises(CannotSample) as caught:
                asyncio.run(sample(process.pid))
        finally:
            process.kill()
    told = str(caught.value)
    assert f"expected py-spy to sample the server (process {process.pid}), got: Error" in told
    assert "ptrace" in told
