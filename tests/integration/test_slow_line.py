"""What passes what, on the way to a client that reads little: bytes are counted, not seconds."""

from __future__ import annotations

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.sockets import OWN_HELLO, SleepingClient, call, frame, system
from support.waiting import asynchronous, until

from wslink_jupyter.limits import MIB

#: As much as may wait for one client, nearly.
LARGE = f"wl.publish('line', bytes({24 * MIB}))"
SMALL = "for n in range(2000): wl.publish('line', bytes(10_000))"
#: Pictures with a few words for each, as an application sends them.
MIXED = f"for n in range(24): wl.publish('line', bytes({MIB})); wl.publish('line', 'words')"


async def _stands_still(kernel: Kernel) -> None:
    """Wait until nothing goes out any more though something waits: every socket is full."""
    looks: list[int] = []

    async def is_still() -> bool:
        entry = (await kernel.sessions())[-1]
        assert entry["queued_bytes"] > 4 * MIB
        looks.append(entry["sent_bytes"])
        return len(looks) > 4 and looks[-1] == looks[-4]

    await until(is_still, "the sockets to be full")


@pytest.mark.parametrize("publish", [LARGE, SMALL, MIXED], ids=["large", "small", "mixed"])
@asynchronous
async def test_a_call_passes_what_is_already_on_its_way(
    kernel: Kernel, server: JupyterServer, publish: str
) -> None:
    client = await SleepingClient.open(server, kernel.socket_url)
    try:
        async with kernel.console() as console:
            await console.run("wl.expose(lambda: 'passes all others', 'line.f', run='loop')")
            await client.send(frame(OWN_HELLO))
            await client.send(frame(system(1, "subscribe", "line"), 2))
            await client.read_up_to(b"system:c0:1")
            await console.run(publish)
            await client.read_up_to(b"publish:line:")
            await _stands_still(kernel)
            for number in range(3):
                await client.send(frame(call(number, "line.f"), 3 + number))
                before = await client.read_up_to(b"passes all others")
                assert before < MIB
    finally:
        client.close()
