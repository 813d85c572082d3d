from dataclasses import asdict

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.rpc.outbox import Counters
from wslink_jupyter.rpc.session_info import SendRate
from wslink_jupyter.rpc.topics import TopicSettings


def after(*samples):
    """Return messages and bytes per second after samples of time, messages, bytes."""
    rate = SendRate()
    for now_s, messages, size in samples:
        rate.tick(now_s, Counters(sent_messages=messages, sent_bytes=size))
    return rate.messages_per_s, rate.bytes_per_s


@pytest.mark.parametrize(
    ("samples", "rates"),
    [
        ([], (0.0, 0.0)),
        ([(5.0, 100, 1000)], (0.0, 0.0)),
        ([(5.0, 100, 1000), (6.0, 150, 3000)], (50.0, 2000.0)),
        ([(5.0, 100, 1000), (7.0, 150, 3000)], (25.0, 1000.0)),
        ([(5.0, 100, 1000), (6.0, 150, 3000), (7.0, 150, 3000)], (0.0, 0.0)),
        ([(5.0, 0, 0), (5.0, 10, 10)], (0.0, 0.0)),  # no time passed
        ([(5.0, 0, 0), (4.0, 10, 10)], (0.0, 0.0)),
    ],
)
def test_the_rate_is_what_was_sent_since_the_last_look(samples, rates):
    assert after(*samples) == rates


@async_test
async def test_a_session_tells_what_it_sent_in_the_last_second():
    async with served() as here:
        peer = here.converse()
        await peer.greet()
        peer.session.check_time(100.0)
        before = peer.session.info
        assert (before.sent_messages_per_s, before.sent_bytes_per_s) == (0.0, 0.0)
        for number in range(10):
            here.publish("t", number)
        await turns(3)
        peer.hear_all()
        peer.session.check_time(102.0)
        after = peer.session.info
        assert after.sent_messages_per_s == 5.0
        assert after.sent_bytes_per_s == (after.sent_bytes - before.sent_bytes) / 2
        peer.session.check_time(103.0)
        assert peer.session.info.sent_messages_per_s == 0.0


@async_test
async def test_a_session_tells_who_it_is_and_what_became_of_every_message():
    async with served() as here:
        here.endpoint.hub.configure("frames", TopicSettings("latest"))
        peer = here.converse()
        await peer.greet(protocol=1, client="a tab")
        await peer.subscribe("frames", "events")
        for number in range(5):
            here.publish("frames", number)
            here.publish("events", number)
            await turns(2)
            peer.hear_all()
        info = peer.session.info
        fields = asdict(info)
        assert {name: fields[name] for name in list(fields)[:6]} == {
            "id": peer.session.id,
            "user": "user",
            "client": "a tab",
            "calls": 0,
            "subscriptions": 2,
            "rtt_s": None,
        }
        # Beside the answers to hello and subscription.
        assert info.put_messages == 2 + 10
        assert (info.sent_messages, info.queued_messages, info.coalesced_messages) == (9, 1, 2)
        assert info.dropped_messages == 0
        for unit in ("messages", "bytes"):
            fates = ("sent", "queued", "coalesced", "dropped")
            assert fields[f"put_{unit}"] == sum(fields[f"{fate}_{unit}"] for fate in fates)


@async_test
async def test_a_snapshot_does_not_change():
    async with served() as here:
        peer = here.converse()
        await peer.greet()
        info = peer.session.info
        here.publish("t", 1)
        await turns(3)
        assert info.put_messages == 1
        assert peer.session.info.put_messages == 2
