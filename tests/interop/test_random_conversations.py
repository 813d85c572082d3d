"""Three clients that come, call, publish and leave hear the same from every server."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from hypothesis import given, settings
from hypothesis import strategies as st
from interop.conversation import hear
from interop.targets import Target
from support.sockets import RawSocket, call, raw_socket
from support.waiting import until

_CLIENTS = 3
_TOPICS = st.sampled_from(["news.one", "news.two"])
#: What one of them does; the others listen. What the table tells of is not among it.
_DEEDS = st.one_of(
    st.tuples(st.just("values.echo"), st.integers(0, 9)),
    st.tuples(st.just("values.later"), st.text(max_size=5)),
    st.tuples(st.just("news.publish"), _TOPICS, st.integers(0, 9), st.integers(1, 3)),
    st.tuples(st.just("news.newest"), _TOPICS),
    st.tuples(st.just("news.nobody"), _TOPICS),
    st.tuples(st.just("chat.say"), st.text(max_size=5), st.text(max_size=5)),
    # In one go: nothing is awaited.
    st.lists(
        st.sampled_from(["values.echo", "values.later", "values.awaitable", "values.slow"]),
        min_size=2,
        max_size=6,
    ).map(lambda methods: ("calls", *methods)),
    st.just(("leaves and comes",)),
    st.just(("leaves",)),
)


class _Room:
    """The clients of one server."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._here: dict[int, tuple[AsyncExitStack, RawSocket]] = {}

    async def does(self, who: int, deed: str, *args: object) -> list[str]:
        """Let one do something; return what each one hears."""
        if deed.startswith("leaves") or who not in self._here:
            await self._leaves(who)
        if deed == "leaves":
            return []
        if who not in self._here:
            await self._comes(who)
        said = [call(1, deed, *args)] if "." in deed else []
        if deed == "calls":
            said = [call(number, str(each), 0.002 * number) for number, each in enumerate(args)]
        heard = [f"{who}: {await hear(self._here[who][1], said, len(said))}"]
        others = [each for each in sorted(self._here) if each != who]
        return heard + [f"{each}: {await hear(self._here[each][1])}" for each in others]

    async def _comes(self, who: int) -> None:
        stack = AsyncExitStack()
        socket = await stack.enter_async_context(
            raw_socket(self._target.url, token=self._target.token)
        )
        await socket.hello()
        self._here[who] = stack, socket

    async def _leaves(self, who: int) -> None:
        """Leave, and wait until the application knows, if there is somebody to tell."""
        if who not in self._here:
            return
        stack, _ = self._here.pop(who)
        await stack.aclose()
        for _, other in list(self._here.values())[:1]:

            async def is_known(other: RawSocket = other) -> bool:
                count = await other.ask(call(9, "news.count"))
                return bool(count["result"] == len(self._here))

            await until(is_known, "fewer clients")

    async def close(self) -> None:
        for who in range(_CLIENTS):
            await self._leaves(who)


def test_clients_hear_the_same_from_every_server(every_server: tuple[Target, ...]) -> None:
    with asyncio.Runner() as runner:

        @settings(max_examples=20, deadline=None, derandomize=True)
        @given(st.lists(st.tuples(st.integers(0, _CLIENTS - 1), _DEEDS), min_size=5, max_size=12))
        def differ(deeds: list[tuple[int, tuple[object, ...]]]) -> None:
            async def live(target: Target) -> list[list[str]]:
                room = _Room(target)
                try:
                    return [await room.does(who, *deed) for who, deed in deeds]
                finally:
                    await room.close()

            async def live_everywhere() -> list[list[list[str]]]:
                return await asyncio.gather(*map(live, every_server))

            expected, *ours = runner.run(live_everywhere())
            assert ours == [expected] * len(ours)

        differ()
