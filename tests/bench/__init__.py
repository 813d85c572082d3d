"""Benchmark: our path beside its peers and the raw limit, in one interleaved run.

``.venv/bin/python tests/bench/run.py --out DIR`` measures, prints a table of
medians and ratios, and writes ``results.json`` and ``chart.svg``. It asserts
no time: figures drift with the machine, ratios within one run hold.

Parts: ``systems`` starts what is measured, each in processes of its own;
``programs`` is what runs there, the same for all; ``clients`` is the one client
program, in this process; ``workloads`` is what is measured.
"""
