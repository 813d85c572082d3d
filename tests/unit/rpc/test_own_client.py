"""What our own clients ask for beside calls; and that stock clients cannot."""

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.topics import TopicSettings
from wslink_jupyter.wire.envelopes import (
    ACK_METHOD,
    CANCEL_METHOD,
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Failure,
    Publication,
    Result,
)

METHODS = [ACK_METHOD, CANCEL_METHOD, SUBSCRIBE_METHOD, UNSUBSCRIBE_METHOD]
BAD_TOPICS = ["", "a-b", "a..b", "ä", "x" * 256, 5, None, ["t"], {"t": 1}, b"t"]


def subscriptions(peer):
    return peer.session.info.subscriptions


@async_test
async def test_what_is_subscribed_to_is_heard_and_nothing_else():
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe("a", "b")
        assert subscriptions(peer) == 2
        for topic in ("a", "b", "c"):
            here.publish(topic, topic)
        await turns(3)
        assert [reply.value for reply in peer.hear_all()] == ["a", "b"]


@async_test
async def test_what_is_unsubscribed_is_heard_no_more():
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe("a", "b")
        request_id = peer.request(UNSUBSCRIBE_METHOD, "a", "never")
        assert await peer.hear() == Result(request_id, None)
        assert subscriptions(peer) == 1
        for topic in ("a", "b"):
            here.publish(topic, topic)
        await turns(3)
        assert [reply.value for reply in peer.hear_all()] == ["b"]


@async_test
async def test_subscribing_twice_is_subscribing_once():
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe("a", "a")
        await peer.subscribe("a")
        here.publish("a", 1)
        await turns(3)
        assert [reply.value for reply in peer.hear_all()] == [1]
        peer.request(UNSUBSCRIBE_METHOD, "a")
        here.publish("a", 2)
        await turns(3)
        assert [type(reply) for reply in peer.hear_all()] == [Result]


@async_test
async def test_what_is_published_after_the_answer_is_heard():
    async with served() as here:
        here.expose(lambda: here.publish("t", "from the call"), "f", "loop")
        peer = here.converse()
        await peer.greet(protocol=1)
        # Without waiting for the answer, as in `subscribe(...); call(...)`.
        peer.request(SUBSCRIBE_METHOD, "t")
        peer.call("f")
        heard = [await peer.hear() for _ in range(3)]
        assert heard[-1] == Publication("t", 0, "from the call")


@pytest.mark.parametrize("most", [1, 3, 256])
@async_test
async def test_too_many_topics_are_refused_and_change_nothing(most):
    async with served(max_subscriptions=most) as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        topics = [f"t{number}" for number in range(most)]
        await peer.subscribe(*topics)
        await peer.subscribe(*topics)  # they are not counted twice
        request_id = peer.request(SUBSCRIBE_METHOD, "t0", "one_more")
        assert await peer.hear() == Failure(
            request_id, -32602, f"subscriptions: expected at most {most} topics, got more"
        )
        assert subscriptions(peer) == most
        here.publish("one_more", 1)
        here.publish("t0", 2)
        await turns(3)
        assert [reply.value for reply in peer.hear_all()] == [2]
        peer.request(UNSUBSCRIBE_METHOD, "t0")
        peer.hear_all()
        await peer.subscribe("one_more")


@async_test
async def test_more_topics_than_are_allowed_are_refused_at_once_too():
    async with served(max_subscriptions=3) as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        peer.request(SUBSCRIBE_METHOD, *(f"t{number}" for number in range(4)))
        assert (await peer.hear()).code == -32602
        assert subscriptions(peer) == 0


def test_256_topics_are_what_is_allowed():
    assert Limits().max_subscriptions == 256


@pytest.mark.parametrize("method", [SUBSCRIBE_METHOD, UNSUBSCRIBE_METHOD])
@pytest.mark.parametrize("topic", BAD_TOPICS, ids=lambda topic: f"{topic!r:.10}")
@async_test
async def test_a_bad_topic_is_refused_and_changes_nothing(method, topic):
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe("kept")
        request_id = peer.request(method, "kept", "good", topic)
        failure = await peer.hear()
        assert (failure.id, failure.code) == (request_id, -32602)
        assert failure.message.startswith("topic: expected words of ASCII letters")
        assert len(failure.message) < 300
        assert peer.session.own.topics == {"kept"}


@async_test
async def test_no_topics_are_no_error():
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe()
        assert subscriptions(peer) == 0


@pytest.mark.parametrize(
    "args",
    [
        *([], ["t"], ["t", 0], ["t", 10**9], ["t", -1], ["t", 0, 0], [0, "t"]),
        *(["t", "0"], ["t", 0.5], ["t", None], [None, None], [["t"], [0]], ["", 0]),
        *(["jupyter.ping", 1], ["jupyter.ping", 2**63], ["no.such.topic", 7]),
    ],
    ids=repr,
)
@async_test
async def test_acknowledgements_are_never_answered_right_or_wrong(args):
    async with served() as here:
        here.endpoint.hub.configure("t", TopicSettings("latest"))
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe("t")
        here.publish("t", 0)
        await peer.hear()
        peer.request(ACK_METHOD, *args)
        await turns(3)
        assert peer.hear_all() == []
        assert not peer.session.closing.done()


@async_test
async def test_an_unknown_request_is_answered_so_that_clients_can_probe():
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        request_id = peer.request("wslink_jupyter.future", 1)
        assert await peer.hear() == Failure(
            request_id, -32601, "Unknown system method called", "wslink_jupyter.future"
        )


@pytest.mark.parametrize("says_hello", [False, True])
@pytest.mark.parametrize("method", METHODS)
@async_test
async def test_who_does_not_speak_our_protocol_is_told_that_it_is_unknown(method, says_hello):
    async with served() as here:
        peer = here.converse()
        if says_hello:
            await peer.greet()
        request_id = peer.request(method, "t", 1)
        assert await peer.hear() == Failure(
            request_id, -32601, "Unknown system method called", method
        )
        assert subscriptions(peer) is None


@async_test
async def test_a_second_hello_forgets_no_subscription():
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe("t")
        await peer.greet(protocol=1)
        here.publish("t", 1)
        assert await peer.hear() == Publication("t", 0, 1)


@pytest.mark.parametrize("first", [{}, {"protocol": 1}])
@async_test
async def test_what_the_first_hello_said_counts(first):
    second = {"protocol": 1} if not first else {}
    async with served() as here:
        peer = here.converse()
        await peer.greet(**first)
        await peer.greet(**second)
        here.publish("t", 1)
        await turns(3)
        assert len(peer.hear_all()) == (0 if first else 1)
