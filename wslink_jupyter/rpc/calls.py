"""The calls of one session that have not been answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from wslink_jupyter.codes import RpcCode
from wslink_jupyter.errors import CallCancelled, RpcError, TooManyCalls
from wslink_jupyter.rpc.context import ActiveCall
from wslink_jupyter.rpc.dispatch import Dispatcher, Pending, Reply
from wslink_jupyter.wire.envelopes import Call
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
        self._outcomes: dict[str, asyncio.Future[Message]] = {}
        self._active: dict[str, ActiveCall] = {}
        self._is_finishing = False

    def __len__(self) -> int:
        return len(self._outcomes)

    def active(self) -> list[ActiveCall]:
        """Return the calls that have not been answered, the oldest first."""
        return list(self._active.values()) if self._active else []

    def start(self, call: Call, active: ActiveCall) -> None:
        """Run the procedure that `call` names.

        Raises
        ------
        RpcError
            If there are too many, the id is in flight, or the conversation ends.
        """
        if call.id in self._outcomes:
            message = f"id: expected one that is not in flight, got {call.id!r} twice"
            raise RpcError(message, code=RpcCode.INVALID_REQUEST)
        if len(self._outcomes) >= self._max_calls:
            raise TooManyCalls(f"calls in flight: expected at most {self._max_calls}")
        if self._is_finishing:
            raise CallCancelled(f"{call.method}: the conversation ends")
        answer = self._dispatcher.answer(call, active)
        if not isinstance(answer, Pending):
            self._on_answer(active, answer)
            return
        self._outcomes[call.id] = answer.outcome
        self._active[call.id] = active
        answer.outcome.add_done_callback(partial(self._answered, call, active, answer))

    def _answered(
        self, call: Call, active: ActiveCall, pending: Pending, outcome: asyncio.Future[Message]
    ) -> None:
        del self._outcomes[call.id], self._active[call.id]
        self._on_answer(active, pending.reply())

    def cancel(self, call_id: str) -> bool:
        """Cancel a call; return whether it was in flight."""
        outcome = self._outcomes.get(call_id)
        return outcome is not None and outcome.cancel()

    def cancel_all(self) -> None:
        """Cancel every call."""
        for outcome in list(self._outcomes.values()):
            outcome.cancel()

    async def finish(self) -> None:
        """Cancel every call, take no more, and wait until each is answered."""
        self._is_finishing = True
        outcomes = list(self._outcomes.values())
        self.cancel_all()
        if outcomes:
            await asyncio.wait(outcomes, timeout=_FINISH_TIMEOUT_S)
            await asyncio.sleep(0)  # their replies are handed over by callbacks
