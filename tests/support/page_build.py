"""Builds a page as its author does: with Vite, of a source that imports npm's wslink."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).parent / "page"
_NODE_MODULES = Path(__file__).parents[2] / "labextension" / "node_modules"


def copy_source(folder: Path) -> Path:
    """Put the page's source into a new folder, with what it imports."""
    shutil.copytree(_SOURCE, folder)
    (folder / "node_modules").symlink_to(_NODE_MODULES)
    return folder


def build(folder: Path, heading: str, *options: str) -> Path:
    """Build the page into ``dist``, under another heading; return that folder."""
    node = shutil.which("node")
    assert node is not None, "expected node"
    assert (_NODE_MODULES / "vite").is_dir(), "run npm ci in labextension"
    text = (_SOURCE / "index.html").read_text()
    (folder / "index.html").write_text(text.replace("BUILD", heading))
    done = subprocess.run(
        [node, _NODE_MODULES / "vite/bin/vite.js", "build", *(options or ("--base=./",))],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder / "dist"
