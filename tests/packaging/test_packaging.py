"""What is installed: both extensions, from a wheel, without Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def run(*command: str | Path, environment: dict[str, str] | None = None) -> str:
    """Run a command; return all that it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def no_node() -> dict[str, str]:
    """An environment whose PATH has Python's programs and nothing else."""
    environment = {**os.environ, "PATH": str(BIN)}
    assert shutil.which("node", path=environment["PATH"]) is None
    assert shutil.which("npm", path=environment["PATH"]) is None
    return environment


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, no_node: dict[str, str]) -> Path:
    """A wheel of the checkout, whose front end `make` has built."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet")
    run(*pip, "wheel", "--no-deps", "-w", folder, CHECKOUT, environment=no_node)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_a_wheel_installs_without_node(
    wheel: Path, no_node: dict[str, str], tmp_path: Path
) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet")
    run(*pip, "install", "--no-deps", "--target", tmp_path, wheel, environment=no_node)
    lab = tmp_path / "share/jupyter/labextensions/wslink-jupyter"
    assert (lab / "package.json").is_file()
    assert (lab / "install.json").is_file()
    assert list((lab / "static").glob("remoteEntry.*.js"))
    assert (lab / "schemas/wslink-jupyter/settings.json").is_file()
    config = tmp_path / "etc/jupyter/jupyter_server_config.d/wslink_jupyter.json"
    assert '"wslink_jupyter": true' in config.read_text()
    for name in ("client.js", "views.js", "views.css"):
        assert (tmp_path / "wslink_jupyter/static" / name).is_file()
    assert (tmp_path / "bin/wslink-jupyter").is_file()
    assert (tmp_path / "wslink_jupyter/py.typed").is_file()


def test_a_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.startswith("wslink_jupyter-")} == {"wslink_jupyter"}
    parts = {part for name in names for part in name.split("/")}
    assert not [part for part in parts if part.endswith((".ts", ".map")) or part.startswith("test")]


def test_both_extensions_are_enabled() -> None:
    servers = run(BIN / "jupyter", "server", "extension", "list").splitlines()
    about = [line for line in servers if "wslink_jupyter" in line]
    assert any("enabled" in line for line in about)
    assert any("OK" in line for line in about)
    listed = run(BIN / "jupyter", "labextension", "list")
    (line,) = [line for line in listed.splitlines() if "wslink-jupyter v" in line]
    assert "enabled" in line
    assert "OK" in line
