"""The unmodified npm wslink 2.5.0 and vtk.js against a real server and kernel."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from interop.conftest import PROCEDURES, Npm
from interop.javascript import STOCK_CLIENTS, binary, random_bytes, run_client
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel
from support.waiting import asynchronous, until

MIB = 1024 * 1024
#: npm wslink 2.5.0, session.js:25: what does not match is lost without a word.
ID = re.compile(r"(rpc|publish|system):(\w+(?:\.\w+)*):(?:\d+)", re.ASCII)


@asynchronous
async def test_calls_with_arguments_and_keywords(npm: Npm) -> None:
    values: list[Any] = [None, True, 1, -1, 0.5, "Größe 漢字 🥁", [], {}, [[{"a": [1]}]], 2**53 - 1]
    story = await npm(
        ["call", "stock.echo"],
        ["call", "stock.echo", [1, "two"], {"three": 3}],
        ["call", "stock.echo", [], {"größe": None}],
        *(["call", "stock.same", [value]] for value in values),
        ["call", "stock.when"],
    )
    assert [reply["result"] for reply in story.replies] == [
        [[], {}],
        [[1, "two"], {"three": 3}],
        [[], {"größe": None}],
        *values,
        {"$date": "2024-02-29T12:30:00.000Z"},
    ]


@asynchronous
async def test_binary_both_ways(npm: Npm) -> None:
    data = bytes(range(256))
    story = await npm(
        ["call", "stock.same", [binary(data)]],
        ["call", "stock.same", [binary(b"")]],
        ["call", "stock.digest", [binary(data)]],
        ["call", "stock.same", [{"frames": [binary(b"\xde\xad"), binary(b"\xbe\xef")]}]],
        ["call", "stock.array"],
    )
    same, empty, digest, nested, array = (reply["result"] for reply in story.replies)
    assert same == binary(data)
    assert empty == binary(b"")
    assert digest == [256, hashlib.sha256(data).hexdigest()]
    assert nested == {"frames": [binary(b"\xde\xad"), binary(b"\xbe\xef")]}
    # A stock client gets a map that it can read as it stands.
    assert (array["@type"], array["dtype"], array["shape"]) == ("ndarray", "<f4", [2, 3])
    assert len(base64.b64decode(array["data"]["$bytes"])) == 24


@asynchronous
async def test_20_mb_up_and_down(npm: Npm) -> None:
    size = 20_000_000
    story = await npm(
        ["call", "stock.digest", [{"$random": MIB + 1}]],
        ["call", "stock.digest", [{"$random": size}]],
        ["call", "stock.make", [size]],
        ["send", "stock.make", [size]],
        ["send", "stock.echo", [1]],
        ["settle"],
    )
    small, large, made, again, echo = (reply["result"] for reply in story.replies)
    assert small == [MIB + 1, hashlib.sha256(random_bytes(MIB + 1)).hexdigest()]
    assert large[0] == size
    zeros = {"$sha256": hashlib.sha256(bytes(size)).hexdigest(), "size": size}
    assert made == again == zeros
    assert echo == [[1], {}]
    assert max(frame_size for frame_size, _ in story.frames) <= 4 * MIB


@asynchronous
async def test_errors_have_code_message_and_data(npm: Npm) -> None:
    story = await npm(
        ["call", "no.such.procedure", [1]],
        ["call", "stock.fail"],
        ["call", "stock.unsendable"],
        ["call", "stock.same"],
        ["call", "stock._private"],
        ["call", "stock.same", ["still here"]],
    )
    missing, raised, unsendable, arguments, private, last = story.replies
    assert missing["error"] == {
        "code": -32601,
        "message": "Unregistered method called: nothing is exposed as 'no.such.procedure'; "
        "run the cell that exposes it",
        "data": "no.such.procedure",
    }
    assert raised["error"] == {
        "code": -32001,
        "message": "ValueError: no such luck",
        "data": {"type": "ValueError"},
    }
    assert unsendable["error"]["code"] == -32002
    assert "result['a'][1]: <class 'object'>" in unsendable["error"]["message"]
    assert arguments["error"]["code"] == -32602
    assert "expected stock.same(value)" in arguments["error"]["message"]
    assert private["error"]["code"] == -32601
    assert last == {"result": "still here"}


@asynchronous
async def test_subscriptions_and_their_end(npm: Npm) -> None:
    story = await npm(
        ["call", "stock.announce", [1]],
        # Behind this reply, the publication has been delivered to nobody.
        ["call", "stock.same", [1]],
        ["subscribe", "stock.news"],
        ["call", "stock.announce", [2]],
        ["call", "stock.same", [1]],
        ["unsubscribe", "stock.news"],
        ["call", "stock.announce", [3]],
        ["call", "stock.same", [1]],
    )
    assert story.heard == {"stock.news": [{"n": 0}, {"n": 1}]}


@asynchronous
async def test_result_comes_before_the_publications_of_its_call(npm: Npm) -> None:
    rounds = 20
    story = await npm(
        ["subscribe", "stock.news"],
        *(["call", "stock.announce", [3]] for _ in range(rounds)),
        ["call", "stock.same", [0]],
    )
    ids = [envelope["id"] for envelope in story.envelopes()]
    one_round = ["rpc", "publish", "publish", "publish"]
    assert [each.partition(":")[0] for each in ids] == ["system", *one_round * rounds, "rpc"]
    assert len(story.heard["stock.news"]) == 3 * rounds


@asynchronous
async def test_what_the_frames_say(npm: Npm) -> None:
    story = await npm(
        ["subscribe", "stock.news"],
        ["call", "stock.echo", [1]],
        ["call", "stock.announce", [2]],
        ["call", "stock.fail"],
        ["call", "stock.announce_later"],
        ["call", "stock.same", [0]],
    )
    size, head = story.frames[0]
    assert size == len(head) < 512
    envelopes = story.envelopes()
    hello = envelopes[0]
    assert hello.keys() == {"wslink", "id", "result"}
    assert hello["id"] == "system:c0:0"
    assert hello["result"].keys() == {"clientID", "maxMsgSize"}
    assert re.fullmatch(r"c[0-9a-f]{32}", hello["result"]["clientID"])
    assert hello["result"]["maxMsgSize"] == 4 * MIB
    for envelope in envelopes:
        assert ID.fullmatch(envelope["id"]), envelope["id"]
        # The Python client of trame takes any key `error` for one.
        assert ("error" in envelope) != ("result" in envelope)
        assert next(iter(envelope)) == "wslink"
    assert sum("error" in envelope for envelope in envelopes) == 1


@asynchronous
async def test_page_that_leaves_asks_to_exit_and_nothing_exits(
    npm: Npm, kernel: Kernel, server: JupyterServer
) -> None:
    before = await kernel.runtime()
    for seconds in (10, 1, 0, -1):
        await npm(["call", "stock.same", [1]], ["destroy", seconds])
    story = await npm(["call", "application.exit"], ["call", "stock.same", [2]])
    assert story.replies[0]["error"]["code"] == -32601
    assert story.replies[1] == {"result": 2}
    after = await kernel.runtime()
    assert before is not None
    assert after is not None
    assert after["epoch"] == before["epoch"]
    await until(kernel_has_no_sessions(kernel), "every session to be forgotten")


def kernel_has_no_sessions(kernel: Kernel) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return not await kernel.sessions()

    return ask


@pytest.mark.parametrize("kind", STOCK_CLIENTS)
@asynchronous
async def test_client_comes_back_after_a_restart(server: JupyterServer, kind: str) -> None:
    mortal = await Kernel.start(server)

    async def load() -> None:
        async with mortal.console() as console:
            await console.run(PRELUDE + PROCEDURES)
            await console.run("wl.expose(lambda: time.sleep(60), 'stock.sleep', run='thread')")

    await load()
    running = asyncio.create_task(
        run_client(
            kind,
            f"{mortal.socket_url}?token={server.token}",
            ["call", "stock.same", ["before"]],
            ["send", "stock.sleep"],
            ["lost"],
            ["settle"],
            # Held by the server until the runtime is there again.
            ["reconnect"],
            ["call", "jupyter.views.list"],
        )
    )

    async def is_asleep() -> bool:
        return any(session["calls"] for session in await mortal.sessions())

    await until(is_asleep, "a call in flight")
    await mortal.restart()
    await load()
    story = await running
    before, sleep, after = story.replies
    assert (story.failure, before, after) == (None, {"result": "before"}, {"result": []})
    # Stock clients keep a promise that nobody answers for ever.
    assert sleep["error"]["code"] == -32005
    assert story.closes[0][0] == 4010
    await mortal.shut_down()


@pytest.mark.parametrize("kind", STOCK_CLIENTS)
@asynchronous
async def test_without_the_token_there_is_an_error_and_no_hang(
    kernel: Kernel, server: JupyterServer, kind: str
) -> None:
    for url in (kernel.socket_url, f"{kernel.socket_url}?token=wrong"):
        story = await run_client(kind, url)
        assert story.failure
        assert story.frames == []
