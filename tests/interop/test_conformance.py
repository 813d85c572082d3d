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
from interop.targets import Target, stock_server

Transcript = dict[str, str]


@pytest.fixture(scope="session")
def stock() -> Iterator[Target]:
    with stock_server() as target:
        yield target


@pytest.fixture(scope="session")
def stock_transcript(stock: Target) -> Transcript:
    return asyncio.run(_transcript(stock))


async def _transcript(target: Target) -> Transcript:
    return {
        **await converse(target, CASES),
        **await hear_publications(target),
        **await hear_pages(target),
    }


def test_default_endpoint(stock_transcript: Transcript, default_endpoint: Target) -> None:
    ours = asyncio.run(_transcript(default_endpoint))
    _compare("default", stock_transcript, ours)


def _compare(target: str, stock: Transcript, ours: Transcript) -> None:
    text = complaints(target, differ(stock, ours))
    if text:
        pytest.fail(text, pytrace=False)
