"""wslink's own LinkProtocols, exposed, against a real server and kernel."""

from __future__ import annotations

import math
from typing import Any

import pytest
from integration.test_standalone_notebook import CLASSES
from support.jupyter import JupyterServer
from support.kernel import Console, Kernel
from support.listening import listen
from support.sockets import HELLO, SleepingClient, frame
from support.waiting import asynchronous, until

from wslink_jupyter.client import ClientSession, connect
from wslink_jupyter.errors import RpcError

#: Shaped as wslink's examples: attachments, and timers that start in a call and in ``__init__``.
CELL = """
from wslink import register, schedule_callback, schedule_coroutine
from wslink.websocket import LinkProtocol

class Calculator(LinkProtocol):
    def __init__(self):
        super().__init__()
        self.told, self.task, self.ticks = [], None, 0
        schedule_callback(0, self.told.append, "the timer of __init__")

    def onConnect(self, request, client_id):
        assert threading.current_thread() is threading.main_thread()
        assert request.headers == request.query == {}
        self.told.append(("+", client_id))

    def onClose(self, client_id):
        assert threading.current_thread() is threading.main_thread()
        self.told.append(("-", client_id))

    @register("calculator.add")
    def add(self, numbers):
        print("adding", numbers)
        return sum(numbers)

    @register("calculator.special")
    def special(self, *_):
        return [float("inf"), float("nan"), float("-inf")]

    @register("calculator.image")
    def image(self):
        return {"blob": self.addAttachment(bytes(range(256))), "list": [self.addAttachment(b"a")]}

    @register("calculator.length")
    def length(self, data):
        return len(data)

    @register("calculator.fail")
    def fail(self):
        raise ValueError("no such luck")

    @register("calculator.where")
    async def where(self):
        await asyncio.sleep(0)
        return threading.current_thread() is threading.main_thread()

    def tick(self):
        self.publish("calculator.ticks", self.ticks)
        self.ticks += 1
        self.task = schedule_callback(0.01, self.tick)

    @register("calculator.start")
    def start(self):
        self.task = schedule_callback(0, self.tick)
        return "started"

    @register("calculator.stop")
    def stop(self):
        self.task.cancel()

    async def announce(self, value):
        self.publish("calculator.news", value)

    @register("calculator.announce")
    def later(self, value):
        schedule_coroutine(0, self.announce, value)

    @register("calculator.skip")
    def skip(self, value):
        self.publish("calculator.news", value, skip_last_active_client=True)

class Keeper(LinkProtocol):
    @register("keeper.get")
    def get(self):
        return self.getSharedObject("kept")

calculator = wl.expose(Calculator())
keeper = wl.expose(Keeper())
"""


async def hearing(session: ClientSession, topic: str) -> list[Any]:
    """Return the list to which what is published is added."""
    values: list[Any] = []
    listen(session, topic, values.append)
    await session.flush()
    return values


async def told(console: Console, word: str) -> list[str]:
    """Return the clients of which the protocol was told that they came, "+", or left, "-"."""
    return list(
        await console.value(f"[each[1] for each in calculator.told if each[0] == '{word}']")
    )


@asynchronous
async def test_it_answers_as_on_a_server_of_wslink(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        cell = await console.run(CELL)
        assert await session.call("calculator.add", [1, 2, 3, 4, 5]) == 15
        await cell.printed("adding [1, 2, 3, 4, 5]")
        assert await session.call("calculator.image") == {"blob": bytes(range(256)), "list": [b"a"]}
        assert await session.call("calculator.length", bytes(9_000_000)) == 9_000_000
        special = await session.call("calculator.special", 1, 2)
        assert (special[0], special[2], math.isnan(special[1])) == (math.inf, -math.inf, True)
        assert await session.call("calculator.where") is True
        with pytest.raises(RpcError, match="ValueError: no such luck"):
            await session.call("calculator.fail")
        await cell.printed("no such luck", "stderr")
        assert await console.value("'the timer of __init__' in calculator.told")
        for hidden in ("calculator.init", "calculator.on_connect", "calculator.tick"):
            with pytest.raises(RpcError, match="Unregistered method called"):
                await session.call(hidden)
        await console.run("keeper.coreServer.setSharedObject('kept', [1, 2])")
        assert await session.call("keeper.get") == [1, 2]
        assert await console.value("calculator.getSharedObject('kept')") == [1, 2]


@asynchronous
async def test_it_publishes_from_timers_coroutines_and_threads(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
        connect(kernel.socket_url, token=server.token) as other,
    ):
        await console.run(CELL)
        ticks = await hearing(session, "calculator.ticks")
        news = await hearing(session, "calculator.news")
        other_news = await hearing(other, "calculator.news")
        assert await session.call("calculator.start") == "started"
        await until(lambda: len(ticks) > 5, "ticks of a timer")
        assert ticks[:5] == [0, 1, 2, 3, 4]
        await session.call("calculator.stop")

        await session.call("calculator.announce", "by a coroutine")
        await session.call("calculator.skip", "not to the caller")
        await until(lambda: other_news == ["by a coroutine", "not to the caller"], "the news")
        assert news == ["by a coroutine"]

        news.clear()
        # While a cell runs: nothing waits for the main thread.
        busy = console.start(
            "def work():\n"
            "    for number in range(1000):\n"
            "        calculator.publish('calculator.news', number)\n"
            "thread = threading.Thread(target=work)\n"
            "thread.start()\n"
            "while not os.path.exists('heard'):\n"
            "    time.sleep(0.01)\n"
            "os.remove('heard')"
        )
        await until(lambda: len(news) == 1000, "what a thread publishes")
        assert news == list(range(1000))
        (server.root / "heard").touch()
        await busy.done()

        news.clear()
        await until(lambda: other_news[-1] == 999, "the same by the other")
        other_news.clear()
        [one, *_] = await told(console, "+")
        await console.run(f"calculator.publish('calculator.news', 'one', client_id='{one}')")
        await until(lambda: news + other_news == ["one"], "the value")


@asynchronous
async def test_it_is_told_of_tabs_that_come_close_and_are_lost(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with kernel.console() as console:
        await console.run(CELL)
        already = await told(console, "+")
        async with connect(kernel.socket_url, token=server.token) as session:
            # Before its first call is answered.
            await session.call("calculator.add", [1])
            came = [each for each in await told(console, "+") if each not in already]
            ids = [f"c{each}" for each in came]
            assert ids == [entry["id"] for entry in await kernel.sessions()][-1:]
        lost = await SleepingClient.open(server, kernel.socket_url)
        await lost.send(frame(HELLO))

        async def count(word: str) -> int:
            return len(await told(console, word))

        async def both_came() -> bool:
            return await count("+") == len(already) + 2

        async def both_left() -> bool:
            return set(await told(console, "+")) - set(await told(console, "-")) == set(already)

        await until(both_came, "two clients")
        lost.close()
        await until(both_left, "that both have left")


@asynchronous
async def test_a_cell_that_is_run_again_takes_its_place(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(CELL)
        ticks = await hearing(session, "calculator.ticks")
        await session.call("calculator.start")
        await until(lambda: ticks, "ticks")
        await console.run("old = calculator\n" + CELL)
        assert len(await told(console, "+")) == 1
        assert await console.value("old.told[-1][0]") == "-"
        ticks.clear()
        assert await session.call("calculator.start") == "started"
        await until(lambda: len(ticks) > 3, "ticks of the new one")
        assert ticks[:3] == [0, 1, 2]  # and none of the old one's timer
        await console.run("old.task.cancel(); wl.unexpose('calculator')")
        with pytest.raises(RpcError, match="Unregistered method called"):
            await session.call("calculator.stop")
        assert await console.value("calculator.told[-1][0]") == "-"
        ticks.clear()
        count = await console.value("calculator.ticks")
        await console.run(f"while calculator.ticks < {count} + 3: await asyncio.sleep(0.01)")
        await session.flush()
        assert ticks == []
        await console.run("calculator.task.cancel()")


@asynchronous
async def test_the_class_of_the_quickstart_is_exposed_as_it_is(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(CLASSES + "quick = wl.expose(MyProtocol())")
        assert await session.call("my.hello", "you") == "Hello, you!"
        said = await hearing(session, "my.news")
        await console.run("quick.publish('my.news', 1)")
        await until(lambda: said == [1], "the news")
        await console.run("wl.unexpose('my_protocol')")


@asynchronous
async def test_what_cannot_be_exposed_is_told(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(CELL)
        kind, text = await console.fails("wl.expose(calculator, run='thread')")
        assert kind == "RegistrationError"
        assert "expected run='main'" in text
        cell = await console.run("%wslink expose Calculator() as magical")
        assert "calculator.add(numbers)" in cell.stdout
        await console.run("wl.unexpose('magical')")


@asynchronous
async def test_when_the_extension_is_unloaded_the_clients_have_left(mortal: Kernel) -> None:
    await mortal.load()
    async with (
        mortal.console() as console,
        connect(mortal.socket_url, token=mortal.server.token) as session,
    ):
        await console.run(CELL)
        await session.call("calculator.start")
        await console.run("%unload_ext wslink_jupyter")
        assert await console.value("calculator.told[-1][0]") == "-"
        await console.run(
            "calculator.task.cancel(); %reload_ext wslink_jupyter".replace("; ", "\n")
        )
        await console.run("wl.expose(calculator)")
