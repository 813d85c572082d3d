"""Calls of one client begin in the order in which it made them."""

import asyncio

import pytest
from support.asynchronous import async_test, until
from support.endpoints import served


class Log:
    """What began, in order."""

    def __init__(self):
        self.begun = []

    def at_once(self, number):
        self.begun.append(number)

    async def later(self, number):
        self.begun.append(number)
        await asyncio.sleep(0)

    def future(self, number):
        self.begun.append(number)
        return asyncio.sleep(0)


ORDERS = [
    ["later", "at_once"],
    ["later", "at_once", "later", "at_once", "at_once"],
    ["at_once", "later", "later", "future", "at_once", "later"],
    ["at_once"] * 5,
    ["later"] * 5,
]


@pytest.mark.parametrize("methods", ORDERS, ids=" ".join)
@pytest.mark.parametrize(
    ("run", "on_this_thread"),
    [("main", False), ("main", True), ("loop", False), ("thread", False)],
    ids=["main", "main_of_the_loop", "loop", "thread"],
)
@async_test
async def test_calls_that_come_at_once_begin_in_their_order(run, on_this_thread, methods):
    async with served(on_this_thread=on_this_thread) as here:
        log = Log()
        here.expose(log, "log", run)
        peer = here.converse()
        await peer.greet(protocol=1)
        for number, method in enumerate(methods):
            peer.call(f"log.{method}", number)
        await until(lambda: peer.session.info.calls == 0)
        assert log.begun == list(range(len(methods)))
