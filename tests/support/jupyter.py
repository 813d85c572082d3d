"""A real Jupyter server, in a process of its own."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

_CHECKOUT = Path(__file__).resolve().parents[2]
_START_TIMEOUT_S = 30.0
#: Lines of others: ipykernel's, when a kernel ends while it starts.
_NOT_OURS = ("IPythonKernel.poll_stopped_queue",)
#: A traceback of others: ipykernel's, that it cannot say what it is after it was shut down.
_KERNEL_INFO_TOO_LATE = re.compile(
    r"^\[IPKernelApp\] ERROR \| Exception in message handler:\nTraceback[^\n]*\n"
    r"(?: [^\n]*\n)* [^\n]*kernel_info_request\n(?: [^\n]*\n)*"
    r"zmq\.error\.ZMQError: Socket operation on non-socket$",
    re.MULTILINE,
)
#: Never in the log of a sound server.
_FORBIDDEN_IN_LOG = (
    "Traceback",
    "JupyterServerAuthWarning",
    "never retrieved",
    "was never awaited",
)


class JupyterServer:
    """A server with directories, token, port and log of its own.

    Parameters
    ----------
    directory : Path
        Empty; everything is in it.
    base_url : str
    options : sequence of str
        Further command-line options, such as ``--WslinkServer.max_sockets=2``.
    environment : mapping of str to str
        Further variables, for the kernels, too.
    """

    #: What is started, as words after ``python -m``.
    application: tuple[str, ...] = ("jupyter_server",)
    #: Also for a checkout that is not installed.
    enabling: tuple[str, ...] = ("--ServerApp.jpserver_extensions={'wslink_jupyter': True}",)

    def __init__(
        self,
        directory: Path,
        *,
        base_url: str = "/",
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.root = directory / "root"
        self.runtime_directory = directory / "runtime"
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self.base_url = base_url
        self._log_path = directory / "server.log"
        self._options = options
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What the server and its kernels have written."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str = "", scheme: str = "http") -> str:
        """Return the URL of a path under the base URL."""
        return f"{scheme}://127.0.0.1:{self.port}{self.base_url}{path}"

    def socket_url(self, kernel_id: str, endpoint: str = "default") -> str:
        """Return the URL of the wslink socket of a kernel."""
        return self.url(f"wslink-jupyter/kernels/{kernel_id}/{endpoint}/ws", "ws")

    def start(self) -> None:
        """Start, and wait until the server answers."""
        self.root.mkdir()
        command = [
            *(sys.executable, "-m", *self.application, "--no-browser", "--allow-root"),
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.base_url={self.base_url}",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={self.token}",
            *self.enabling,
            # Dead kernels are noticed soon, and come back on the same ports.
            "--KernelRestarter.time_to_dead=0.2",
            "--KernelRestarter.stable_start_time=0.1",
            *self._options,
        ]
        # Not in the checkout: a kernel would import that in place of what is installed.
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.root, env=self.variables(), stdout=log, stderr=log
            )
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                self._process.kill()
                raise AssertionError(f"the Jupyter server did not start:\n{self.log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop, and fail if the log tells of anything that should not be."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"the Jupyter server did not stop:\n{self.log}") from None
        self.check_log()

    def check_log(self) -> None:
        """Fail if the log tells of anything that should not be."""
        lines = self.log.splitlines()
        log = "\n".join(line for line in lines if not any(name in line for name in _NOT_OURS))
        log = _KERNEL_INFO_TOO_LATE.sub("", log)
        for forbidden in (*_FORBIDDEN_IN_LOG, self.token):
            place = log.find(forbidden)
            assert place < 0, (
                f"{forbidden!r} in the server's log:\n{log[max(place - 1000, 0) : place + 4000]}"
            )

    async def request(
        self,
        path: str,
        method: str = "GET",
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        login: bool = True,
    ) -> HTTPResponse:
        """Ask the server; whatever it answers is returned."""
        authorization = {"Authorization": f"token {self.token}"} if login else {}
        request = HTTPRequest(
            self.url(path),
            method=method,
            headers={**authorization, **(headers or {})},
            body=None if body is None else json.dumps(body),
            allow_nonstandard_methods=True,
            follow_redirects=False,
        )
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def json(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Ask the server, which must answer well."""
        response = await self.request(path, method, body)
        assert response.code in (200, 201, 204), (response.code, response.body)
        return json.loads(response.body) if response.body else None

    async def runtimes(self) -> list[dict[str, Any]]:
        """Return what ``GET wslink-jupyter/kernels`` lists."""
        answer = await self.json("wslink-jupyter/kernels")
        kernels: list[dict[str, Any]] = answer["kernels"]
        return kernels

    async def cookies(self) -> str:
        """Log in with the token; return the cookies, as a browser sends them."""
        response = await self.request(f"api/status?token={self.token}", login=False)
        assert response.code == 200
        set_cookies = response.headers.get_list("Set-Cookie")
        return "; ".join(cookie.partition(";")[0] for cookie in set_cookies)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url(f"api/status?token={self.token}"), timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def variables(self) -> dict[str, str]:
        """Return the environment of the server and its kernels."""
        paths = {
            "JUPYTER_RUNTIME_DIR": self.runtime_directory,
            "JUPYTER_CONFIG_DIR": self.directory / "config",
            "JUPYTER_DATA_DIR": self.directory / "data",
            "IPYTHONDIR": self.directory / "ipython",
        }
        variables = {
            **os.environ,
            **{name: str(path) for name, path in paths.items()},
            # Nobody else's configuration, nobody else's extensions.
            "JUPYTER_NO_CONFIG": "1",
            **self._environment,
        }
        if not _is_installed():
            inherited = variables.get("PYTHONPATH")
            variables["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_CHECKOUT), inherited)))
        return variables


def split_address(url: str) -> tuple[str, int, str]:
    """Return host, port and path of a URL."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port, parts.path


def _is_installed() -> bool:
    try:
        importlib.metadata.distribution("wslink-jupyter")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
