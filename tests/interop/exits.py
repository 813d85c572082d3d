"""What becomes of a server that a page asks to exit, and of its other clients."""

from __future__ import annotations

from interop.conversation import hear
from interop.targets import Target
from support.sockets import call, raw_socket

#: Each ends the server it is sent to.
EXITS = {
    "exit": call(1, "application.exit"),
    "exit after 0 s": call(1, "application.exit.later", 0),
}


async def hear_exit(target: Target, name: str) -> dict[str, str]:
    """Return what the page that asks and another one hear."""
    async with (
        raw_socket(target.url, token=target.token) as asking,
        raw_socket(target.url, token=target.token) as other,
    ):
        for socket in (asking, other):
            await socket.hello()
        heard = {"asked": await hear(asking, [EXITS[name]]), "other": await hear(other)}
    return {name: " / ".join(f"{who}: {'; '.join(texts)}" for who, texts in heard.items())}
