"""When a client tells how much has come: soon, and not of every frame."""

import asyncio

from support.asynchronous import async_test, turns
from support.frames import frame
from support.server_by_hand import OUR_HELLO, opened
from support.virtual_time import virtual_time

from wslink_jupyter.client.receipts import Receipts
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.wire.envelopes import RECEIVED_METHOD, Publication, Result
from wslink_jupyter.wire.ids import HELLO_ID

LEAST, MOST, PAUSE_S = 32 * KIB, 4 * MIB, 0.005


def receipts(is_wanted=True):
    told = []
    made = Receipts(told.append)
    if is_wanted:
        made.start()
    return made, told


@virtual_time
async def test_little_is_not_told():
    made, told = receipts()
    await asyncio.sleep(1)
    made.received(LEAST - 1)
    await asyncio.sleep(1)
    assert told == []
    made.received(1)
    assert told == [LEAST]


@virtual_time
async def test_nothing_is_told_to_who_does_not_want_it():
    made, told = receipts(is_wanted=False)
    await asyncio.sleep(1)
    made.received(10 * MOST)
    await asyncio.sleep(1)
    assert told == []
    made.start()  # the hello's answer: what came before it counts, too
    made.received(1)
    assert told == [10 * MOST + 1]


@virtual_time
async def test_what_comes_at_once_is_told_at_once_after_a_pause():
    made, told = receipts()
    await asyncio.sleep(PAUSE_S)
    made.received(LEAST)
    for _ in range(10):
        made.received(LEAST)
    assert told == [LEAST]
    await asyncio.sleep(2 * PAUSE_S)
    assert told == [LEAST, 11 * LEAST]


@virtual_time
async def test_so_much_is_told_without_a_pause():
    made, told = receipts()
    await asyncio.sleep(PAUSE_S)
    for _ in range(8):
        made.received(MOST)
    assert told == [n * MOST for n in range(1, 9)]
    await asyncio.sleep(1)
    assert len(told) == 8


@virtual_time
async def test_nothing_is_told_after_the_end():
    made, told = receipts()
    made.received(LEAST)
    made.end()
    await asyncio.sleep(1)
    assert told == []


@async_test
async def test_a_client_tells_who_wants_to_know():
    hello = {**OUR_HELLO, "receipts": True}
    client, server = await opened(hello)
    said = [Result(HELLO_ID, hello), Publication("t", 0, bytes(MOST))]
    await server.say(said[1])
    all_bytes = sum(len(frame(envelope.dump())) for envelope in said)
    assert await server.hear_system() == (RECEIVED_METHOD, [all_bytes])
    await client.close()


@async_test
async def test_receipts_pass_a_long_call_and_calls_stay_in_order():
    client, server = await opened({**OUR_HELLO, "receipts": True})
    calling = [asyncio.create_task(client.call("long", bytes(8 * MIB)))]
    await turns(3)
    calling.append(asyncio.create_task(client.call("short")))
    await server.say(Publication("t", 0, bytes(MOST)))
    requests = [await server.hear() for _ in range(3)]
    assert [request.method for request in requests] == [RECEIVED_METHOD, "long", "short"]
    for call in requests[1:]:
        await server.say(Result(call.id, None))
    await asyncio.gather(*calling)
    await client.close()
