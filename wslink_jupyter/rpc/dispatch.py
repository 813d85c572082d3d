"""From a call to its reply: the only place that invokes user code."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable
from contextvars import Context
from typing import Any

from wslink_jupyter.errors import CallCancelled, ProcedureRaised, RpcError
from wslink_jupyter.rpc.context import ActiveCall, current_call
from wslink_jupyter.rpc.execution import Runners, finish
from wslink_jupyter.rpc.procedure import Procedure, Turn
from wslink_jupyter.rpc.registry import Registry
from wslink_jupyter.wire.envelopes import Call, Failure, Result


class _Invocation:
    """One call of one procedure."""

    __slots__ = ("_active", "_args", "_function", "_kwargs", "context", "turn")

    def __init__(
        self, procedure: Procedure, function: Callable[..., Any], call: Call, active: ActiveCall
    ) -> None:
        # A context cannot be entered twice at once, so each call has a copy.
        self.context: Context = procedure.context.copy()
        self.context.run(current_call.set, active)
        self.turn: Turn = procedure.turn
        self._function = function
        self._args = call.args
        self._kwargs = call.kwargs
        self._active = active

    def start(self) -> Any:
        return self._function(*self._args, **self._kwargs)

    def returned(self) -> None:
        self._active.returned()


class Dispatcher:
    """Answers calls with the procedures of a registry.

    Parameters
    ----------
    registry : Registry
    runners : dict
        One runner per policy.
    send_tracebacks : bool
        Whether error replies carry the traceback of a procedure that raised.
    """

    def __init__(
        self, registry: Registry, runners: Runners, *, send_tracebacks: bool = False
    ) -> None:
        self._registry = registry
        self._runners = runners
        self.send_tracebacks = send_tracebacks

    async def answer(self, call: Call, active: ActiveCall) -> Result | Failure:
        """Run the procedure that `call` names.

        Never raises but for the cancellation of the waiting task itself by
        anybody else than `call`'s caller: every fault becomes a `Failure`.
        """
        try:
            procedure = self._registry.get(call.method)
            function = procedure.find()
            procedure.check_arguments(function, call.args, call.kwargs)
            invocation = _Invocation(procedure, function, call, active)
        except RpcError as error:
            return _failure(call, error)
        except Exception as error:  # looking the attribute up is user code, too
            return _failure(call, self._raised(error, None))
        try:
            value = await self._runners[procedure.run](invocation)
        except RpcError as error:
            return _failure(call, error)
        except asyncio.CancelledError:
            return _failure(call, CallCancelled(f"{call.method}: cancelled"))
        except KeyboardInterrupt:
            return _failure(call, CallCancelled(f"{call.method}: interrupted"))
        except (Exception, SystemExit) as error:  # whatever user code raises is an answer
            return _failure(call, self._raised(error, procedure.context))
        return Result(call.id, value)

    def _raised(self, error: BaseException, context: Context | None) -> ProcedureRaised:
        """Return the reply, and show the traceback where the object was exposed."""
        lines = traceback.format_exception(type(error), error, _own_frames_cut(error))
        if context is not None:
            # In the exposing cell's context, so that it lands in its output.
            context.copy().run(sys.stderr.write, "".join(lines))
        kind = type(error).__name__
        data = {"type": kind}
        if self.send_tracebacks:
            data["traceback"] = "".join(lines)
        text = str(error)
        return ProcedureRaised(f"{kind}: {text}" if text else kind, data)


def _failure(call: Call, error: RpcError) -> Failure:
    return Failure(call.id, error.code, error.message, error.data)


def _own_frames_cut(error: BaseException) -> Any:
    """Return the traceback from the first frame of the procedure on."""
    # The procedure is entered from the one, a coroutine resumed from the other.
    entrances = (_Invocation.start.__code__, finish.__code__)
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code in entrances:
            return frame.tb_next or frame
        frame = frame.tb_next
    return error.__traceback__
