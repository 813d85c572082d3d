"""The unmodified npm wslink 2.5.0 against an exposed LinkProtocol and VTK's own."""

from __future__ import annotations

import base64

from integration.test_pictures import WINDOW
from integration.test_stock_protocols import CELL
from integration.test_stock_vtk import INTERACTOR, PROTOCOLS
from interop.conftest import Npm
from support.kernel import Kernel
from support.waiting import asynchronous, until


@asynchronous
async def test_calls_and_publications_of_a_link_protocol(kernel: Kernel, npm: Npm) -> None:
    async with kernel.console() as console:
        await console.run(CELL)
        story = await npm(
            ["subscribe", "calculator.ticks"],
            ["subscribe", "calculator.news"],
            ["call", "calculator.add", [[1, 2, 3, 4, 5]]],
            ["call", "calculator.add", [], {"numbers": [1, 2]}],
            ["call", "calculator.image"],
            ["call", "calculator.length", [{"$random": 9_000_000}]],
            ["call", "calculator.fail"],
            ["call", "calculator.start"],
            ["call", "calculator.announce", ["Größe 漢字"]],
            ["call", "calculator.skip", ["not to the caller"]],
            ["call", "calculator.length", [{"$random": 1_000_000}]],
            ["call", "calculator.stop"],
        )
        results = [reply.get("result") for reply in story.replies]
        assert results[:2] == [15, 3]
        blob = {"$bytes": base64.b64encode(bytes(range(256))).decode()}
        assert results[2] == {"blob": blob, "list": [{"$bytes": "YQ=="}]}
        assert results[3] == 9_000_000
        assert story.replies[4]["error"]["message"] == "ValueError: no such luck"
        assert story.heard["calculator.news"] == ["Größe 漢字"]
        ticks = story.heard["calculator.ticks"]
        assert ticks
        assert ticks == list(range(len(ticks)))


@asynchronous
async def test_pictures_of_vtk_come_after_the_result_that_names_their_view(
    kernel: Kernel, npm: Npm
) -> None:
    event = {"action": "down", "x": 0.5, "y": 0.5, "buttonLeft": 1, "view": "-1"}
    others = ("buttonMiddle", "buttonRight", "shiftKey", "altKey", "ctrlKey", "metaKey")
    event |= dict.fromkeys(others, 0)
    async with kernel.console() as console:
        await console.run(WINDOW + INTERACTOR + PROTOCOLS)
        # As vtk.js: nothing waits for anything.
        story = await npm(
            ["subscribe", "viewport.image.push.subscription"],
            ["send", "viewport.image.push.observer.add", ["-1"]],
            ["send", "viewport.image.push.original.size", ["-1", 400, 400]],
            ["send", "viewport.image.push.invalidate.cache", ["-1"]],
            ["send", "viewport.image.push", [{"view": "-1", "size": [400, 400]}]],
            ["settle"],
            *(["send", "viewport.mouse.interaction", [event | {"x": n / 20}]] for n in range(12)),
            ["send", "viewport.mouse.interaction", [event | {"action": "up", "buttonLeft": 0}]],
            ["settle"],
        )
        assert [reply for reply in story.replies if "error" in reply] == []
        view_id = story.replies[0]["result"]["viewId"]
        pictures = story.heard["viewport.image.push.subscription"]
        assert pictures
        assert {picture["id"] for picture in pictures} == {view_id}
        first_picture = next(
            n for n, (_, head) in enumerate(story.frames) if b"publish:view" in head
        )
        first_result = next(n for n, (_, head) in enumerate(story.frames) if b"viewId" in head)
        assert first_result < first_picture

        async def has_left() -> bool:
            return bool(await console.value("not images.trackingViews"))

        await until(has_left, "nothing of the client")
        assert await console.value("images.viewsInAnimations") == []
