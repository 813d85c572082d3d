"""From a call to its reply: the only place that invokes user code."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import traceback
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import Any

from wslink_jupyter.errors import CallCancelled, NotSerializable, ProcedureRaised, RpcError
from wslink_jupyter.rpc.context import ActiveCall, current_call
from wslink_jupyter.rpc.execution import ProgramExit, Runners, run_at_once
from wslink_jupyter.rpc.procedure import Procedure, Turn
from wslink_jupyter.rpc.registry import Registry
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.codec import pack
from wslink_jupyter.wire.envelopes import Call, Failure, Result
from wslink_jupyter.wire.message import Message

#: Where the frames between us and a procedure come from.
_PACKAGE = Path(__file__).parent.parent
_NOT_USER_CODE = (
    str(_PACKAGE / "rpc"),
    str(_PACKAGE / "kernel"),
    str(_PACKAGE / "stock"),
    str(Path(asyncio.__file__).parent),
    contextlib.__file__,
)


Reply = Message | Failure


class Pending:
    """A reply to come.

    Attributes
    ----------
    outcome : asyncio.Future
        Done when `reply` can be called; cancelling it cancels the call.
    """

    __slots__ = ("_failed", "outcome")

    def __init__(
        self, outcome: Awaitable[Message], failed: Callable[[BaseException], Failure]
    ) -> None:
        self.outcome: asyncio.Future[Message] = asyncio.ensure_future(outcome)
        self._failed = failed

    def reply(self) -> Reply:
        """Return the reply; every fault is a `Failure`."""
        if self.outcome.cancelled():
            return self._failed(asyncio.CancelledError())
        error = self.outcome.exception()
        return self.outcome.result() if error is None else self._failed(error)


class ResultNotSerializable(NotSerializable):
    """What a procedure returned cannot be encoded; not what it published."""


class _Invocation:
    """One call of one procedure."""

    __slots__ = ("_active", "_allocate", "_call", "_function", "context", "is_async", "turn")

    def __init__(
        self,
        procedure: Procedure,
        function: Callable[..., Any],
        is_async: bool,
        call: Call,
        active: ActiveCall,
        allocate: Allocate | None,
    ) -> None:
        # A context cannot be entered twice at once, so each call has a copy.
        self.context: Context = procedure.context.copy()
        self.context.run(current_call.set, active)
        active.is_thread = procedure.run == "thread"
        self.turn: Turn = procedure.turn
        self.is_async = is_async
        self._function = function
        self._call = call
        self._active = active
        self._allocate = allocate

    @property
    def session_id(self) -> str:
        return self._active.session_id

    def tell(self, state: str, reason: str) -> None:
        self._active.tell(state, reason)

    def start(self) -> Any:
        self._active.started()
        return self._function(*self._call.args, **self._call.kwargs)

    def returned(self, value: Any) -> Message:
        # Here and now: the next cell may change what the value refers to.
        try:
            return pack(Result(self._call.id, value).dump(), allocate=self._allocate)
        except NotSerializable as error:
            raise ResultNotSerializable(error.message, error.data) from error

    def ended(self) -> None:
        self._active.returned()


class Dispatcher:
    """Answers calls with the procedures of a registry.

    Parameters
    ----------
    registry : Registry
    runners : dict
        One runner per policy.
    allocate : callable, optional
        Returns memory for large arguments and results; see `pack`.
    send_tracebacks : bool
        Whether error replies carry the traceback of a procedure that raised.
    """

    def __init__(
        self,
        registry: Registry,
        runners: Runners,
        allocate: Allocate | None = None,
        *,
        send_tracebacks: bool = False,
    ) -> None:
        self._registry = registry
        self._runners = runners
        self.allocate = allocate
        self.send_tracebacks = send_tracebacks
        #: Of ``run="loop"``: in a task that begins in the next turn.
        self._starting = 0
        #: Called when a call comes.
        self.on_call: Callable[[], None] = lambda: None

    def answer(self, call: Call, active: ActiveCall) -> Reply | Pending:
        """Run the procedure that `call` names.

        Returns
        -------
        Message or Failure
            The reply, if it is known at once: every fault is a `Failure`.
        Pending
            The reply to come, otherwise.
        """
        self.on_call()
        try:
            procedure = self._registry.get(call.method)
            function = procedure.find()
            shape = procedure.shape(function)
            procedure.check_arguments(shape, call.args, call.kwargs)
            invocation = _Invocation(
                procedure, function, shape.is_async, call, active, self.allocate
            )
        except RpcError as error:
            return _failure(call, error)
        except Exception as error:  # looking the attribute up is user code, too
            return _failure(call, self._raised(error, None))
        failed = partial(self._failed, call, procedure)
        if procedure.run != "loop":
            return Pending(self._runners[procedure.run](invocation), failed)
        if shape.is_async or self._starting:
            # Calls begin in the order in which they came.
            pending = Pending(self._runners["loop"](invocation), failed)
            self._starting += 1
            asyncio.get_running_loop().call_soon(self._one_has_started)
            return pending
        # Here and now: a task would take longer than many a procedure does.
        try:
            outcome = run_at_once(invocation)
        except BaseException as error:  # whatever user code raises is an answer
            return failed(error)
        return outcome if isinstance(outcome, Message) else Pending(outcome, failed)

    def _one_has_started(self) -> None:
        self._starting -= 1

    def _failed(self, call: Call, procedure: Procedure, error: BaseException) -> Failure:
        if isinstance(error, ResultNotSerializable):
            text = f"Method result cannot be serialized: {error.message}"
            return _failure(call, NotSerializable(text, error.data))
        if isinstance(error, NotSerializable):
            return _failure(call, self._raised(error, procedure.context))
        if isinstance(error, RpcError):
            return _failure(call, error)
        if isinstance(error, asyncio.CancelledError):
            return _failure(call, CallCancelled(f"{call.method}: cancelled"))
        if isinstance(error, ProgramExit):
            if isinstance(error.error, KeyboardInterrupt):
                return _failure(call, CallCancelled(f"{call.method}: interrupted"))
            error = error.error
        return _failure(call, self._raised(error, procedure.context))

    def _raised(self, error: BaseException, context: Context | None) -> ProcedureRaised:
        """Return the reply, and show the traceback where the object was exposed."""
        lines = traceback.format_exception(type(error), error, _own_frames_cut(error))
        if context is not None:
            # In the exposing cell's context, so that it lands in its output.
            with contextlib.suppress(Exception):  # a user's stream
                context.copy().run(sys.stderr.write, "".join(lines))
        kind = type(error).__name__
        data = {"type": kind}
        if self.send_tracebacks:
            data["traceback"] = "".join(lines)
        try:
            text = str(error)
        except Exception:  # user code, too
            text = ""
        return ProcedureRaised(f"{kind}: {text}" if text else kind, data)


def _failure(call: Call, error: RpcError) -> Failure:
    return Failure(call.id, error.code, error.message, error.data)


def _own_frames_cut(error: BaseException) -> Any:
    """Return the traceback from the first frame of the procedure on."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename.startswith(_NOT_USER_CODE):
        frame = frame.tb_next
    return frame or error.__traceback__
