"""Builds pages as their authors do: with Vite, of sources that import npm's wslink."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

_SUPPORT = Path(__file__).parent
_NODE_MODULES = Path(__file__).parents[2] / "labextension" / "node_modules"


def copy_source(folder: Path, source: str = "page") -> Path:
    """Put a page's source into a new folder, with what it imports."""
    shutil.copytree(_SUPPORT / source, folder)
    (folder / "node_modules").symlink_to(_NODE_MODULES)
    return folder


def build(folder: Path, heading: str = "", *options: str) -> Path:
    """Build a page into ``dist``, under another heading, if it has any; return that folder."""
    node = shutil.which("node")
    assert node is not None, "expected node"
    assert (_NODE_MODULES / "vite").is_dir(), "run npm ci in labextension"
    index = folder / "index.html"
    index.write_text(re.sub(r"(?<=<h1>).*(?=</h1>)", heading, index.read_text()))
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
