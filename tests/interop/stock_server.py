"""An application on the stock server; says where, then serves."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path

from wslink.backends.aiohttp import create_webserver

sys.path.insert(0, str(Path(__file__).parents[1]))


def announce(port: int) -> None:
    print(f"wslink serves ws://127.0.0.1:{port}/ws", flush=True)


async def serve(module: str) -> None:
    application = importlib.import_module(f"interop.{module}").Application()
    config = {"host": "127.0.0.1", "port": 0, "ws": {"/ws": application}}
    await create_webserver(config).start(announce)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
