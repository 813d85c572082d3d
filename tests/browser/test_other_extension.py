"""The README's example for other extensions: compiled, built, and at work in JupyterLab."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect
from support.lab import LabServer, Notebook

CHECKOUT = Path(__file__).parents[2]
LABEXTENSION = CHECKOUT / "labextension"

TSCONFIG = {
    "compilerOptions": {
        "target": "ES2020",
        "lib": ["DOM", "ES2022"],
        "module": "esnext",
        "moduleResolution": "bundler",
        "strict": True,
        "skipLibCheck": True,
        "types": [],
        "outDir": "lib",
    },
    "include": ["src"],
}

CELL = """
%load_ext wslink_jupyter
import wslink_jupyter as wl

class Counter:
    value = 0
    def add(self, n: int) -> int:
        self.value += n
        return self.value

counter = wl.expose(Counter(), "counter")
"""


def run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def blocks(language: str) -> list[str]:
    """Return the blocks of the README's section."""
    readme = (CHECKOUT / "README.md").read_text()
    section = readme.split("## For other extensions")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def build(directory: Path) -> Path:
    """Build the extension as its author would; return the folder for JupyterLab."""
    run("npm", "pack", "--ignore-scripts", "--pack-destination", directory, cwd=LABEXTENSION)
    modules = directory / "node_modules"
    modules.mkdir()
    for module in (LABEXTENSION / "node_modules").iterdir():
        (modules / module.name).symlink_to(module)
    (archive,) = directory.glob("wslink-jupyter-*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(directory, filter="data")
    (directory / "package").rename(modules / "wslink-jupyter")
    ours = json.loads((LABEXTENSION / "package.json").read_text())
    (shared,) = [json.loads(block) for block in blocks("json")]
    package = {
        "name": "my-extension",
        "version": "0.1.0",
        "main": "lib/index.js",
        "dependencies": {
            "@jupyterlab/application": ours["dependencies"]["@jupyterlab/application"],
            "@jupyterlab/notebook": ours["dependencies"]["@jupyterlab/notebook"],
            "wslink-jupyter": f"^{ours['version']}",
        },
        "devDependencies": {"@jupyter/builder": ours["devDependencies"]["@jupyter/builder"]},
        "jupyterlab": {
            "extension": True,
            "outputDir": "built/my-extension",
            **shared["jupyterlab"],
        },
    }
    (directory / "package.json").write_text(json.dumps(package))
    (directory / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (directory / "src").mkdir()
    (source,) = blocks("ts")
    (directory / "src/index.ts").write_text(source)
    run(modules / ".bin/tsc", cwd=directory)
    run("jupyter-builder", "build", "--development=True", ".", cwd=directory)
    return directory / "built"


@pytest.fixture
def lab_with_both(tmp_path: Path) -> Iterator[LabServer]:
    (tmp_path / "extension").mkdir()
    (tmp_path / "lab").mkdir()
    built = build(tmp_path / "extension")
    code = "".join(path.read_text() for path in built.rglob("static/*.js"))
    assert "Gives the wslink session of a kernel" not in code  # the token is not its own
    server = LabServer(
        tmp_path / "lab", more_options=[f"--LabApp.extra_labextensions_path={built}"]
    )
    server.start()
    yield server
    server.stop()


def test_the_example_calls_through_the_shared_session(lab_with_both: LabServer, page: Page) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cell = nbformat.v4.new_code_cell(CELL)
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab_with_both.root / "test.ipynb")
    opened = Notebook(page, lab_with_both, "test.ipynb")
    opened.open()
    opened.run_cell(0)
    add = "window.jupyterapp.commands.execute('my-extension:add')"
    assert page.evaluate(add) == 1
    assert page.evaluate(add) == 2
    assert opened.evaluate("counter.value") == 2
    expect(page.locator(".jp-WslinkPanel")).to_have_count(0)
