"""The stock application on stock wslink and on our servers: the same, but for a table.

The table is ``differences.md``. It must tell all that differs, and nothing that does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from interop.battery import CASES
from interop.conversation import converse
from interop.differences import complaints, differ
from interop.exits import EXITS, hear_exit
from interop.pages import hear_pages
from interop.publications import hear_publications
from interop.targets import Target, at, running
from support.kernel import Kernel

Transcript = dict[str, str]
#: Where the application is served three times: two are asked to exit.
Targets = tuple[Target, ...]


async def _transcript(targets: Targets) -> Transcript:
    first, *leaving = targets
    heard = {
        **await converse(first, CASES),
        **await hear_publications(first),
        **await hear_pages(first),
    }
    for target, name in zip(leaving, EXITS, strict=True):
        heard |= await hear_exit(target, name)
    return heard


@contextmanager
def _running_thrice(script: str) -> Iterator[Targets]:
    with ExitStack() as stack:
        servers = [running(script) for _ in range(3)]
        yield tuple(stack.enter_context(server) for server in servers)


@pytest.fixture(scope="module")
def stock() -> Transcript:
    with _running_thrice("stock_server.py") as targets:
        return asyncio.run(_transcript(targets))


def _compare(name: str, stock: Transcript, targets: Targets) -> None:
    text = complaints(name, differ(stock, asyncio.run(_transcript(targets))))
    if text:
        pytest.fail(f"differences.md, {name}:\n{text}", pytrace=False)


def test_protocols_at_the_default_endpoint(stock: Transcript, application_kernel: Kernel) -> None:
    _compare("default", stock, at(application_kernel, "default", "default", "default"))


def test_a_whole_server_as_a_further_endpoint(
    stock: Transcript, application_kernel: Kernel
) -> None:
    _compare("tunnel", stock, at(application_kernel, "application", "leaving_0", "leaving_1"))


def test_our_server_without_jupyter(stock: Transcript) -> None:
    with _running_thrice("standalone_server.py") as targets:
        _compare("standalone", stock, targets)
