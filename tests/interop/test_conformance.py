"""The stock application on stock wslink and on our servers: the same, but for a table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from interop.battery import CASES
from interop.conversation import converse
from interop.differences import complaints, differ
from interop.pages import hear_pages
from interop.publications import hear_publications
from interop.targets import CELL, Target, running
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel

Transcript = dict[str, str]


async def _transcript(target: Target) -> Transcript:
    return {
        **await converse(target, CASES),
        **await hear_publications(target),
        **await hear_pages(target),
    }


@pytest.fixture(scope="module")
def stock() -> Iterator[Transcript]:
    with running("stock_server.py") as target:
        yield asyncio.run(_transcript(target))


@pytest.fixture(scope="module")
def kernel_with_application(server: JupyterServer) -> Kernel:
    async def start() -> Kernel:
        kernel = await Kernel.start(server)
        async with kernel.console() as console:
            await console.run(PRELUDE + CELL)
        return kernel

    return asyncio.run(start())


def _compare(name: str, stock: Transcript, target: Target) -> None:
    text = complaints(name, differ(stock, asyncio.run(_transcript(target))))
    if text:
        pytest.fail(f"differences.md, {name}:\n{text}", pytrace=False)


def test_protocols_at_the_default_endpoint(
    stock: Transcript, kernel_with_application: Kernel
) -> None:
    kernel = kernel_with_application
    _compare("default", stock, Target(kernel.socket_url, kernel.server.token))


def test_a_whole_server_as_a_further_endpoint(
    stock: Transcript, kernel_with_application: Kernel
) -> None:
    server = kernel_with_application.server
    url = server.socket_url(kernel_with_application.id, "application")
    _compare("tunnel", stock, Target(url, server.token))


def test_our_server_without_jupyter(stock: Transcript) -> None:
    with running("standalone_server.py") as target:
        _compare("standalone", stock, target)
