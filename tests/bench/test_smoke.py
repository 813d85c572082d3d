"""That the benchmark still runs: against what `make test` has, and no time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.profiling.groups import GROUPS

_COMMAND = Path(__file__).with_name("run.py")
_WORK = "echo,upload-8m,publish-64k,publish-1080p-thread,busy-sleep,publish-cost"


def test_run(tmp_path: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, str(_COMMAND), "--quick", "--out", str(tmp_path)),
            *("--systems", "limit,wslink-off,ours", "--work", _WORK),
        ],
        check=True,
        timeout=100,
    )
    run = json.loads((tmp_path / "results.json").read_text())
    assert [one["failure"] for one in run["measurements"] if one["failure"]] == []
    assert len(run["measurements"]) == 3 * 3 + 1 + 1 + 2
    assert (tmp_path / "chart.svg").exists()


def test_profile(tmp_path: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, str(_COMMAND), "--profile", "--quick", "--out", str(tmp_path)),
            *("--work", "calls"),
        ],
        check=True,
        timeout=100,
    )
    run = json.loads((tmp_path / "profile.json").read_text())
    (measurement,) = run["measurements"]
    assert measurement["failure"] == ""
    assert measurement["divisions"].keys() == {"server", "kernel"}
    for division in measurement["divisions"].values():
        assert division.keys() <= set(GROUPS)
        assert sum(division.values()) > 0
    assert "| calls, ours: kernel |" in (tmp_path / "profile.md").read_text()
    assert len(list((tmp_path / "stacks").iterdir())) == 2
