"""An endpoint as a kernel has it, without kernel: loops, pool, sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from support.frames import frame

from wslink_jupyter.client import ClientSession
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import CLIENT_LIMITS, MIB, Limits
from wslink_jupyter.rpc.binding import collect
from wslink_jupyter.rpc.endpoint import Endpoint, Identity
from wslink_jupyter.rpc.execution import run_in_pool, run_on_this_loop
from wslink_jupyter.rpc.loop_thread import LoopThread
from wslink_jupyter.rpc.main_thread import MainThread
from wslink_jupyter.rpc.outbox import Outbox
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.rpc.topics import API_CHANGED_TOPIC
from wslink_jupyter.rpc.worker_pool import WorkerPool
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.inproc import inproc_pair
from wslink_jupyter.transport.pump import pump
from wslink_jupyter.wire.chunks import Chunk
from wslink_jupyter.wire.codec import unpack
from wslink_jupyter.wire.connection import Envelope
from wslink_jupyter.wire.envelopes import (
    ACK_METHOD,
    SUBSCRIBE_METHOD,
    Call,
    Hello,
    Publication,
    Reply,
    Result,
    SystemRequest,
    parse_reply,
)
from wslink_jupyter.wire.ids import system_id
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
    main : LoopThread
        Stands for the kernel's main thread.
    main_thread : MainThread
    """

    def __init__(self, limits: Limits, threads: int, *, on_this_thread: bool) -> None:
        self.pool = WorkerPool(threads, "wslink-worker")
        self.main = LoopThread("wslink-link")
        here = asyncio.get_running_loop()
        self.main_thread = MainThread(lambda: here if on_this_thread else self.main.loop)
        runners = {
            "main": self.main_thread.run,
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


async def next_chunk(outbox: Outbox) -> Chunk | None:
    """Wait for the next chunk to send; None when the outbox is closed and drained."""
    ready = asyncio.Event()
    outbox.on_ready = ready.set
    while (chunk := outbox.next_chunk()) is None and not outbox.is_closed:
        ready.clear()
        await ready.wait()
    return chunk


class Conversation:
    """A client without transport: frames in by hand, envelopes out one by one."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._reassembler = Reassembler(CLIENT_LIMITS)
        self._calls = 0
        self._requests = 0

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

    def request(self, method: str, *args: Any) -> str:
        """Send a system request, such as a subscription; return its id."""
        self._requests += 1
        request = SystemRequest(system_id(self._requests), method, list(args), {})
        self.say(request)
        return request.id

    async def subscribe(self, *topics: str) -> None:
        """Listen to topics, as our own clients do; the answer must come next."""
        request_id = self.request(SUBSCRIBE_METHOD, *topics)
        assert await self.hear() == Result(request_id, None)

    def acknowledge(self, topic: str, number: int) -> None:
        """Say that the values of a topic up to `number` are dealt with."""
        self.request(ACK_METHOD, topic, number)

    async def hear(self) -> Reply:
        """Wait for the next envelope, but for those that tell of the API."""
        while True:
            reply = await self._next()
            if not (isinstance(reply, Publication) and reply.topic == API_CHANGED_TOPIC):
                return reply

    async def _next(self) -> Reply:
        while True:
            chunk = await next_chunk(self.session.outbox)
            assert chunk is not None
            reply = self.take(chunk)
            if reply is not None:
                return reply

    def take(self, chunk: Chunk) -> Reply | None:
        """Return the envelope that a chunk completes, if it does."""
        message = self._reassembler.feed(b"".join(chunk), 2**30, 0.0)
        return None if message is None else parse_reply(unpack(message, CLIENT_LIMITS))

    def hear_all(self) -> list[Reply]:
        """Return what can be had now, without waiting."""
        chunks = iter(self.session.outbox.next_chunk, None)
        return [reply for chunk in chunks if (reply := self.take(chunk)) is not None]

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
