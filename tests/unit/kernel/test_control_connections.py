import asyncio
from contextlib import asynccontextmanager

import pytest
from support.asynchronous import async_test, turns
from support.pairs import stream_pair

from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.kernel.control_connections import ControlConnections
from wslink_jupyter.transport import link
from wslink_jupyter.transport.link import Kind

CLOSED = ConnectionClosed(4008, "slow consumer: 5 messages sent")


class Control:
    """A server's end of one control connection, and the task that serves it."""

    def __init__(self, stream, serving):
        self.stream = stream
        self.serving = serving

    async def read(self):
        return await self.stream.read_fields(4096)


@asynccontextmanager
async def connected(controls, count=1):
    """Connect servers; each has read its first status."""
    connections, ends = [], []
    for _ in range(count):
        near, far = await stream_pair()
        serving = asyncio.create_task(controls.serve(far))
        connections.append(Control(near, serving))
        ends += [near, far]
    try:
        for control in connections:
            assert (await control.read())[0] is Kind.STATUS
        yield connections
    finally:
        for end in ends:
            end.abort()
        for control in connections:
            await asyncio.wait((control.serving,))
            if not control.serving.cancelled():
                control.serving.exception()  # seen


@async_test
async def test_the_status_is_told_at_once_and_when_it_changes():
    status = {"busy": False}
    controls = ControlConnections(lambda: status)
    async with connected(controls, 2) as connections:
        status = {"busy": True}
        controls.status_changed()
        for control in connections:
            assert await control.read() == (Kind.STATUS, {"busy": True})


@async_test
async def test_many_changes_are_told_as_the_last():
    status = {"n": 0}
    controls = ControlConnections(lambda: status)
    async with connected(controls) as (control,):
        for number in range(1, 101):
            status = {"n": number}
            controls.status_changed()
        assert await control.read() == (Kind.STATUS, {"n": 100})
        controls.session_ended("abc", CLOSED)
        assert (await control.read())[0] is Kind.ENDED  # and no status was left


@async_test
async def test_a_session_that_ended_is_told_to_every_server_in_order():
    controls = ControlConnections(dict)
    async with connected(controls, 2) as connections:
        for name in ("a", "b", "c"):
            controls.session_ended(name, CLOSED)
        for control in connections:
            for name in ("a", "b", "c"):
                assert await control.read() == (
                    Kind.ENDED,
                    {"connection": name, "code": 4008, "reason": CLOSED.reason},
                )


@async_test
async def test_a_server_that_has_gone_is_not_told():
    controls = ControlConnections(dict)
    async with connected(controls, 2) as (gone, stays):
        gone.stream.abort()
        await asyncio.wait((gone.serving,))
        assert isinstance(gone.serving.exception(), ConnectionClosed)
        controls.session_ended("a", CLOSED)
        assert (await stays.read())[0] is Kind.ENDED


@async_test
async def test_a_server_that_says_anything_is_cut_off():
    controls = ControlConnections(dict)
    async with connected(controls) as (control,):
        await control.stream.write((link.encode(Kind.STATUS, {}),))
        await asyncio.wait((control.serving,))
        with pytest.raises(LinkError, match="expected nothing after CONTROL, got STATUS"):
            await control.serving


@async_test
async def test_nobody_has_to_listen():
    controls = ControlConnections(dict)
    controls.status_changed()
    controls.session_ended("a", CLOSED)
    await turns(3)
