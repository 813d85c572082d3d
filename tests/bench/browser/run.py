"""Run as a script: ``.venv/bin/python tests/bench/browser/run.py --out DIR``."""

import runpy
import sys
from pathlib import Path

# `bench` and `support` are found here, and nothing of the checkout's package is.
sys.path[0] = str(Path(__file__).resolve().parents[2])
runpy.run_module("bench.browser", run_name="__main__")
