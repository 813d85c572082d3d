"""The calls of one session that have not been answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from wslink_jupyter.codes import RpcCode
from wslink_jupyter.errors import CallCancelled, RpcError, TooManyCalls
from wslink_jupyter.rpc.context import ActiveCall
from wslink_jupyter.rpc.dispatch import Dispatcher, Reply
from wslink_jupyter.wire.envelopes import Call, Failure
from wslink_jupyter.wire.message import Message

#: How long a cancelled procedure may take to notice.
_FINISH_TIMEOUT_S = 1.0

#: Takes the reply to a call, once, with the publications that it held.
OnAnswer = Callable[[ActiveCall, Reply], None]


class CallsInFlight:
    """Starts calls, cancels them, and hands over each reply exactly once.

    Parameters
    ----------
    dispatcher : Dispatcher
    max_calls : int
    on_answer : callable
    """

    def __init__(self, dispatcher: Dispatcher, max_calls: int, on_answer: OnAnswer) -> None:
        self._dispatcher = dispatcher
        self._max_calls = max_calls
        self._on_answer = on_answer
        self._tasks: dict[str, asyncio.Future[Reply]] = {}
        self._is_finishing = False

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, call: Call, active: ActiveCall) -> None:
        """Run the procedure that `call` names.

        Raises
        ------
        RpcError
            If there are too many, the id is in flight, or the conversation ends.
        """
        if call.id in self._tasks:
            message = f"id: expected one that is not in flight, got {call.id!r} twice"
            raise RpcError(message, code=RpcCode.INVALID_REQUEST)
        if len(self._tasks) >= self._max_calls:
            raise TooManyCalls(f"calls in flight: expected at most {self._max_calls}")
        if self._is_finishing:
            raise CallCancelled(f"{call.method}: the conversation ends")
        answer = self._dispatcher.answer(call, active)
        if isinstance(answer, Message | Failure):
            self._on_answer(active, answer)
            return
        task = asyncio.ensure_future(answer)
        self._tasks[call.id] = task
        # Not in the task itself: one that is cancelled at once never begins.
        task.add_done_callback(partial(self._answered, call, active))

    def _answered(self, call: Call, active: ActiveCall, task: asyncio.Future[Reply]) -> None:
        del self._tasks[call.id]
        if task.cancelled():
            cancelled = Failure(call.id, RpcCode.CANCELLED, f"{call.method}: cancelled")
            self._on_answer(active, cancelled)
        else:
            self._on_answer(active, task.result())

    def cancel(self, call_id: str) -> bool:
        """Cancel a call; return whether it was in flight."""
        task = self._tasks.get(call_id)
        return task is not None and task.cancel()

    def cancel_all(self) -> None:
        """Cancel every call."""
        for task in self._tasks.values():
            task.cancel()

    async def finish(self) -> None:
        """Cancel every call, take no more, and wait until each is answered."""
        self._is_finishing = True
        tasks = list(self._tasks.values())
        self.cancel_all()
        if tasks:
            await asyncio.wait(tasks, timeout=_FINISH_TIMEOUT_S)
            await asyncio.sleep(0)  # their replies are handed over by callbacks
