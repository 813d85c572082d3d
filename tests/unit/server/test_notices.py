import asyncio
import json

import pytest
from support.asynchronous import async_test, turns
from support.virtual_time import virtual_time

from wslink_jupyter.server.notices import Notices, kernel_notice


class Browser:
    """Takes texts, as slowly as it is told to."""

    def __init__(self):
        self.heard = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, text):
        await self.gate.wait()
        self.heard.append(json.loads(text)["state"])


@pytest.fixture
def told():
    return {"type": "kernel", "state": "busy", "epoch": "e", "reason": "r"}


def test_a_notice_has_the_fields_of_the_contract(told):
    assert json.loads(kernel_notice("busy", "e", "r")) == told
    assert json.loads(kernel_notice("absent", None)) == {
        "type": "kernel",
        "state": "absent",
        "epoch": None,
        "reason": "",
    }


@async_test
async def test_notices_are_written_in_order_each_once():
    browser = Browser()
    notices = Notices(browser.write)
    running = asyncio.create_task(notices.run())
    for state in ("absent", "ready", "ready", "busy"):
        notices.tell(state, "e")
        await notices.flush()
    running.cancel()
    assert browser.heard == ["absent", "ready", "busy"]


@async_test
async def test_a_slow_browser_gets_the_newest_only():
    browser = Browser()
    notices = Notices(browser.write)
    running = asyncio.create_task(notices.run())
    browser.gate.clear()
    notices.tell("absent", "e")
    await turns(3)
    for state in ("ready", "busy", "dead"):
        notices.tell(state, "e")
    browser.gate.set()
    await notices.flush()
    running.cancel()
    assert browser.heard == ["absent", "dead"]


@async_test
async def test_the_same_state_of_another_epoch_is_news():
    browser = Browser()
    notices = Notices(browser.write)
    running = asyncio.create_task(notices.run())
    for epoch in ("one", "two"):
        notices.tell("ready", epoch)
        await notices.flush()
    running.cancel()
    assert browser.heard == ["ready", "ready"]


@virtual_time
async def test_flush_waits_for_a_browser_that_hangs_no_longer_than_it_is_told():
    browser = Browser()
    browser.gate.clear()
    notices = Notices(browser.write)
    running = asyncio.create_task(notices.run())
    notices.tell("ready", "e")
    await notices.flush(timeout_s=1.0)
    assert asyncio.get_running_loop().time() == pytest.approx(1.0)
    running.cancel()


@async_test
async def test_flush_with_nothing_to_write_returns_at_once():
    await Notices(Browser().write).flush()
