"""What of a client's publications waits for whom."""

import asyncio

import pytest
from support.asynchronous import async_test, turns

from wslink_jupyter.client.inboxes import Inboxes
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import MIB
from wslink_jupyter.wire.envelopes import Publication


class Page:
    """The inboxes of one client, and what the server is told."""

    def __init__(self):
        self.changes = []
        self.acknowledged = []
        self.inboxes = Inboxes(lambda topic, is_heard: self.changes.append((topic, is_heard)))

    def open(self, topic="t"):
        return self.inboxes.open(topic)

    def close(self, inbox, topic="t"):
        self.inboxes.close(topic, inbox)

    def publish(self, value, topic="t", retain=False, size_bytes=0, ack=False):
        acknowledge = (lambda: self.acknowledged.append(value)) if ack else None
        publication = Publication(topic, 0, value, retain=retain)
        self.inboxes.deliver(publication, size_bytes, acknowledge)


async def content(inbox):
    """Take everything that waits, without waiting for more."""
    taken = []
    while True:
        task = asyncio.create_task(inbox.take())
        await turns(3)
        if not task.done():
            task.cancel()
            return taken
        taken.append(task.result())


@async_test
async def test_every_inbox_of_a_topic_gets_every_value_in_order():
    page = Page()
    one, two, other = page.open(), page.open(), page.open("elsewhere")
    for value in (1, 2):
        page.publish(value)
    page.publish(3, "nobody")
    assert [await content(inbox) for inbox in (one, two, other)] == [[1, 2], [1, 2], []]


@async_test
async def test_the_server_is_told_of_the_first_and_of_the_last():
    page = Page()
    one, two = page.open(), page.open()
    assert page.changes == [("t", True)]
    page.close(one)
    page.close(one)
    assert page.changes == [("t", True)]
    page.close(two)
    assert page.changes == [("t", True), ("t", False)]
    page.open()
    assert page.changes[2:] == [("t", True)]


@async_test
async def test_a_closed_inbox_is_empty_and_whoever_waits_for_it_is_woken():
    page = Page()
    one, two = page.open(), page.open()
    page.publish(1)
    page.close(one)
    page.publish(2)
    with pytest.raises(StopAsyncIteration):
        await one.take()
    assert await content(two) == [1, 2]
    waiting = asyncio.create_task(two.take())
    await turns(2)
    page.close(two)
    with pytest.raises(StopAsyncIteration):
        await waiting


@async_test
async def test_of_values_that_are_acknowledged_the_newest_waits_and_coming_back_is_being_done():
    page = Page()
    inbox = page.open()
    for value in (1, 2, 3):
        page.publish(value, ack=True)
    assert page.acknowledged == [1, 2]
    assert await inbox.take() == 3
    assert page.acknowledged == [1, 2]
    page.publish(4, ack=True)
    assert await inbox.take() == 4
    assert page.acknowledged == [1, 2, 3]
    page.publish(5, ack=True)
    page.close(inbox)
    assert page.acknowledged == [1, 2, 3, 4, 5]
    page.publish(6, ack=True)
    assert page.acknowledged[-1] == 6


@async_test
async def test_a_value_that_must_arrive_is_not_replaced():
    page = Page()
    inbox = page.open()
    page.publish(1)
    page.publish(2, ack=True)
    page.publish(3)
    page.publish(4, ack=True)
    assert await content(inbox) == [1, 2, 3, 4]


@async_test
async def test_there_is_room_again_when_values_are_taken_or_something_else_is_awaited():
    page = Page()
    inbox, awaited = page.open(), []
    await page.inboxes.until_room(lambda: False)
    for value in (1, 2):
        page.publish(value, size_bytes=5 * MIB)
    waiting = asyncio.create_task(page.inboxes.until_room(lambda: awaited))
    await turns(3)
    assert not waiting.done()
    awaited.append(1)
    page.inboxes.look_again()
    await waiting
    awaited.clear()
    waiting = asyncio.create_task(page.inboxes.until_room(lambda: awaited))
    await turns(3)
    assert not waiting.done()
    assert await inbox.take() == 1
    await waiting


@async_test
async def test_what_a_closed_inbox_held_takes_no_room():
    page = Page()
    inbox = page.open()
    page.publish(1, size_bytes=50 * MIB)
    page.close(inbox)
    await page.inboxes.until_room(lambda: False)


@async_test
async def test_too_much_that_waits_ends_the_connection_and_one_value_of_any_size_does_not():
    page = Page()
    page.open()
    page.publish(1, size_bytes=500 * MIB)
    with pytest.raises(ConnectionClosed, match="slow consumer: expected at most 67108864") as e:
        page.publish(2, size_bytes=1)
    assert e.value.code == 4008


@async_test
async def test_who_comes_later_to_a_retained_topic_gets_its_last_value():
    page = Page()
    one = page.open()
    page.publish(1, retain=True)
    page.publish(2, retain=True)
    assert await content(one) == [1, 2]
    assert await content(page.open()) == [2]
    assert page.changes == [("t", True)]


@pytest.mark.parametrize("retain", [True, False])
@async_test
async def test_what_was_retained_is_forgotten_with_the_last_inbox(retain):
    """The server sends it anew, if it still keeps it."""
    page = Page()
    inbox = page.open()
    page.publish(1, retain=retain)
    page.close(inbox)
    assert await content(page.open()) == []
    assert page.changes[-1] == ("t", True)


@pytest.mark.parametrize("retains", [[False], [True, False]])
@async_test
async def test_a_topic_that_is_not_retained_or_not_any_more_keeps_no_value(retains):
    page = Page()
    page.open()
    for value, retain in enumerate(retains):
        page.publish(value, retain=retain)
    assert await content(page.open()) == []


@async_test
async def test_values_come_before_the_end_and_the_first_end_counts():
    page = Page()
    inbox = page.open()
    page.publish(1)
    page.inboxes.end(lambda: ConnectionClosed(4010, "restart"))
    page.inboxes.end(StopAsyncIteration)
    assert await inbox.take() == 1
    for each in (inbox, inbox, page.open()):
        with pytest.raises(ConnectionClosed, match="restart"):
            await each.take()
