"""Stock protocols on an endpoint: what they are told, share and publish."""

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served
from wslink import register, schedule_callback
from wslink.websocket import LinkProtocol

from wslink_jupyter import Server
from wslink_jupyter.errors import NotSerializable, RegistrationError
from wslink_jupyter.protocols import WslinkServerProtocol
from wslink_jupyter.rpc.topics import API_CHANGED_TOPIC
from wslink_jupyter.stock.protocols import StockProtocols
from wslink_jupyter.wire.envelopes import Publication, Result


class News(LinkProtocol):
    def __init__(self):
        super().__init__()
        self.told = []

    def onConnect(self, request, client_id):  # noqa: N802 - wslink's name
        self.told.append(("+", client_id, request.user))

    def onClose(self, client_id):  # noqa: N802 - wslink's name
        self.told.append(("-", client_id))

    @register("news.tell")
    def tell(self, value, **options):
        self.told.append(("call", value))
        self.publish("news", value, **options)
        return value

    @register("news.later")
    def later(self, value, **options):
        schedule_callback(0, self.publish, "news", value, **options)
        return value


@asynccontextmanager
async def stock():
    async with served(on_this_thread=True) as here:
        yield here, StockProtocols(here.endpoint, here.main_thread.run)


def expose(protocols, protocol, name=None):
    protocols.expose(protocol, name, None, None)
    return protocol


async def client(here):
    """Return a client, and its id as stock protocols know it."""
    peer = here.converse()
    await peer.greet()
    return peer, peer.session.id[1:]


async def news_of(peer):
    """Return what was published until now, in order."""
    await turns(10)
    heard = [each for each in peer.hear_all() if isinstance(each, Publication)]
    return [each.value for each in heard if each.topic != API_CHANGED_TOPIC]


@async_test
async def test_it_is_told_of_the_sessions_before_their_calls_and_after():
    async with stock() as (here, protocols):
        early, early_id = await client(here)
        news = expose(protocols, News())
        assert news.told == [("+", early_id, "user")]
        late, late_id = await client(here)
        late.call("news.tell", 1)
        await turns(10)
        assert news.told[1:] == [("+", late_id, "user"), ("call", 1)]
        here.endpoint.close_session(early.session)
        here.endpoint.close_session(late.session)
        await turns(10)
        assert news.told[3:] == [("-", early_id), ("-", late_id)]


@async_test
async def test_a_call_right_behind_the_hello_comes_after_the_connection():
    async with stock() as (here, protocols):
        news = expose(protocols, News())
        peer = here.converse()
        peer.say({"wslink": "1.0", "id": "system:c0:0", "method": "wslink.hello", "args": [{}]})
        peer.call("news.tell", 1)
        await turns(10)
        assert [what for what, *_ in news.told] == ["+", "call"]


@async_test
async def test_one_that_raises_is_shown_and_the_others_are_told(capsys):
    class Bad(News):
        def onConnect(self, request, client_id):  # noqa: N802 - wslink's name
            raise RuntimeError("no connections today")

        onClose = onConnect  # noqa: N815 - wslink's name

    async with stock() as (here, protocols):
        expose(protocols, Bad(), "bad")
        news = expose(protocols, News())
        peer, client_id = await client(here)
        await turns(10)
        assert news.told == [("+", client_id, "user")]
        here.endpoint.close_session(peer.session)
        await turns(10)
        assert news.told[1:] == [("-", client_id)]
    assert "no connections today" in capsys.readouterr().err


@async_test
async def test_a_result_goes_out_before_what_its_call_published():
    async with stock() as (here, protocols):
        expose(protocols, News())
        peer, _ = await client(here)
        await news_of(peer)
        call_id = peer.call("news.tell", "a")
        assert await peer.hear() == Result(call_id, "a")
        assert (await peer.hear()).value == "a"


@async_test
async def test_every_client_or_one_or_all_but_the_caller_hear():
    async with stock() as (here, protocols):
        news = expose(protocols, News())
        (one, one_id), (two, _), (three, _) = [await client(here) for _ in range(3)]
        for peer in (one, two, three):
            await news_of(peer)
        before = three.session.info.put_messages
        news.publish("news", "all")
        news.publish("news", "by its number", client_id=one_id)
        news.publish("news", "by what it calls itself", client_id=one.session.id)
        news.publish("news", "nobody calls", skip_last_active_client=True)
        two.call("news.tell", "not to two", skip_last_active_client=True)
        await turns(10)
        two.call("news.later", "nor later", skip_last_active_client=True)
        await until(lambda: three.session.info.put_messages == before + 4)
        assert await news_of(one) == [
            "all",
            "by its number",
            "by what it calls itself",
            "nobody calls",
            "not to two",
            "nor later",
        ]
        assert await news_of(two) == ["all", "nobody calls"]
        assert await news_of(three) == ["all", "nobody calls", "not to two", "nor later"]


@async_test
async def test_every_thread_publishes_in_order():
    async with stock() as (here, protocols):
        news = expose(protocols, News())
        peer, _ = await client(here)
        await news_of(peer)
        before = peer.session.info.put_messages

        def work(worker):
            for number in range(100):
                news.publish("news", [worker, number])

        await asyncio.gather(*(asyncio.to_thread(work, worker) for worker in range(3)))
        await until(lambda: peer.session.info.put_messages == before + 300)
        values = await news_of(peer)
        for worker in range(3):
            assert [n for who, n in values if who == worker] == list(range(100))


@async_test
async def test_what_cannot_be_published_is_told_to_who_publishes():
    async with stock() as (here, protocols):
        news = expose(protocols, News())
        peer, _ = await client(here)
        await news_of(peer)
        with pytest.raises(NotSerializable):
            news.publish("news", object())
        for topic in ("a-b", "jupyter.views.shown"):
            with pytest.raises(RegistrationError):
                news.publish(topic, 1)
        assert await news_of(peer) == []


@async_test
async def test_exposed_protocols_share_and_find_each_other():
    class Forgetful(LinkProtocol):
        def __init__(self):
            """Do not call that of the base, as VTK's file browser."""

    async with stock() as (_, protocols):
        news, other = expose(protocols, News()), expose(protocols, Forgetful())
        assert news.getSharedObject("app") is None
        other.coreServer.setSharedObject("app", 5)
        assert news.getSharedObject("app") == 5
        assert news.coreServer.getLinkProtocols() == [news, other]
        news.coreServer.setSharedObject("app", None)
        news.coreServer.setSharedObject("never there", None)
        assert other.getSharedObject("app") is None
        assert other.addAttachment(b"bytes") == b"bytes"


@async_test
async def test_one_of_a_real_server_keeps_what_that_shares():
    class Server:
        def getSharedObject(self, key):  # noqa: N802 - wslink's name
            return f"{key} of the server"

    async with stock() as (_, protocols):
        news = News()
        news.coreServer = Server()
        expose(protocols, news)
        assert news.getSharedObject("app") == "app of the server"


@async_test
async def test_the_quickstarts_protocol_comes_with_those_that_it_has_registered():
    class Quick(WslinkServerProtocol):
        def initialize(self):
            self.news = News()
            self.registerVtkWebProtocol(self)
            self.registerVtkWebProtocol(self.news)
            self.setSharedObject("kept", 5)

        @Server.expose("quick.hello")
        def hello(self):
            self.publish("quick.said", "hello")
            return self.news.getSharedObject("kept")

    async with stock() as (here, protocols):
        quick = expose(protocols, Quick())
        peer, client_id = await client(here)
        await news_of(peer)
        assert (await peer.ask("quick.hello")).value == 5
        assert (await peer.hear()).value == "hello"
        assert (await peer.ask("news.tell", 1)).value == 1
        assert quick.news.told == [("+", client_id, "user"), ("call", 1)]
        here.endpoint.registry.unbind("quick")
        assert quick.news.told[2:] == [("-", client_id)]
        assert here.endpoint.registry.procedures() == []


@async_test
async def test_a_new_one_of_the_name_takes_the_place_of_the_old():
    async with stock() as (here, protocols):
        old = expose(protocols, News())
        peer, client_id = await client(here)
        await turns(10)
        new = expose(protocols, News())
        assert old.told == [("+", client_id, "user"), ("-", client_id)]
        assert new.told == [("+", client_id, "user")]
        await news_of(peer)
        old.publish("news", "late")
        new.publish("news", "new")
        assert await news_of(peer) == ["new"]
        await client(here)
        await turns(10)
        assert len(old.told) == 2
        assert len(new.told) == 2
        assert protocols.core_server.getLinkProtocols() == [new]


@async_test
async def test_another_thing_of_the_name_ends_it_too():
    async with stock() as (here, protocols):
        news = expose(protocols, News(), "thing")
        await client(here)
        await turns(10)
        here.expose(lambda: 1, "thing")
        assert [what for what, *_ in news.told] == ["+", "-"]


@async_test
async def test_the_same_one_goes_on_however_often_it_is_exposed():
    async with stock() as (here, protocols):
        news = expose(protocols, News())
        peer, client_id = await client(here)
        await turns(10)
        expose(protocols, news)
        expose(protocols, news, "other")
        here.endpoint.registry.unbind("news")
        assert news.told == [("+", client_id, "user")]
        await news_of(peer)
        news.publish("news", 1)
        assert await news_of(peer) == [1]
        here.endpoint.registry.unbind("other")
        news.publish("news", 2)
        assert news.told[1:] == [("-", client_id)]
        assert await news_of(peer) == []
        # And may come back.
        expose(protocols, news)
        news.publish("news", 3)
        assert await news_of(peer) == [3]
        assert news.told[2:] == [("+", client_id, "user")]


@async_test
async def test_one_that_stops_its_server_is_exposed_no_more():
    async with stock() as (here, protocols):
        news, other = expose(protocols, News()), expose(protocols, News(), "other")
        news.stopServer()
        assert list(here.endpoint.registry.bindings()) == ["other"]
        assert protocols.core_server.getLinkProtocols() == [other]
        news.stopServer()


@async_test
async def test_from_another_thread_it_is_told_on_the_main_thread():
    class Where(News):
        def onConnect(self, request, client_id):  # noqa: N802 - wslink's name
            self.told.append(threading.current_thread())

        def onClose(self, client_id):  # noqa: N802 - wslink's name
            self.told.append(threading.current_thread())

    async with stock() as (here, protocols):
        await client(here)
        where = Where()
        await asyncio.to_thread(expose, protocols, where)
        await turns(10)
        await asyncio.to_thread(here.endpoint.registry.unbind, "where")
        await turns(10)
        assert where.told == [threading.main_thread()] * 2


@async_test
async def test_at_the_end_of_the_runtime_every_client_leaves():
    async with stock() as (here, protocols):
        news = expose(protocols, News())
        peer, client_id = await client(here)
        await news_of(peer)
        protocols.close()
        assert news.told[1:] == [("-", client_id)]
        news.publish("news", 1)
        assert await news_of(peer) == []
        protocols.close()


@async_test
async def test_a_plain_object_with_registered_methods_is_not_touched():
    class Plain:
        @register("plain.call")
        def call(self):
            return vars(self)

    async with stock() as (here, protocols):
        expose(protocols, Plain())
        peer, _ = await client(here)
        assert (await peer.ask("plain.call")).value == {}


@async_test
async def test_of_a_slow_client_the_newest_picture_of_each_view_waits():
    topic = "viewport.image.push.subscription"
    async with stock() as (here, protocols):
        news = expose(protocols, News())
        peer, _ = await client(here)
        await news_of(peer)
        for number in range(3):
            for view in ("1", "2"):
                news.publish(topic, {"id": view, "image": b"%d" % number})
            news.publish(topic, number)
        await turns(10)
        assert peer.session.info.coalesced_messages == 4
        heard = [each.value for each in peer.hear_all()]
        assert heard == [0, 1, 2, {"id": "1", "image": b"2"}, {"id": "2", "image": b"2"}]
