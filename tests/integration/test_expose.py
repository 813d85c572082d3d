"""What a notebook exposes, and what a connected client finds."""

from __future__ import annotations

from typing import Any

import pytest
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel
from support.listening import listen
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import connect
from wslink_jupyter.errors import InvalidParams, MethodNotFound, NotSerializable, ProcedureRaised

COUNTER = """
class Counter:
    def __init__(self, start=0):
        self.count = start
        self._secret = "hidden"
    def add(self, n: int, *, times: int = 1) -> int:
        self.count += n * times
        return self.count
    def reset(self):
        self.count = 0
    def _private(self):
        return self._secret
    def __call__(self):
        return "called"
    @property
    def value(self):
        raise AssertionError("nobody may look")
    @staticmethod
    def double(x):
        return 2 * x
    @classmethod
    def kind(cls):
        return cls.__name__
"""


@asynchronous
async def test_every_kind_of_target(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(
            COUNTER
            + """
def triple(x):
    return 3 * x
wl.expose(triple)
wl.expose(triple, "kinds.triple")
wl.expose(lambda x: -x, "kinds.negative")
kinds_counter = Counter(5)
assert wl.expose(kinds_counter.add, "kinds.add") == kinds_counter.add
assert wl.expose(kinds_counter, "kinds.counter") is kinds_counter
wl.expose(Counter(100), only=["add"])
@wl.expose("kinds.decorated", run="thread")
def decorated(x):
    return [x]
assert decorated(1) == [1]
"""
        )
        assert await session.call("triple", 2) == 6
        assert await session.call("kinds.triple", "ab") == "ababab"
        assert await session.call("kinds.negative", x=1.5) == -1.5
        assert await session.call("kinds.add", 1) == 6
        assert await session.call("kinds.counter.add", 2, times=2) == 10
        assert await session.call("kinds.counter.double", 4) == 8
        assert await session.call("kinds.counter.kind") == "Counter"
        assert await session.call("kinds.counter.reset") is None
        assert await console.value("kinds_counter.count") == 0
        assert await session.call("counter.add", 1) == 101
        assert await session.call("kinds.decorated", {"a": None}) == [{"a": None}]


@asynchronous
async def test_marked_methods_have_their_own_names(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
class Marked:
    @wl.procedure("marks.full.name", run="thread")
    def one(self):
        return threading.current_thread() is threading.main_thread()
    def two(self):
        return threading.current_thread() is threading.main_thread()
@wl.procedure("marks.free")
def free():
    return "free"
""")
        with pytest.raises(MethodNotFound):
            await session.call("marks.free")
        await console.run("_ = wl.expose(Marked(), 'marks'); _ = wl.expose(free)")
        assert await session.call("marks.full.name") is False
        assert await session.call("marks.two") is True
        assert await session.call("marks.free") == "free"
        with pytest.raises(MethodNotFound):
            await session.call("marks.one")


@pytest.mark.parametrize(
    "name",
    [
        "hidden._private",
        "hidden.__init__",
        "hidden.__class__",
        "hidden.__call__",
        "hidden.count",
        "hidden.value",
        "hidden._secret",
        "hidden.add.__self__",
        "hidden",
        "add",
        "print",
        "application.exit",
        "application.exit.later",
        "wslink.hello",
        "",
    ],
)
@asynchronous
async def test_nothing_else_can_be_called(kernel: Kernel, server: JupyterServer, name: str) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(COUNTER + "_ = wl.expose(Counter(), 'hidden')")
        with pytest.raises(MethodNotFound) as failure:
            await session.call(name)
        assert failure.value.data == name
        assert await session.call("hidden.add", 1) == 1


@asynchronous
async def test_running_a_cell_again_replaces_what_clients_call(
    kernel: Kernel, server: JupyterServer
) -> None:
    changed: list[Any] = []
    cell = "wl.expose(lambda: {}, 'again.value')"
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "jupyter.api.changed", changed.append)
        await session.flush()
        for value in (1, 2):
            await console.run(cell.format(value))
            assert await session.call("again.value") == value
        await console.run("wl.unexpose('again.value')")
        with pytest.raises(MethodNotFound):
            await session.call("again.value")
        await until(lambda: len(changed) == 3, "three changes of the API")
        assert changed == [{"names": ["again.value"]}] * 3
        name, text = await console.fails("wl.unexpose('again.value')")
        assert name == "RegistrationError"
        assert "got 'again.value'" in text


@asynchronous
async def test_object_exposed_again_loses_what_it_no_longer_has(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
class Shrinking:
    def stays(self): return 1
    def goes(self): return 1
_ = wl.expose(Shrinking(), "shrinking")
""")
        assert await session.call("shrinking.goes") == 1
        await console.run("""
class Shrinking:
    def stays(self): return 2
_ = wl.expose(Shrinking(), "shrinking")
""")
        assert await session.call("shrinking.stays") == 2
        with pytest.raises(MethodNotFound):
            await session.call("shrinking.goes")


@asynchronous
async def test_wrong_arguments_name_the_signature(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(COUNTER + "_ = wl.expose(Counter(), 'strict')")
        with pytest.raises(InvalidParams) as failure:
            await session.call("strict.add")
        assert failure.value.message == (
            "expected strict.add(n: int, *, times: int = 1) -> int, "
            "got: missing a required argument: 'n'"
        )
        with pytest.raises(InvalidParams, match="unexpected keyword argument 'm'"):
            await session.call("strict.add", 1, m=2)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("wl.expose(dict)", "expected an object or a function, got the class dict"),
        ("wl.expose(os)", "got the module os"),
        ("wl.expose(object(), 'empty')", "expected an object with public methods"),
        ("wl.expose(len, 'a-b')", "procedure name: expected words of letters"),
        ("wl.expose(len, 'jupyter.mine')", "'jupyter' is reserved"),
        ("wl.expose(len, run='process')", "run: expected one of 'main', 'thread', 'loop'"),
        ("wl.expose([], only=['absent'])", "got 'absent'"),
        ("wl.expose('a.b', 'c')", "expected an object to expose as 'c'"),
        ("wl.publish('no spaces', 1)", "topic: expected words"),
    ],
)
@asynchronous
async def test_wrong_use_says_what_was_expected(kernel: Kernel, code: str, message: str) -> None:
    async with kernel.console() as console:
        name, text = await console.fails(code)
        assert name == "RegistrationError"
        assert message in text


@asynchronous
async def test_raising_procedure_shows_its_traceback_at_home_only(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        home = await console.run("""
def deep(key):
    return {"secret path": key}[key]
def raises(key):
    return deep(key)
for policy in ("main", "thread", "loop"):
    wl.expose(raises, f"raises.{policy}", run=policy)
async def raises_later():
    await asyncio.sleep(0)
    deep("later")
wl.expose(raises_later, "raises.later")
""")
        later = await console.run("1")
        for policy in ("main", "thread", "loop"):
            with pytest.raises(ProcedureRaised) as failure:
                await session.call(f"raises.{policy}", policy)
            assert failure.value.message == f"KeyError: '{policy}'"
            assert failure.value.data == {"type": "KeyError"}
            await home.printed(f"KeyError: '{policy}'", "stderr")
        with pytest.raises(ProcedureRaised):
            await session.call("raises.later")
        await home.printed("KeyError: 'later'", "stderr")
        assert "in deep" in home.stderr
        # The frames of the package are nobody's business.
        assert "dispatch.py" not in home.stderr
        assert "execution.py" not in home.stderr
        assert later.stderr == ""


@pytest.mark.parametrize("policy", ["main", "loop"])
@asynchronous
async def test_procedure_that_exits_does_not_end_the_kernel(
    server: JupyterServer, policy: str
) -> None:
    doomed = await Kernel.start(server)
    try:
        async with doomed.console() as console:
            await console.run(PRELUDE + f"wl.expose(sys.exit, 'exit', run='{policy}')")
            async with connect(doomed.socket_url, token=server.token) as session:
                for status in (3, 4):
                    with pytest.raises(ProcedureRaised, match="SystemExit"):
                        await soon(session.call("exit", status), 3)
    finally:
        await doomed.shut_down()


@asynchronous
async def test_what_cannot_be_sent_is_named_by_its_path(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
class Foo: pass
loop_of_lists = []
loop_of_lists.append(loop_of_lists)
values = {
    "object": {"a": [1, 2, 3, Foo()]},
    "key": {"a": {(1, 2): 3}},
    "set": {1},
    "big": 2**64,
    "cycle": loop_of_lists,
    "array": {"x": np.array([Foo()])},
}
wl.expose(values.get, "unsendable")
""")
        for key, path in {
            "object": "result['a'][3]: <class '__main__.Foo'>",
            "key": "result['a']: expected keys of str or number, got (1, 2)",
            "set": "result: <class 'set'>",
            "big": "result: expected an integer of at most 64 bits, got 65 bits",
            "cycle": "levels of nesting (a cycle?)",
            "array": "result['x']: array of dtype object",
        }.items():
            with pytest.raises(NotSerializable) as failure:
                await session.call("unsendable", key)
            assert path in failure.value.message
        name, text = await console.fails("wl.publish('t', {'frames': [Foo()]})")
        assert name == "NotSerializable"
        assert "value['frames'][0]: <class '__main__.Foo'>" in text


@asynchronous
async def test_sessions_tell_who_is_connected(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        own = session.hello["clientID"]
        infos = await console.value("[(s.id, s.client) for s in wl.sessions()]")
        assert (own, "wslink_jupyter (Python)") in infos
