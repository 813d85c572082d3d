"""``wslink-jupyter serve WHAT``: reads the arguments, and says in one line what is wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from wslink_jupyter._version import __version__
from wslink_jupyter.errors import WslinkJupyterError

_SERVE = """\
Serve a protocol over WebSockets, without Jupyter:

  wslink-jupyter serve module:Protocol

or run a notebook from top to bottom, and serve its views as web pages, without
JupyterLab:

  wslink-jupyter serve notebook.ipynb

Ctrl+C stops it.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; ends the program with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the program by default.
    """
    options = _parser().parse_args(arguments)
    try:
        code = _serve_notebook(options) if _is_notebook(options.what) else _serve_protocol(options)
    except WslinkJupyterError as error:
        print(f"wslink-jupyter: {error}", file=sys.stderr)
        code = 1
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wslink-jupyter", description="wslink for Jupyter, from the command line."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve a protocol, or the views of a notebook",
        description=_SERVE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("what", metavar="WHAT", help="module:Protocol, or a file ending in .ipynb")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="what to listen at (default: %(default)s, which this machine alone reaches)",
    )
    serve.add_argument(
        "--port",
        type=int,
        default=8080,
        help="0 is any free one (default: %(default)s)",
    )
    protocol = serve.add_argument_group("of a protocol")
    protocol.add_argument(
        "--secret", help="what clients must know (default: a random one, which is printed)"
    )
    protocol.add_argument(
        "--www", metavar="DIR", type=Path, help="a folder of web files to serve as well"
    )
    notebook = serve.add_argument_group("of a notebook")
    notebook.add_argument("--kernel", metavar="NAME", help="default: the notebook's")
    notebook.add_argument(
        "--keep-going",
        action="store_true",
        help="run the other cells, and serve, when a cell fails",
    )
    notebook.add_argument(
        "--allow-root", action="store_true", help="let the server be run by the root user"
    )
    return parser


def _is_notebook(what: str) -> bool:
    return what.endswith(".ipynb")


def _serve_protocol(options: argparse.Namespace) -> int:
    # Each needs a part of the package that the other does not.
    from wslink_jupyter.cli.protocol import serve_protocol

    return serve_protocol(options.what, options.host, options.port, options.secret, options.www)


def _serve_notebook(options: argparse.Namespace) -> int:
    from wslink_jupyter.cli.notebook import serve_notebook

    return serve_notebook(
        Path(options.what),
        options.host,
        options.port,
        kernel=options.kernel,
        keep_going=options.keep_going,
        allow_root=options.allow_root,
    )
