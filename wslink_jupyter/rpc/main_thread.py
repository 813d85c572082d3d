"""``run="main"``: calls wait for the kernel's main thread, in order.

The main thread takes them between cells, and inside a cell that says so
(`wslink_jupyter.progress`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import TypeVar

from wslink_jupyter.rpc.execution import (
    Invocation,
    ProgramExit,
    complete,
    is_future,
    settle,
    start,
)
from wslink_jupyter.rpc.interrupts import Interruptible
from wslink_jupyter.wire.message import Message

#: Callers are told when their call waits for longer.
_NOTICE_S = 0.02
#: How often to look whether the main thread has a loop by now.
_NO_LOOP_S = 0.02

T = TypeVar("T")
_Task = asyncio.Task[Message]


class _WaitingCall:
    """A call from its arrival to its outcome; each thread touches its own part.

    An interrupt may stop the main thread between any two of its lines. So it
    hands outcomes over in one step that can be repeated: the first is heard.

    Attributes
    ----------
    invocation : Interruptible
    outcome : asyncio.Future
        Of the caller's loop, on which it is settled or cancelled.
    task : asyncio.Task or None
        Of the main thread's loop: its outcome will be the call's.
    """

    def __init__(self, invocation: Interruptible) -> None:
        self.invocation = invocation
        self.task: _Task | None = None
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[Message] = self._loop.create_future()
        self._told = False

    def tell_queued(self, reason: str) -> None:
        self._told = True
        self.invocation.tell("queued", reason)

    def begins(self) -> None:
        if self._told:
            self.invocation.tell("running", "")

    def succeed(self, message: Message) -> None:
        self._hand_over(self._succeeded, message)

    def fail(self, error: BaseException) -> None:
        self._hand_over(self._failed, error)

    def _hand_over(self, settle: Callable[[T], None], outcome: T) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the caller with it
            self._loop.call_soon_threadsafe(settle, outcome)

    def _succeeded(self, message: Message) -> None:
        if not self.outcome.done():
            self.outcome.set_result(message)

    def _failed(self, error: BaseException) -> None:
        if self.outcome.done():
            return
        if isinstance(error, asyncio.CancelledError):
            self.outcome.cancel()
        else:
            self.outcome.set_exception(error)

    def follow(self, task: _Task) -> None:
        """Let the task's outcome be the call's, and the caller cancel the task."""
        self.task = task
        task.add_done_callback(self._ended)
        if self.outcome.cancelled():  # before it could see the task
            task.cancel()

    def give_up(self) -> None:
        """Cancel the task, if there is one, on its own loop."""
        if self.task is not None and not (loop := self.task.get_loop()).is_closed():
            loop.call_soon_threadsafe(self.task.cancel)

    def _ended(self, task: _Task) -> None:
        if task.cancelled():
            self.fail(asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            self.fail(error)
        else:
            self.succeed(task.result())


class MainThread:
    """Runs calls on the kernel's main thread.

    Parameters
    ----------
    find_loop : callable
        Returns the loop of that thread, or None: ipykernel has none yet when a
        configuration loads the extension.

    Attributes
    ----------
    runs_cell : bool
        Whether a cell is running there.
    """

    def __init__(self, find_loop: Callable[[], asyncio.AbstractEventLoop | None]) -> None:
        self._find_loop = find_loop
        #: In order of arrival; whoever removes a call runs it.
        self._waiting: dict[_WaitingCall, None] = {}
        self.runs_cell = False
        self._is_scheduled = False
        #: In a task that begins in the next turn of the loop.
        self._starting = 0

    @property
    def waiting_calls(self) -> int:
        """Calls that have not begun."""
        return len(self._waiting)

    def run(self, invocation: Invocation) -> asyncio.Future[Message]:
        """Run an invocation on the main thread; the runner of its policy.

        Cancelling what is returned drops a call that has not begun, and
        cancels another at its next await.
        """
        call = _WaitingCall(Interruptible(invocation))
        self._waiting[call] = None
        if not self._is_scheduled:
            # Once for many: during a long cell, the loop would collect them.
            self._is_scheduled = True
            self._schedule()
        notice = asyncio.get_running_loop().call_later(_NOTICE_S, self._tell_queued, call)

        def done(outcome: asyncio.Future[Message]) -> None:
            notice.cancel()
            if outcome.cancelled():
                self._claim(call)  # it waits no more
                call.give_up()

        call.outcome.add_done_callback(done)
        return call.outcome

    def _schedule(self) -> None:
        loop = self._find_loop()
        if loop is None:
            asyncio.get_running_loop().call_later(_NO_LOOP_S, self._schedule)
        else:
            loop.call_soon_threadsafe(self._begin_waiting)

    def _tell_queued(self, call: _WaitingCall) -> None:
        if call in self._waiting:
            blocker = "a running cell" if self.runs_cell else "another call"
            call.tell_queued(f"queued behind {blocker}")

    def _claim(self, call: _WaitingCall) -> bool:
        """Return whether the call waited, and does no more."""
        try:
            del self._waiting[call]
        except KeyError:
            return False
        return True

    def _begin_waiting(self) -> None:
        """Begin the calls that wait, on the loop, unless a cell served them meanwhile."""
        self._is_scheduled = False  # first: who comes from here on schedules anew
        loop = asyncio.get_running_loop()
        for call in list(self._waiting):
            if call.task is not None or call not in self._waiting:
                continue
            if call.invocation.is_async:
                coroutine = self._complete(call)
                call.follow(loop.create_task(coroutine, context=call.invocation.context))
                self._starting += 1
                loop.call_soon(self._one_has_started)
            elif self._starting:
                # Calls begin in the order in which they came. Until then a cell may serve it.
                self._is_scheduled = True
                loop.call_soon(self._begin_waiting)
                return
            elif self._claim(call):
                self._run_here(call)

    def _one_has_started(self) -> None:
        self._starting -= 1

    async def _complete(self, call: _WaitingCall) -> Message:
        if not self._claim(call):
            raise asyncio.CancelledError
        call.begins()
        return await complete(call.invocation)

    def serve(self) -> None:
        """Run the calls that wait, on the main thread inside a cell.

        A call that awaits needs the loop, which is the cell's: it goes on
        waiting, and so do later calls of the same client.

        Raises
        ------
        KeyboardInterrupt
            If the user interrupts a call: it is answered, and the cell ends.
        """
        waiting = list(self._waiting)
        try:
            for call in self._servable(waiting):
                if self._claim(call) and (interrupt := self._run_here(call)) is not None:
                    raise interrupt
        except BaseException:
            # An interrupt may have come between any two lines.
            for call in waiting:
                if call not in self._waiting and call.task is None:
                    call.fail(ProgramExit(KeyboardInterrupt()))
            raise

    def _servable(self, waiting: list[_WaitingCall]) -> Iterator[_WaitingCall]:
        held_up: set[str] = set()
        for call in waiting:
            invocation = call.invocation
            if invocation.is_async:
                held_up.add(invocation.session_id)
            if invocation.session_id not in held_up:
                yield call

    def _run_here(self, call: _WaitingCall) -> KeyboardInterrupt | None:
        """Run a call to its outcome; return the interrupt that ended it, if one did."""
        invocation = call.invocation
        context = invocation.context
        try:
            call.begins()
            value = context.run(start, invocation)
            if is_future(value):
                rest = settle(invocation, value)
                call.follow(asyncio.get_running_loop().create_task(rest, context=context))
                return None
            message = context.run(invocation.returned, value)
        except BaseException as error:  # whatever user code raises is an answer
            invocation.ended()
            interrupt = error.error if isinstance(error, ProgramExit) else error
            if isinstance(interrupt, KeyboardInterrupt):
                call.fail(ProgramExit(interrupt))
                return interrupt
            call.fail(error)
            return None
        invocation.ended()
        call.succeed(message)
        return None
