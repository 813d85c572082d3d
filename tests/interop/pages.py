"""What the npm client goes through: wslink's own examples, and what only JavaScript has."""

from __future__ import annotations

import re
from typing import Any

from interop.conftest import Story, run_npm
from interop.targets import Target
from interop.transcript import tell, tell_error

_JS = ("undefined", "NaN", "-0", "2**53 + 2", "ArrayBuffer", "Float32Array", "DataView")
_JS += ("Date", "Map", "Set", "97 lists")
_IMAGES = "simple.images"
#: npm wslink 2.5.0, session.js:25: what does not match is lost without a word.
_ID = re.compile(r"(rpc|publish|system):(\w+(?:\.\w+)*):(?:\d+)", re.ASCII)

#: Each call with what its reply is called.
CALLS: tuple[tuple[str, list[Any]], ...] = (
    ("add", ["call", "simple.add", [[1, 2, 3, 4, 5]]]),
    ("mult", ["call", "simple.mult", [1, 2, 3, 4, 5]]),
    ("an image", ["call", "simple.image"]),
    ("nested binaries", ["call", "simple.nested"]),
    ("a list of NaN", ["call", "values.make", ["a list of NaN"]]),
    ("what is not there", ["call", "simple.nothing", [1]]),
    ("an exception", ["call", "values.fail", ["ValueError"]]),
    ("9 MB", ["call", "simple.digest", [{"$random": 9_000_000}]]),
    ("9 MB both ways", ["call", "values.same", [{"$random": 9_000_000}]]),
    ("keywords", ["call", "simple.named", [1], {"third": 3}]),
    ("keywords alone", ["call", "simple.named", [], {"second": 2, "first": "größe"}]),
    *((f"{name} as it arrives", ["call", "values.describe", [{"$js": name}]]) for name in _JS),
    *((f"{name} there and back", ["call", "values.same", [{"$js": name}]]) for name in _JS),
    ("an integer that JavaScript cannot hold", ["call", "values.make", ["integers"]]),
    ("the stream is started", ["call", "simple.stream"]),
    ("the stream has ended", ["call", "simple.streamed"]),
)
#: Ada and Bob, in turn.
CHAT: tuple[tuple[str, list[Any]], ...] = (
    ("Ada says", ["call", "chat.say", ["Ada", "Hallo, größe 漢字 🥁"]]),
    ("Ada talks", ["call", "chat.talks", ["Ada", True]]),
    ("Bob talks", ["call", "chat.talks", ["Bob", True]]),
    ("Ada is quiet", ["call", "chat.talks", ["Ada", False]]),
    ("Bob says", ["call", "chat.say", ["Bob", ""]]),
)
_TOPICS = (["subscribe", "chat.said"], ["subscribe", "chat.talking"])


async def hear_pages(target: Target) -> dict[str, str]:
    """Return what the npm client was told, by what was done."""
    return {**await _simple(target), **await _chat(target)}


async def _simple(target: Target) -> dict[str, str]:
    steps = [step for _, step in CALLS]
    steps = [["subscribe", _IMAGES], *steps[:-1], ["hear", _IMAGES, 2], steps[-1]]
    story = await run_npm(target.address, steps)
    return {**_told(CALLS, story), "npm: the stream": tell(story.heard[_IMAGES])}


async def _chat(target: Target) -> dict[str, str]:
    steps: list[list[Any]] = [*_TOPICS, ["client", "Bob "], *_TOPICS]
    for name, step in CHAT:
        steps += [["client", "Bob " if name.startswith("Bob") else ""], step]
    for client in ("", "Bob "):
        steps += [["client", client], ["hear", "chat.said", 2], ["hear", "chat.talking", 3]]
    story = await run_npm(target.address, steps)
    heard = {f"npm: {topic}": tell(values) for topic, values in story.heard.items()}
    return {**_told(CHAT, story), **heard}


def _told(calls: tuple[tuple[str, list[Any]], ...], story: Story) -> dict[str, str]:
    _check_frames(story)
    return {
        f"npm: {name}": tell(reply["result"]) if "result" in reply else tell_error(reply["error"])
        for (name, _), reply in zip(calls, story.replies, strict=True)
    }


def _check_frames(story: Story) -> None:
    """Require what stock clients, also Python's, cannot do without."""
    hello = story.envelopes()[0]
    assert story.frames[0][0] < 512
    assert max(size for size, _ in story.frames) <= hello["result"]["maxMsgSize"]
    for envelope in story.envelopes():
        assert _ID.fullmatch(envelope["id"]), envelope["id"]
        assert ("error" in envelope) != ("result" in envelope)
