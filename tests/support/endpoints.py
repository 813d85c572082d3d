"""An endpoint as a kernel has it, without kernel: loops, pool, sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from support.frames import frame

from wslink_jupyter.client import ClientSession
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.kernel.link_thread import LinkThread
from wslink_jupyter.kernel.main_thread import run_on_main_thread
from wslink_jupyter.limits import CLIENT_LIMITS, MIB, Limits
from wslink_jupyter.rpc.binding import collect
from wslink_jupyter.rpc.endpoint import API_CHANGED_TOPIC, Endpoint, Identity
from wslink_jupyter.rpc.execution import run_in_pool, run_on_loop, run_on_this_loop
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.rpc.worker_pool import WorkerPool
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.inproc import inproc_pair
from wslink_jupyter.transport.pump import pump
from wslink_jupyter.wire.codec import unpack
from wslink_jupyter.wire.connection import Envelope
from wslink_jupyter.wire.envelopes import Call, Hello, Publication, Reply, parse_reply
from wslink_jupyter.wire.reassembly import Reassembler

EPOCH = "e" * 32
#: What the Jupyter server takes from a browser.
MAX_FRAME_BYTES = 4 * MIB


class Served:
    """An endpoint with what its procedures run on.

    Attributes
    ----------
    endpoint : Endpoint
    pool : WorkerPool
    main : LinkThread
        Stands for the kernel's main thread.
    """

    def __init__(self, limits: Limits, threads: int, *, on_this_thread: bool) -> None:
        self.pool = WorkerPool(threads, "wslink-worker")
        self.main = LinkThread()
        here = asyncio.get_running_loop()
        runners = {
            "main": run_on_main_thread(here) if on_this_thread else run_on_loop(self.main.loop),
            "thread": run_in_pool(self.pool),
            "loop": run_on_this_loop,
        }
        self.endpoint = Endpoint("default", here, runners, Identity("0.1.0", EPOCH), limits)
        self._conversations: list[Conversation] = []

    def expose(
        self,
        target: Any,
        name: str | None = None,
        run: str | None = None,
        only: Iterable[str] | None = None,
    ) -> Any:
        """Do what ``wl.expose`` does."""
        self.endpoint.registry.bind(*collect(target, name, run, only))
        return target

    def publish(self, topic: str, value: object, to: str | None = None) -> None:
        """Do what ``wl.publish`` does."""
        self.endpoint.hub.publish(topic, value, to)

    def converse(self) -> Conversation:
        """Return a session without transport, driven by hand."""
        conversation = Conversation(self.endpoint.open_session("user", MAX_FRAME_BYTES))
        self._conversations.append(conversation)
        return conversation

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[tuple[ClientSession, Session]]:
        """Return a client that has said hello, over a pumped transport, and its session."""
        near, far = inproc_pair()
        async with self.pumped(far) as (session, _):
            client = ClientSession(near)
            try:
                await client.open("")
                yield client, session
            finally:
                await client.close()

    @asynccontextmanager
    async def pumped(
        self, transport: FrameTransport
    ) -> AsyncIterator[tuple[Session, asyncio.Task[ConnectionClosed]]]:
        """Serve `transport` as the link's listener does."""
        session = self.endpoint.open_session("user", MAX_FRAME_BYTES)
        task = asyncio.create_task(pump(session, transport))
        try:
            yield session, task
        finally:
            session.close(1001, "the test is over")
            await asyncio.wait((task,))
            self.endpoint.close_session(session)

    async def close(self) -> None:
        """Stop everything."""
        for conversation in self._conversations:
            self.endpoint.close_session(conversation.session)
        self.pool.close()
        await asyncio.to_thread(self.main.stop)


@asynccontextmanager
async def served(
    threads: int = 4, *, on_this_thread: bool = False, **limits: Any
) -> AsyncIterator[Served]:
    """Return an endpoint; everything is stopped at the end.

    Parameters
    ----------
    threads : int
        Of the pool.
    on_this_thread : bool
        Whether ``run="main"`` is the thread and loop of the caller, with the
        kernel's care for interrupts; a thread of its own otherwise.
    **limits
        See `wslink_jupyter.limits.Limits`.
    """
    async with AsyncExitStack() as stack:
        endpoint = Served(Limits(**limits), threads, on_this_thread=on_this_thread)
        stack.push_async_callback(endpoint.close)
        yield endpoint


class Conversation:
    """A client without transport: frames in by hand, envelopes out one by one."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._reassembler = Reassembler(CLIENT_LIMITS)
        self._calls = 0

    def say(self, envelope: Envelope | dict[str, Any]) -> None:
        """Hand over a request, right or wrong."""
        message = envelope if isinstance(envelope, dict) else envelope.dump()
        self.session.receive_frame(frame(message), 0.0)

    def call(self, method: str, *args: Any, **kwargs: Any) -> str:
        """Call a procedure; return the call's id."""
        call = Call(f"rpc:{self.session.id}:{self._calls}", method, list(args), kwargs)
        self._calls += 1
        self.say(call)
        return call.id

    async def hear(self) -> Reply:
        """Wait for the next envelope, but for those that tell of the API."""
        while True:
            reply = await self._next()
            if not (isinstance(reply, Publication) and reply.topic == API_CHANGED_TOPIC):
                return reply

    async def _next(self) -> Reply:
        while True:
            chunk = await self.session.outbox.get()
            assert chunk is not None
            message = self._reassembler.feed(b"".join(chunk), 2**30, 0.0)
            if message is not None:
                return parse_reply(unpack(message, CLIENT_LIMITS))

    async def hear_all(self) -> list[Reply]:
        """Return what waits now."""
        heard = []
        while self.session.outbox.counters.queued_messages:
            heard.append(await self._next())
        return heard

    async def greet(self, **details: Any) -> Reply:
        """Say hello; return the answer."""
        self.say(Hello.make(**details))
        return await self.hear()

    async def ask(self, method: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a procedure; return its reply, which must come next."""
        call_id = self.call(method, *args, **kwargs)
        reply = await self.hear()
        assert getattr(reply, "id", None) == call_id, reply
        return reply
