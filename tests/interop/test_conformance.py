"""The stock application on stock wslink and on our servers: the same, but for a table.

The table is ``differences.md``. It must tell all that differs, and nothing that does not.
"""

from __future__ import annotations

import asyncio

import pytest
from interop.battery import CASES
from interop.conversation import converse
from interop.differences import Difference, complaints, differ, table
from interop.exits import EXITS, hear_exit
from interop.pages import hear_pages
from interop.publications import hear_publications
from interop.remote_view import hear_remote_view
from interop.targets import APPLICATIONS, ENDPOINTS, Target, at, running
from support.kernel import Kernel

Transcript = dict[str, str]
#: Where an application is served, twice more to be asked to exit, and one with a window.
Targets = tuple[Target, ...]


async def _transcript(targets: Targets) -> Transcript:
    first, *leaving, with_window = targets
    heard = {
        **await converse(first, CASES),
        **await hear_publications(first),
        **await hear_pages(first),
    }
    for target, name in zip(leaving, EXITS, strict=True):
        heard |= await hear_exit(target, name)
    return heard | await hear_remote_view(with_window)


@pytest.fixture(scope="module")
def stock() -> Transcript:
    with running("stock_server.py", *APPLICATIONS) as targets:
        return asyncio.run(_transcript(targets))


def _compare(name: str, stock: Transcript, targets: Targets) -> None:
    text = complaints(name, differ(stock, asyncio.run(_transcript(targets))))
    if text:
        pytest.fail(f"differences.md, {name}:\n{text}", pytrace=False)


def test_protocols_at_the_default_endpoint(stock: Transcript, application_kernel: Kernel) -> None:
    _compare("default", stock, at(application_kernel, *["default"] * 4))


def test_a_whole_server_as_a_further_endpoint(
    stock: Transcript, application_kernel: Kernel
) -> None:
    _compare("tunnel", stock, at(application_kernel, *ENDPOINTS))


def test_our_server_without_jupyter(stock: Transcript) -> None:
    with running("standalone_server.py", *APPLICATIONS) as targets:
        _compare("standalone", stock, targets)


def test_the_table_is_held_against_what_is_heard_both_ways() -> None:
    row = next(row for row in table() if "default" in row.targets)
    unheard = complaints("default", set())
    assert "not in the table" not in unheard
    assert f"{row.cases[0]}: {row.stock} / {row.ours}" in unheard.splitlines()
    untold = complaints("default", {Difference(row.cases[0], row.stock, "`something else`")})
    assert f"| {row.cases[0]} | default | {row.stock} | `something else` |  |" in untold
