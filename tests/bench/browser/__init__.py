"""Benchmark in a browser: one scene, drawn by the kernel, turned with the mouse.

``.venv/bin/python tests/bench/browser/run.py --out DIR`` opens the same VTK scene
in notebooks of one JupyterLab in one Chromium: as our picture, as a widget of
jupyter_rfb, and as trame's remote view. It drags the mouse over each, and
watches from the page which moves the picture shows, and when. Prints medians
and ratios, writes ``pictures.json`` and ``pictures.svg``; asserts no time.

The scene's background is a number in colour: the place of the mouse
(`scene.code_of`). So a picture tells which move it is of, whatever way it came.
"""
