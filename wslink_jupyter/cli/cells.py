"""Runs the cells of a notebook in a kernel, as a program: what they write is written here."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient

from wslink_jupyter.errors import ServeError

#: Of terminals: colours.
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


#: Writes a text of the kernel's.
Write = Callable[[TextIO, str], object]


class CellFailed(ServeError):
    """A cell of the notebook raised; what it raised has been shown."""


def read_notebook(path: Path) -> Any:
    """Return a notebook.

    Raises
    ------
    ServeError
        If the file is none.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ServeError(f"expected a notebook, found no file {str(path)!r}") from None
    except Exception as error:  # of the parser and of nbformat, whichever finds out first
        raise ServeError(f"expected a notebook, got {str(path)!r}: {error}") from None


async def run_cells(
    client: AsyncKernelClient, notebook: Any, write: Write, *, keep_going: bool
) -> None:
    """Run the code cells from top to bottom.

    Raises
    ------
    CellFailed
        At the first that does, unless the others are to run.
    """
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code_cells, 1):
        if not cell.source.strip():
            continue
        reply = await client.execute_interactive(
            cell.source, allow_stdin=False, output_hook=partial(_tell, write), timeout=None
        )
        if reply["content"]["status"] == "ok" or "raises-exception" in cell.metadata.get(
            "tags", ()
        ):
            continue
        message = f"code cell {number} of {len(code_cells)} failed"
        if not keep_going:
            raise CellFailed(f"{message}; --keep-going runs the others, and serves")
        write(sys.stderr, f"wslink-jupyter: {message}\n")


def _tell(write: Write, message: dict[str, Any]) -> None:
    content = message["content"]
    if message["msg_type"] == "stream":
        write(sys.stderr if content["name"] == "stderr" else sys.stdout, content["text"])
    elif message["msg_type"] == "error":
        text = "\n".join([*content["traceback"], ""])
        write(sys.stderr, text if sys.stderr.isatty() else _COLOURS.sub("", text))
