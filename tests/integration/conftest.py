"""Two servers for all tests, and a kernel that most of them share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server as a user starts it, under a base URL that must be quoted."""
    started = JupyterServer(
        tmp_path_factory.mktemp("server"),
        base_url="/a%20b/",
        options=["--ServerApp.allow_unauthenticated_access=False"],
    )
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def kernel(server: JupyterServer) -> Kernel:
    """A kernel with the extension, for tests that leave it alive."""
    return _loaded_kernel(server)


@pytest.fixture(scope="session")
def mortal(server: JupyterServer) -> Kernel:
    """A kernel that tests may restart and kill; each loads what it needs."""
    return asyncio.run(Kernel.start(server))


@pytest.fixture(scope="session")
def impatient_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server with short times, whose login and permissions are files."""
    directory = tmp_path_factory.mktemp("impatient")
    started = JupyterServer(
        directory,
        options=[
            "--ServerApp.allow_unauthenticated_access=True",
            "--ServerApp.identity_provider_class=guards.FileIdentity",
            "--ServerApp.authorizer_class=guards.FileAuthorizer",
            "--WslinkServer.runtime_timeout_s=1",
            "--WslinkServer.ping_interval_s=0.5",
            "--WslinkServer.ping_timeout_s=0.5",
            "--WslinkServer.recheck_interval_s=0.2",
            "--WslinkServer.max_sockets_per_kernel=8",
        ],
        environment={"GUARDS": str(directory), "PYTHONPATH": str(_HERE)},
    )
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def impatient_kernel(impatient_server: JupyterServer) -> Kernel:
    """A kernel with the extension, of the impatient server."""
    return _loaded_kernel(impatient_server)


def _loaded_kernel(server: JupyterServer) -> Kernel:
    async def start() -> Kernel:
        kernel = await Kernel.start(server)
        await kernel.load()
        return kernel

    return asyncio.run(start())
