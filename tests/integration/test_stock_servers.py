"""Whole servers of stock wslink, unchanged, as endpoints of a kernel."""

from __future__ import annotations

import pytest
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Console, Kernel
from support.sockets import HELLO, SleepingClient, call, chunk, frame, raw_socket
from support.stock import endpoint, tab
from support.waiting import asynchronous, until

#: As wslink's own examples are written.
CHAT = (
    PRELUDE
    + """
import threading
from wslink import register as exportRpc
from wslink.websocket import LinkProtocol, ServerProtocol
class Room(LinkProtocol):
    def __init__(self):
        super().__init__()
        self.events = []
    def onConnect(self, request, client_id):
        self.events.append(("come", client_id))
    def onClose(self, client_id):
        self.events.append(("gone", client_id))
    @exportRpc("room.say")
    def say(self, text):
        self.events.append(("said", text))
        self.publish("room.news", {"text": text})
        return len(text)
    @exportRpc("room.later")
    async def later(self, seconds, text):
        await asyncio.sleep(seconds)
        return self.say(text)
    @exportRpc("room.size")
    def size(self, data):
        return [type(data).__name__, len(data)]
    @exportRpc("room.bytes")
    def bytes(self, size):
        return bytes(size)
    @exportRpc("room.fail")
    def fail(self):
        raise ValueError("no such luck")
    @exportRpc("room.leave")
    async def leave(self):
        sys.exit(3)
class Chat(ServerProtocol):
    def initialize(self):
        self.room = Room()
        self.registerLinkProtocol(self.room)
        self.updateSecret("a secret of its own")
        self.events = []
    def onConnect(self, request, client_id):
        self.events.append(("come", client_id))
    def onClose(self, client_id):
        self.events.append(("gone", client_id))
"""
)


@asynchronous
async def test_a_protocol_is_served_as_it_is(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'chat = Chat()\n_ = wl.expose(chat, "served-1.x")')
        async with tab(kernel, "served-1.x") as socket:
            said = await socket.ask(call(1, "room.say", "hé"))
            assert said == {"wslink": "1.0", "id": "rpc:c0:1", "result": 2}
            news = await socket.receive()
            assert news["id"] == "publish:room.news:0"
            assert news["result"] == {"text": "hé"}
            failed = await socket.ask(call(2, "room.fail"))
            assert failed["error"]["code"] == -32001
            assert failed["error"]["data"]["exception"] == "ValueError('no such luck')"
            unknown = await socket.ask(call(3, "room.nothing"))
            assert unknown["error"]["code"] == -32601
            left = await socket.ask(call(4, "room.leave"))
            assert left["error"]["code"] == -32001
            made = await socket.ask(call(5, "room.bytes", 9_000_000))
            assert made["result"] == bytes(9_000_000)


@asynchronous
async def test_two_servers_with_two_tabs_each(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(
            CHAT
            + """
left, right = Chat(), Chat()
_ = wl.expose(left, "left"), wl.expose(right, "right")
"""
        )
        async with (
            tab(kernel, "left") as one,
            tab(kernel, "left") as two,
            tab(kernel, "right") as three,
            tab(kernel, "right") as four,
        ):
            for socket, other, text in ((one, two, "to the left"), (four, three, "right")):
                await socket.ask(call(1, "room.say", text))
                for each in (socket, other):
                    assert (await each.receive())["result"] == {"text": text}
            described = await endpoint(kernel, "left")
            assert described is not None
            assert described["kind"] == "wslink"
            assert "room.say" in described["procedures"]
            assert len(described["sessions"]) == 2
            assert all(session["received_bytes"] for session in described["sessions"])
            assert all(session["sent_bytes"] for session in described["sessions"])
            assert all(session["user"] for session in described["sessions"])
        for name in ("left", "right"):
            for events in (f"{name}.events", f"{name}.room.events"):

                async def all_gone(events: str = events) -> bool:
                    came = [id for what, id in await console.value(events) if what == "come"]
                    gone = [id for what, id in await console.value(events) if what == "gone"]
                    return len(came) == 2 and len(set(came)) == 2 and sorted(came) == sorted(gone)

                await until(all_gone, "both tabs to be told gone, once")
            handler = f"{name}.publish.__self__"
            for left in ("connections", "unchunkers", "authentified_client_ids"):
                assert await console.value(f"len({handler}.{left})") == 0, left
            assert await console.value(f"len({handler}.web_app._tasks)") == 0


@asynchronous
async def test_what_a_tab_sent_last_is_handled_before_it_is_gone(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'last = Chat()\n_ = wl.expose(last, "last")')
        async with tab(kernel, "last") as socket:
            # As a page does that unloads: it says so, and closes.
            await socket.send(call(1, "room.later", 0.2, "first"))
            await socket.send(call(2, "room.say", "second"))
            await until(lambda: _received(kernel, "last", 3), "both calls to be received")

        async def is_gone() -> bool:
            return len(await console.value("last.room.events")) == 4

        await until(is_gone, "the tab to be gone")
        events = await console.value("[what for what in last.room.events]")
        assert [event[0] for event in events] == ["come", "said", "said", "gone"]
        assert [event[1] for event in events[1:3]] == ["first", "second"]


async def _received(kernel: Kernel, name: str, count: int) -> bool:
    described = await endpoint(kernel, name)
    assert described is not None
    return sum(each["received_messages"] for each in described["sessions"]) == count


@asynchronous
async def test_a_tab_that_vanishes_during_its_call_disturbs_nobody(kernel: Kernel) -> None:
    async with kernel.console() as console:
        cell = await console.run(CHAT + 'frail = Chat()\n_ = wl.expose(frail, "frail")')
        async with tab(kernel, "frail") as other:
            async with tab(kernel, "frail") as socket:
                await socket.send(call(1, "room.later", 0.3, "nobody waits for it"))
                await until(lambda: _received(kernel, "frail", 3), "the call to be received")
                socket.vanish()
            assert (await other.receive())["result"] == {"text": "nobody waits for it"}
            assert (await other.ask(call(1, "room.say", "alive")))["result"] == 5
        assert cell.stderr == ""


@asynchronous
async def test_a_cell_that_runs_again_replaces_the_endpoint(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'old = Chat()\n_ = wl.expose(old, "again")')
        async with tab(kernel, "again") as socket:
            await console.run('new = Chat()\n_ = wl.expose(new, "again")')
            assert await socket.closed() == (1001, "again was replaced by a new one")
        async with tab(kernel, "again") as socket:
            assert (await socket.ask(call(1, "room.say", "to the new")))["result"] == 10
        assert ("said", "to the new") in await console.value("new.room.events")
        await until(lambda: _ends_with_gone(console, "old"), "the old tab to be gone")
        assert [what for what, _ in await console.value("old.room.events")] == ["come", "gone"]

        await console.run('wl.unexpose("again")')
        assert await endpoint(kernel, "again") is None


async def _ends_with_gone(console: Console, name: str) -> bool:
    return bool((await console.value(f"{name}.room.events"))[-1][0] == "gone")


@asynchronous
async def test_the_same_instance_can_be_served_again(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'same = Chat()\n_ = wl.expose(same, "same")')
        await console.run('_ = wl.expose(same, "same")\nassert len(same.linkProtocols) == 2')
        async with tab(kernel, "same") as socket:
            await socket.ask(call(1, "room.say", "once"))
            assert (await socket.receive())["id"].startswith("publish:")
            await socket.ask(call(2, "room.size", b"12"))
            assert len(socket.frames) == 4  # hello, reply, publication, reply
        name, text = await console.fails('wl.expose(same, "other name")')
        assert (name, "expected a name of ASCII letters" in text) == ("RegistrationError", True)
        name, text = await console.fails('wl.expose(same, "another")')
        assert (name, "wl.unexpose('same') first" in text) == ("RegistrationError", True)


@asynchronous
async def test_an_application_can_close_a_client(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(
            CHAT
            + """
class Strict(Chat):
    def onConnect(self, request, client_id):
        super().onConnect(request, client_id)
        self.connection = request["connection"]
    @exportRpc("strict.close")
    async def close(self):
        await self.connection.close()
strict = Strict()
_ = wl.expose(strict, "strict")
"""
        )
        async with tab(kernel, "strict") as socket:
            await socket.send(call(1, "strict.close"))
            assert await socket.closed() == (1000, "closed by the application")
        await until(lambda: console.value("len(strict.events) == 2"), "the tab to be gone")


@asynchronous
async def test_publications_come_from_any_thread(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'loud = Chat()\n_ = wl.expose(loud, "loud")')
        async with tab(kernel, "loud") as socket:
            await console.run(
                """
thread = threading.Thread(target=loud.room.publish, args=("room.news", "from a thread"))
thread.start()
thread.join()
"""
            )
            assert (await socket.receive())["result"] == "from a thread"
        await until(
            lambda: _is_settled(console), "nothing to be pending on the server's own monitor"
        )


async def _is_settled(console: Console) -> bool:
    return bool(await console.value("loud.network_monitor.pending") == 0)


@asynchronous
async def test_exit_ends_the_endpoint_and_nothing_else(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + '_ = wl.expose(Chat, "mortal"), wl.expose(Chat, "other")')
        async with tab(kernel, "mortal") as socket, tab(kernel, "other") as other:
            await socket.send(call(1, "application.exit"))
            assert await socket.closed() == (1001, "the server stopped")
            assert await endpoint(kernel, "mortal") is None
            assert (await other.ask(call(1, "room.say", "here")))["result"] == 4


@pytest.mark.parametrize(
    ("message", "closed"),
    [
        (b"short", (4000, "frame: expected at least 12 bytes, got 5")),
        (chunk(1, 0, 4, b"\xc1\xc1\xc1\xc1"), (4000, "expected a message of wslink")),
        (frame(5), (4000, "expected a message of wslink")),
        (
            frame({**HELLO, "args": [{"secret": "x" * 600}]}),
            (4009, "hello: expected at most 512 bytes, got 672"),
        ),
    ],
    ids=["no frame", "no msgpack", "no envelope", "a long hello"],
)
@asynchronous
async def test_garbage_closes_its_own_tab(
    kernel: Kernel, message: bytes, closed: tuple[int, str]
) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'neat = Chat()\n_ = wl.expose(neat, "neat")')
        server = kernel.server
        url = server.socket_url(kernel.id, "neat")
        async with tab(kernel, "neat") as other, raw_socket(url, token=server.token) as socket:
            await socket.send(message)
            assert await socket.closed() == closed
            assert (await other.ask(call(1, "room.say", "fine")))["result"] == 4
        await until(lambda: _is_empty(console), "both tabs to be gone")


async def _is_empty(console: Console) -> bool:
    events = [what for what, _ in await console.value("neat.events")]
    return events.count("come") == events.count("gone") == 2


@asynchronous
async def test_a_tab_that_does_not_read_is_closed_and_holds_up_nobody(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'wide = Chat()\n_ = wl.expose(wide, "wide")')
        sleeper = await SleepingClient.open(server, server.socket_url(kernel.id, "wide"))
        async with tab(kernel, "wide") as reader:
            await sleeper.send(frame(HELLO))
            await until(lambda: _received(kernel, "wide", 2), "two hellos")
            await console.run(
                """
async def flood():
    for number in range(80):
        wide.room.publish("room.flood", bytes(1_000_000))
        await asyncio.sleep(0.02)
_ = asyncio.create_task(flood())
"""
            )
            for _ in range(80):
                assert len((await reader.receive())["result"]) == 1_000_000
            assert await sleeper.read_to_the_end() == 4008
        sleeper.close()


@asynchronous
async def test_of_pictures_a_slow_tab_gets_the_newest(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + 'drawn = Chat()\n_ = wl.expose(drawn, "drawn")')
        sleeper = await SleepingClient.open(server, server.socket_url(kernel.id, "drawn"))
        await sleeper.send(frame(HELLO))
        await until(lambda: _received(kernel, "drawn", 1), "a hello")
        await console.run(
            """
for number in range(80):
    picture = {"id": "view", "image": bytes(1_000_000), "mtime": number}
    drawn.room.publish("viewport.image.push.subscription", picture)
    await asyncio.sleep(0.02)
"""
        )
        described = await endpoint(kernel, "drawn")
        assert described is not None
        (session,) = described["sessions"]
        assert session["queued_bytes"] < 2_000_000
        sleeper.close()


@asynchronous
async def test_a_restart_tells_its_tabs(mortal: Kernel) -> None:
    async with mortal.console() as console:
        await console.run(CHAT + '_ = wl.expose(Chat, "chat")')
    async with tab(mortal, "chat") as socket:
        await mortal.restart()
        code, reason = await socket.closed()
        assert code == 4010, reason


@asynchronous
async def test_an_unload_tells_its_tabs_and_the_application(mortal: Kernel) -> None:
    async with mortal.console() as console:
        await console.run(CHAT + 'chat = Chat()\n_ = wl.expose(chat, "chat")')
        async with tab(mortal, "chat") as socket:
            await console.run("%unload_ext wslink_jupyter")
            assert (await socket.closed())[0] == 4010
        assert [what for what, _ in await console.value("chat.events")] == ["come", "gone"]


@asynchronous
async def test_what_a_procedure_raises_ends_its_call_alone(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(
            CHAT
            + """
class Fragile(Room):
    @exportRpc("fragile.exit")
    def exit(self):
        sys.exit(1)
    @exportRpc("fragile.cancelled")
    async def cancelled(self):
        task = asyncio.ensure_future(asyncio.sleep(60))
        task.cancel()
        await task
    @exportRpc("fragile.interrupted")
    def interrupted(self):
        raise KeyboardInterrupt
    def onConnect(self, request, client_id):
        raise RuntimeError("in onConnect")
    def onClose(self, client_id):
        raise RuntimeError("in onClose")
fragile = Chat()
fragile.registerLinkProtocol(Fragile())
_ = wl.expose(fragile, "fragile")
"""
        )
        async with tab(kernel, "fragile") as socket:
            for number, name in enumerate(("exit", "cancelled", "interrupted")):
                reply = await socket.ask(call(number, f"fragile.{name}"))
                assert reply["error"]["code"] == -32001, reply
            assert (await socket.ask(call(9, "room.say", "alive")))["result"] == 5
        await until(lambda: _all_told(console), "the others to be told")


async def _all_told(console: Console) -> bool:
    return [what for what, _ in await console.value("fragile.events")] == ["come", "gone"]


@asynchronous
async def test_calls_wait_for_a_cell_and_an_interrupt_ends_one(kernel: Kernel) -> None:
    async with kernel.console() as console:
        served = await console.run(
            CHAT
            + """
class Slow(Chat):
    @exportRpc("slow.spin")
    def spin(self):
        print("it began", flush=True)
        while True:
            time.sleep(0.01)
slow = Slow()
_ = wl.expose(slow, "slow")
"""
        )
        async with tab(kernel, "slow") as socket:
            cell = console.start("print('in it', flush=True)\nwhile True: time.sleep(0.01)")
            await cell.printed("in it")
            await socket.send(call(1, "room.say", "later"))
            await until(lambda: _received(kernel, "slow", 2), "the call to be received")
            assert len(socket.frames) == 1  # the hello's
            await kernel.interrupt()
            await cell.ended()
            assert (await socket.receive())["result"] == 5

            await socket.send(call(2, "slow.spin"))
            await served.printed("it began")  # where the server was made
            await kernel.interrupt()
            # In either order: the call may begin before wslink's own timer publishes.
            envelopes = [await socket.receive(), await socket.receive()]
            came = {envelope["id"]: envelope for envelope in envelopes}
            assert set(came) == {"publish:room.news:0", "rpc:c0:2"}
            assert "KeyboardInterrupt" in came["rpc:c0:2"]["error"]["data"]["exception"]
            assert (await socket.ask(call(3, "room.say", "alive")))["result"] == 5


@asynchronous
async def test_a_page_that_unloads_does_not_end_the_endpoint_of_others(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT + '_ = wl.expose(Chat, "left_later")')
        async with tab(kernel, "left_later") as other:
            async with tab(kernel, "left_later") as socket:
                await socket.ask(call(1, "application.exit.later", 0.1))
            await console.run("await asyncio.sleep(0.3)")
            assert (await other.ask(call(1, "room.say", "here")))["result"] == 4
            await other.ask(call(2, "application.exit.later", 0.1))
        await until(lambda: _is_absent(kernel, "left_later"), "the end of the endpoint")


async def _is_absent(kernel: Kernel, name: str) -> bool:
    return await endpoint(kernel, name) is None


@asynchronous
async def test_a_socket_waits_for_the_cell_of_its_endpoint(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CHAT)
        url = kernel.server.socket_url(kernel.id, "to_come")
        async with raw_socket(url, token=kernel.server.token) as socket:
            await socket.send(HELLO)
            await console.run('_ = wl.expose(Chat, "to_come")')
            assert (await socket.receive())["result"]["maxMsgSize"]


@asynchronous
async def test_magics_serve_and_tell(kernel: Kernel) -> None:
    async with kernel.console() as console:
        cell = await console.run(CHAT + "told = Chat()\n%wslink expose told")
        assert "endpoint told:\nroom.bytes\nroom.fail\n" in cell.stdout
        async with tab(kernel, "told"):
            status = (await console.run("%wslink")).stdout
            assert "wslink server told: 1 session(s)\n" in status
            assert " sent, " in status
        await console.run("%wslink unexpose told")
        assert await endpoint(kernel, "told") is None
        for name in ("default", "a/b", "", ".hidden"):
            assert (await console.fails(f"wl.expose(told, {name!r})"))[0] == "RegistrationError"
