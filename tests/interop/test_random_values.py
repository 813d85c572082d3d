"""Any value comes back from our servers as it does from stock wslink, byte for byte."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st
from interop.targets import Target
from support.sockets import RawSocket, call, chunk, raw_socket
from support.waiting import soon

_TIMESTAMPS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)).map(
    msgpack.Timestamp.from_datetime
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=40)
    | st.binary(max_size=300)
    | _TIMESTAMPS
)
#: Keys are text, as JavaScript's are.
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=50,
)


async def _ask(socket: RawSocket, message: bytes, sizes: Sequence[int]) -> bytes | None:
    """Send a message in chunks of some sizes, the last chunk first; return the reply."""
    offsets = [sum(sizes[:index]) for index in range(len(sizes) + 1)]
    offsets = [*(each for each in offsets if each < len(message)), len(message)]
    for start, end in reversed(list(itertools.pairwise(offsets))):
        await socket.send(chunk(1, start, len(message), message[start:end]))
    return await soon(socket.receive_message())


def test_values_come_back_the_same_from_every_server(every_server: tuple[Target, ...]) -> None:
    with asyncio.Runner() as runner:
        sockets, close = runner.run(_connect(every_server))

        @settings(max_examples=60, deadline=None, derandomize=True)
        @given(st.lists(_VALUES, min_size=1, max_size=20), st.lists(st.integers(100, 2000)))
        def differ(values: list[object], sizes: list[int]) -> None:
            message = msgpack.packb(call(1, "values.echo", *values))

            async def ask_all() -> list[bytes | None]:
                return await asyncio.gather(*(_ask(each, message, sizes) for each in sockets))

            expected, *ours = runner.run(ask_all())
            assert expected is not None
            assert ours == [expected] * len(ours)

        try:
            differ()
        finally:
            runner.run(close.aclose())


async def _connect(targets: Sequence[Target]) -> tuple[list[RawSocket], AsyncExitStack]:
    stack = AsyncExitStack()
    sockets = [
        await stack.enter_async_context(raw_socket(target.url, token=target.token))
        for target in targets
    ]
    for socket in sockets:
        await socket.hello()
    return sockets, stack
