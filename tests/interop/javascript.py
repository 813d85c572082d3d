"""JavaScript clients, in Node."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import pytest
from support.waiting import soon

import wslink_jupyter

_RUNNER = Path(__file__).parent / "run.mjs"
_CLIENT_JS = Path(wslink_jupyter.__file__).parent / "static" / "client.js"
_LABEXTENSION = Path(__file__).parents[2] / "labextension"

#: Of npm wslink, and of vtk.js.
STOCK_CLIENTS = ["WebsocketConnection", "SmartConnect", "SmartConnect wsProxy", "WSLinkClient"]


def binary(data: bytes) -> dict[str, str]:
    """Return what stands for bytes in steps and stories."""
    return {"$bytes": base64.b64encode(data).decode()}


def random_bytes(size: int) -> bytes:
    """Return the bytes of ``{"$random": size}``."""
    state, data = 2463534242, bytearray(size)
    for index in range(size):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        data[index] = state & 255
    return bytes(data)


@dataclass(frozen=True)
class Story:
    """What a JavaScript client went through.

    Attributes
    ----------
    failure : str or None
        Why there was no connection.
    replies : list of dict
        ``{"result": ...}`` or ``{"error": ...}`` per call.
    heard : dict
        Published values by topic.
    frames : list of (int, bytes)
        Size and first kilobyte of every frame that came.
    closes : list of (int, str)
        Code and reason of every connection that ended.
    """

    failure: str | None
    replies: list[dict[str, Any]]
    heard: dict[str, list[Any]]
    frames: list[tuple[int, bytes]]
    closes: list[tuple[int, str]]

    def envelopes(self) -> list[dict[str, Any]]:
        """Return the envelopes that came in one short frame."""
        return [
            msgpack.unpackb(head[12:], timestamp=3)
            for size, head in self.frames
            if size == len(head) and int.from_bytes(head[8:12], "little") == size - 12
        ]


async def run_client(kind: str, url: str, *steps: list[Any], secret: str = "") -> Story:
    """Run steps with a client of ``clients.mjs``; see ``run.mjs``."""
    node = shutil.which("node")
    if node is None or not (_LABEXTENSION / "node_modules" / "wslink").is_dir():
        pytest.fail("expected node, and wslink in labextension/node_modules: run npm ci there")
    process = await asyncio.create_subprocess_exec(
        *(node, str(_RUNNER), kind, url, secret),
        cwd=_LABEXTENSION,
        env={**os.environ, "CLIENT_JS": str(_CLIENT_JS)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await soon(process.communicate(json.dumps(steps).encode()), 60)
    # The client's source is one long line; what went wrong is behind it.
    assert (process.returncode, errors) == (0, b""), errors.decode()[-2000:]
    story = json.loads(output)
    frames = [(each["size"], bytes.fromhex(each["head"])) for each in story.pop("frames")]
    closes = [(code, reason) for code, reason in story.pop("closes")]
    return Story(**story, frames=frames, closes=closes)


async def run_npm(
    url: str,
    steps: Sequence[list[Any]],
    secret: str = "wslink-secret",
    kind: str = "WebsocketConnection",
) -> Story:
    """Run steps with a stock client, which must get in."""
    story = await run_client(kind, url, *steps, secret=secret)
    assert story.failure is None, story.failure
    return story
