"""``wslink-jupyter`` as a real program."""

from __future__ import annotations

import re
import signal
import tomllib
from pathlib import Path

import pytest
from support.notebook_file import write_notebook
from support.program import Program, running
from support.sockets import raw_socket
from support.waiting import asynchronous, soon
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from wslink_jupyter.cli.main import main
from wslink_jupyter.client import connect

CHECKOUT = Path(__file__).parents[2]
COMMAND = ("-m", "wslink_jupyter", "serve")
QUICKSTART = (CHECKOUT / "tests" / "support" / "quickstart.py").read_text()


LOAD = "%load_ext wslink_jupyter\nimport wslink_jupyter as wl\nprint('loaded')"
VIEW = 'view = wl.show("export default { render({ el }) {} }", name="empty", title="Empty")'


def _address(line: str) -> str:
    found = re.search(r"\b(?:ws|http)://[^\s;,]+", line)
    assert found is not None, line
    return found[0]


async def _fetch(url: str, **headers: str) -> HTTPResponse:
    request = HTTPRequest(url, headers=headers, follow_redirects=False)
    return await soon(AsyncHTTPClient().fetch(request, raise_error=False))


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with nobody's configuration of Jupyter."""
    return {
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }


def test_help_says_what_can_be_served(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["serve", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    text = capsys.readouterr().out
    for words in ("module:Protocol", "notebook.ipynb", "--port", "--secret", "--keep-going"):
        assert words in text


def test_the_command_is_installed() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"wslink-jupyter": f"{main.__module__}:{main.__name__}"}


@asynchronous
async def test_a_protocol_is_served_until_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "quickstart.py").write_text(QUICKSTART)
    www = tmp_path / "www"
    www.mkdir()
    (www / "index.html").write_text("<p>page</p>")
    for what in ("quickstart:MyProtocol", "quickstart:MyHandler"):
        arguments = (*COMMAND, what, "--port=0", "--secret=s", f"--www={www}")
        async with running(*arguments, directory=tmp_path) as program:
            page = _address(await program.line())
            assert (await _fetch(page)).body == b"<p>page</p>"
            async with connect(f"{page}ws", secret="s") as session:
                assert await session.call("my.add", 20, 22) == 42
            assert await program.interrupted() == (0, "", "")


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("quickstart", "expected module:Protocol or a file ending in .ipynb, got 'quickstart'"),
        ("quickstart:", "expected module:Protocol or a file ending in .ipynb, got 'quickstart:'"),
        ("nowhere:P", "expected a module 'nowhere' here or installed, got none"),
        ("quickstart:P", "expected a class of quickstart (MyHandler, MyProtocol), got 'P'"),
        ("none.ipynb", "expected a notebook, found no file 'none.ipynb'"),
        ("broken.ipynb", "expected a notebook, got 'broken.ipynb': "),
    ],
)
@asynchronous
async def test_what_cannot_be_served_is_said_in_a_sentence(
    tmp_path: Path, what: str, sentence: str
) -> None:
    (tmp_path / "quickstart.py").write_text(QUICKSTART)
    (tmp_path / "broken.ipynb").write_text("{")
    async with running(*COMMAND, what, directory=tmp_path) as program:
        code, output, errors = await program.end()
    assert (code, output) == (1, "")
    assert errors.startswith(f"wslink-jupyter: {sentence}")
    assert errors.count("\n") == 1


async def _serving(program: Program) -> str:
    return _address(await program.line_with("wslink-jupyter serves", 60))


@asynchronous
async def test_a_notebook_is_run_and_its_views_are_pages(
    tmp_path: Path, home: dict[str, str]
) -> None:
    name = write_notebook(tmp_path, LOAD, "", VIEW)
    arguments = (*COMMAND, name, "--port=0", "--allow-root")
    async with running(*arguments, directory=tmp_path, environment=home) as program:
        assert await program.line(60) == "loaded"
        url = await _serving(program)
        index, _, token = url.partition("?token=")
        listing = await _fetch(url)
        assert listing.code == 200
        assert 'data-view=""' in listing.body.decode()
        page = await _fetch(f"{index}empty?token={token}")
        assert 'data-view="empty"' in page.body.decode()
        # Jupyter's own login.
        assert (await _fetch(index)).code == 302
        script = re.search(r'src="([^"]+)"', page.body.decode())
        assert script is not None
        origin = re.match(r"https?://[^/]+", index)
        assert origin is not None
        module = await _fetch(f"{origin[0]}{script[1]}?token={token}")
        assert module.headers["Content-Type"] == "text/javascript; charset=utf-8"
        socket = index.replace("http", "ws").replace("views/", "default/ws")
        async with connect(socket, token=token) as session:
            (view,) = await session.call("jupyter.views.list")
            assert (view["name"], view["title"]) == ("empty", "Empty")
        async with raw_socket(socket, token=token) as client:
            await client.hello()
            code, output, errors = await program.interrupted()
            await client.closed()
        assert (code, output) == (0, "")
        assert "Traceback" not in errors
    assert not list((tmp_path / "runtime").glob("kernel-*.json"))  # the kernel was shut down


@asynchronous
async def test_a_cell_that_fails_ends_it(tmp_path: Path, home: dict[str, str]) -> None:
    name = write_notebook(tmp_path, "print('before')", "1/0", "print('after')")
    arguments = (*COMMAND, name, "--port=0", "--allow-root")
    async with running(*arguments, directory=tmp_path, environment=home) as program:
        code, output, errors = await program.end(60)
    assert (code, output) == (1, "before\n")
    assert "ZeroDivisionError: division by zero" in errors
    assert "\x1b" not in errors
    assert errors.rstrip().endswith(
        "wslink-jupyter: code cell 2 of 3 failed; --keep-going runs the others, and serves"
    )
    async with running(*arguments, "--keep-going", directory=tmp_path, environment=home) as program:
        await program.line_with("after", 60)
        await _serving(program)
        program.send_signal(signal.SIGTERM)
        code, _, errors = await program.end()
    assert code == 0
    assert "wslink-jupyter: code cell 2 of 3 failed\n" in errors


@asynchronous
async def test_a_kernel_that_dies_ends_it(tmp_path: Path, home: dict[str, str]) -> None:
    name = write_notebook(tmp_path, "import os\nos._exit(3)")
    arguments = (*COMMAND, name, "--port=0", "--allow-root")
    async with running(*arguments, directory=tmp_path, environment=home) as program:
        code, output, errors = await program.end(60)
    assert (code, output) == (1, "")
    assert "wslink-jupyter: the kernel died" in errors
    async with running(
        *arguments, "--kernel=none", directory=tmp_path, environment=home
    ) as program:
        code, _, errors = await program.end(60)
    assert code == 1
    assert errors == (
        "wslink-jupyter: expected an installed kernel (python3), got 'none'; "
        "--kernel chooses another\n"
    )
