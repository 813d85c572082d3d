"""``python -m wslink_jupyter`` is the command ``wslink-jupyter``."""

from wslink_jupyter.cli.main import main

main()
