import threading

import numpy as np
import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served

from wslink_jupyter.errors import NotSerializable, RegistrationError
from wslink_jupyter.wire.envelopes import Publication


@async_test
async def test_every_session_hears_and_numbers_count_per_topic():
    async with served() as here:
        peers = [here.converse() for _ in range(3)]
        for peer in peers:
            await peer.greet()
        for topic in ("a", "b", "a"):
            here.publish(topic, topic.upper())
        for peer in peers:
            assert [await peer.hear() for _ in range(3)] == [
                Publication("a", 0, "A"),
                Publication("b", 0, "B"),
                Publication("a", 1, "A"),
            ]


@async_test
async def test_one_session_only():
    async with served() as here:
        one, other = here.converse(), here.converse()
        await one.greet()
        await other.greet()
        here.publish("t", 1, to=one.session.id)
        here.publish("t", 2, to="c-gone")
        here.publish("t", 3)
        assert [(await one.hear()).value for _ in range(2)] == [1, 3]
        assert (await other.hear()).value == 3


@async_test
async def test_all_but_one_session():
    async with served() as here:
        one, other = here.converse(), here.converse()
        await one.greet()
        await other.greet()
        here.endpoint.hub.publish("t", 1, not_to=one.session.id)
        here.endpoint.hub.publish("t", 2, to=one.session.id, not_to=one.session.id)
        here.publish("t", 3)
        assert (await one.hear()).value == 3
        assert [(await other.hear()).value for _ in range(2)] == [1, 3]


@async_test
async def test_who_comes_and_goes_is_told():
    async with served() as here:
        told = []
        here.endpoint.hub.on_come(lambda session: told.append(session.id))
        here.endpoint.hub.on_gone(told.append)
        peer = here.converse()
        assert told == []
        await peer.greet()
        assert told == [peer.session.id]
        here.endpoint.close_session(peer.session)
        assert told == [peer.session.id] * 2


@async_test
async def test_who_publishes_to_nobody_is_told_at_once():
    async with served() as here:
        told = []
        hub = here.endpoint.hub
        hub.publish("t", 1, "c-gone", lambda: told.append("nobody is here"))
        await until(lambda: len(told) == 1)
        peer = here.converse()
        await peer.greet()
        hub.publish("t", 2, "c-gone", lambda: told.append("somebody else"))
        await until(lambda: len(told) == 2)
        hub.publish("t", 3, peer.session.id, lambda: told.append("sent"))
        assert (await peer.hear()).value == 3
        assert told == ["nobody is here", "somebody else", "sent"]


@async_test
async def test_a_gone_session_is_not_spoken_to():
    async with served() as here:
        gone, here_still = here.converse(), here.converse()
        await gone.greet()
        await here_still.greet()
        here.endpoint.close_session(gone.session)
        here.endpoint.hub.discard(gone.session)
        here.publish("t", 1)
        assert (await here_still.hear()).value == 1
        assert gone.session.info.dropped_messages == 0


@async_test
async def test_the_value_is_what_it_was_when_it_was_published():
    async with served() as here:
        peer = here.converse()
        await peer.greet()
        values = [1]
        array = np.zeros(2)
        here.publish("t", {"values": values, "array": array})
        values.append(2)
        array[:] = 1.0
        heard = (await peer.hear()).value
        assert heard["values"] == [1]
        assert heard["array"].tolist() == [0.0, 0.0]


@async_test
async def test_threads_publish_and_nothing_is_lost_or_numbered_twice():
    async with served() as here:
        peer = here.converse()
        await peer.greet()

        def work(worker):
            for number in range(50):
                here.publish("t", [worker, number])

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        heard = [await peer.hear() for _ in range(200)]
        for thread in threads:
            thread.join()
        assert [each.number for each in heard] == list(range(200))
        for worker in range(4):
            own = [each.value[1] for each in heard if each.value[0] == worker]
            assert own == list(range(50))


@pytest.mark.parametrize("topic", ["", "a-b", "a..b", "ä", "a b", "x" * 256])
@async_test
async def test_a_topic_that_stock_clients_would_not_see_is_refused(topic):
    async with served() as here:
        with pytest.raises(RegistrationError, match="topic: expected words of ASCII letters"):
            here.publish(topic, 1)


@async_test
async def test_a_value_that_cannot_be_encoded_is_told_to_who_publishes():
    async with served() as here:
        peer = here.converse()
        await peer.greet()
        with pytest.raises(NotSerializable, match=r"^publish 't': value\['a'\]: <class 'object'>"):
            here.publish("t", {"a": object()})
        here.publish("t", "fine")
        assert (await peer.hear()).value == "fine"


@async_test
async def test_publishing_never_waits_for_a_session():
    async with served(max_queued_bytes=10) as here:
        peer = here.converse()
        await peer.greet()
        for _ in range(100):
            here.publish("t", bytes(100))
        await until(peer.session.closing.done)
        assert peer.session.info.queued_messages == 1


@async_test
async def test_bound_and_removed_procedures_are_told():
    async with served() as here:
        peer = here.converse()
        await peer.greet()
        await turns(3)
        peer.hear_all()
        here.expose(lambda: 1, "demo.f", "loop")
        here.endpoint.registry.unbind("demo.f")
        await turns(3)
        assert peer.hear_all() == [
            Publication("jupyter.api.changed", number, {"names": ["demo.f"]}) for number in (0, 1)
        ]
