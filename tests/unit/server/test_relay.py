import asyncio
from types import SimpleNamespace

import pytest
from support.asynchronous import async_test, until
from support.pairs import lending_pair, pairs_of

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.server.config import WslinkServer
from wslink_jupyter.server.notices import Notices
from wslink_jupyter.server.relay import Relay


class Kernel:
    """Has one session, whose end of the link is given."""

    def __init__(self, link):
        self._link = link

    async def open_session(self, endpoint, user, max_frame_bytes, connection):
        return self._link, "epoch"

    def watch(self, relay):
        pass

    def unwatch(self, relay):
        pass


def relay_between(browser, link):
    kernel = Kernel(link)
    state = SimpleNamespace(config=WslinkServer(), kernels={"k"}, link=lambda kernel_id: kernel)

    async def write(text):
        pass

    return Relay(browser, Notices(write), state, "k", "default", "user", lambda: None)


@pytest.mark.skipif(not CAN_SHARE, reason="Linux only")
@async_test
async def test_the_kernel_does_not_write_over_what_a_slow_browser_has_yet_to_get():
    values = [bytes([number]) * 64 * KIB for number in range(250)]
    async with pairs_of("server") as pairs:
        browser, client = await pairs.connect()
        kernel, link = await lending_pair()
        relaying = asyncio.create_task(relay_between(browser, link).run())

        async def publish():
            for value in values:
                memory = kernel.pool.take(len(value))
                memory[:] = value
                for begin in range(0, len(value), 32 * KIB):
                    await kernel.write((memory[begin : begin + 32 * KIB],))
                del memory

        publishing = asyncio.create_task(publish())
        hearing = asyncio.create_task(kernel.deliver(pytest.fail))  # hears of what is returned
        await until(lambda: not browser.flush())  # the browser's socket is full
        await asyncio.sleep(0.03)  # several times as long as a return waits for company
        for value in values:
            assert b"".join([await client.read() for _ in range(2)]) == value
        await publishing
        await kernel.close(1000, "done")
        await relaying
        with pytest.raises(ConnectionClosed):
            await hearing
