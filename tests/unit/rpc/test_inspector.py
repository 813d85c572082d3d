"""What inspectors are told, and that it costs nothing while there are none."""

import threading

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served

from wslink_jupyter.rpc.call_timing import CallTiming
from wslink_jupyter.rpc.inspector import Inspector
from wslink_jupyter.wire.envelopes import (
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Failure,
    Publication,
    Result,
)

TOPICS = "jupyter.inspect.topics"
TIMINGS = "jupyter.inspect.timings"


async def greeted(here):
    peer = here.converse()
    await peer.greet(protocol=1, client="test")
    return peer


async def report(peer, has):
    """Return the first report that has what is looked for; acknowledge all."""
    while True:
        heard = await peer.hear()
        if isinstance(heard, Publication) and heard.topic == TOPICS:
            peer.acknowledge(TOPICS, heard.number)
            found = {each["topic"]: each for each in heard.value}
            if has(found):
                return found


@async_test
async def test_procedures_are_described_for_a_form():
    async with served() as here:
        Inspector(here.endpoint)
        peer = await greeted(here)

        def add(a, /, b: int = 1, *rest, c="x" * 100, **others) -> int:
            """Add up.

            All of them.
            """

        here.expose(add, "math.add", run="thread")
        here.expose({}.get, "table.get")
        # A builtin of which nothing can be told.
        here.expose(dict.fromkeys, "table.make")
        by_uri = {
            each["uri"]: each for each in (await peer.ask("jupyter.inspect.procedures")).value
        }
        assert list(by_uri) == ["math.add", "table.get", "table.make"]
        described = by_uri["math.add"]
        assert described["signature"].startswith("math.add(a, /, b: int = 1, *rest, c='xxx")
        assert described["doc"] == "Add up.\n\nAll of them."
        assert described["run"] == "thread"
        assert [tuple(each.values()) for each in described["parameters"]] == [
            ("a", "POSITIONAL_ONLY", None),
            ("b", "POSITIONAL_OR_KEYWORD", "1"),
            ("rest", "VAR_POSITIONAL", None),
            ("c", "KEYWORD_ONLY", "'xxxxxxxxxxxx...xxxxxxxxxxxxx'"),
            ("others", "VAR_KEYWORD", None),
        ]


@async_test
async def test_what_cannot_be_looked_at_is_described_all_the_same():
    class Rude:
        def __repr__(self):
            raise ValueError("no")

    async with served() as here:
        Inspector(here.endpoint)
        peer = await greeted(here)
        here.expose(lambda a=Rude(): a, "rude.f")  # noqa: B008 - the default is the point
        (described,) = (await peer.ask("jupyter.inspect.procedures")).value
        assert described["signature"] == "rude.f: ValueError: no"
        assert described["parameters"][0]["default"].startswith("<Rude instance")


@async_test
async def test_sessions_tell_which_of_them_asks():
    async with served() as here:
        Inspector(here.endpoint)
        async with here.connect() as (client, session), here.connect():
            answer = await client.call("jupyter.inspect.sessions")
            assert answer["own"] == session.id
            assert len(answer["sessions"]) == 2
            assert all(each["rtt_s"] > 0 for each in answer["sessions"])


@async_test
async def test_topics_are_counted_while_somebody_looks():
    async with served() as here:
        Inspector(here.endpoint)
        hub = here.endpoint.hub
        one, other = await greeted(here), await greeted(here)
        assert hub.on_publish is None
        await one.subscribe(TOPICS)
        await other.subscribe("demo.heard")
        for number in range(3):
            here.publish("demo.heard", number)
            here.publish("demo.unheard", [number])
        found = await report(one, lambda found: "demo.unheard" in found)
        heard, unheard = found["demo.heard"], found["demo.unheard"]
        assert (heard["listeners"], heard["values"], heard["last_text"]) == (1, 3, "2")
        assert heard["last_bytes"] == 1
        assert (unheard["listeners"], unheard["values"], unheard["last_text"]) == (0, 3, "[2]")
        assert unheard["last_bytes"] is None
        # Who listens hears what was published, and nothing of the looking.
        assert [(await other.hear()).value for _ in range(3)] == [0, 1, 2]
        await turns(3)
        assert other.hear_all() == []
        assert TOPICS not in found


@pytest.mark.parametrize("leave", ["unsubscribe", "close"])
@async_test
async def test_the_last_who_leaves_ends_it(leave):
    async with served() as here:
        inspector = Inspector(here.endpoint)
        peers = [await greeted(here) for _ in range(2)]
        for peer in peers:
            await peer.subscribe(TOPICS)
            peer.request(SUBSCRIBE_METHOD, TOPICS)  # twice is once
        for peer in peers:
            assert here.endpoint.hub.on_publish is not None
            if leave == "unsubscribe":
                peer.request(UNSUBSCRIBE_METHOD, TOPICS)
            else:
                here.endpoint.close_session(peer.session)
        assert here.endpoint.hub.on_publish is None
        assert (inspector._watch, inspector._timer) == (None, None)


@pytest.mark.parametrize("run", ["main", "thread", "loop"])
@async_test
async def test_a_call_is_timed_for_who_asks(run):
    async with served() as here:
        Inspector(here.endpoint)
        began, go_on = threading.Event(), threading.Event()

        class Slow:
            def block(self):
                began.set()
                go_on.wait()

            def f(self):
                return 5

        here.expose(Slow(), "slow", run=run)
        peer = await greeted(here)
        await peer.subscribe(TIMINGS)
        if run != "loop":  # which has no queue
            block_id = peer.call("slow.block")
            await until(began.is_set)
        call_id = peer.call("slow.f")
        go_on.set()
        told, answered = {}, []
        while call_id not in answered:
            heard = await peer.hear()
            if isinstance(heard, Result):
                assert heard.id in told  # before the reply
                answered.append(heard.id)
            elif heard.topic == TIMINGS:
                told[heard.value["id"]] = heard.value
        timing = told[call_id]
        assert timing["received_s"] <= timing["started_s"] <= timing["ended_s"]
        if run != "loop":
            assert timing["started_s"] >= told[block_id]["ended_s"]


@async_test
async def test_a_call_that_never_began_has_only_waited():
    async with served() as here:
        Inspector(here.endpoint)
        peer = await greeted(here)
        await peer.subscribe(TIMINGS)
        peer.call("missing")
        timing, failure = (await peer.hear()).value, await peer.hear()
        assert isinstance(failure, Failure)
        assert timing["received_s"] <= timing["started_s"] == timing["ended_s"]


@async_test
async def test_nobody_pays_for_another_who_looks(monkeypatch):
    async with served() as here:
        Inspector(here.endpoint)
        here.expose(lambda: 1, "f", run="loop")
        looks, other, stock = await greeted(here), await greeted(here), here.converse()
        await stock.greet()
        await looks.subscribe(TIMINGS)
        made = []
        real = CallTiming.__init__
        monkeypatch.setattr(
            CallTiming,
            "__init__",
            lambda self, call_id: (made.append(call_id), real(self, call_id))[1],
        )
        assert (await other.ask("f")).value == 1
        assert (await stock.ask("f")).value == 1
        assert made == []
        call_id = looks.call("f")
        assert made == [call_id]
        looks.request(UNSUBSCRIBE_METHOD, TIMINGS)
        looks.call("f")
        assert made == [call_id]
