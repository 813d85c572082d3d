"""A procedure in words and fields, for a form that calls it."""

from __future__ import annotations

import inspect
import reprlib
from typing import Any

from wslink_jupyter.rpc.procedure import Procedure, Shape

_MAX_DOC_CHARS = 10_000
_MAX_SIGNATURE_CHARS = 500


def describe_procedure(procedure: Procedure) -> dict[str, Any]:
    """Return the procedure's name, signature, docstring, policy and parameters.

    The parameters are None if nobody can tell, as of some builtins.
    """
    return {
        "uri": procedure.uri,
        "signature": _cut(procedure.signature_text(), _MAX_SIGNATURE_CHARS),
        "doc": _cut(procedure.doc(), _MAX_DOC_CHARS),
        "run": procedure.run,
        "parameters": _parameters(procedure),
    }


def _parameters(procedure: Procedure) -> list[dict[str, Any]] | None:
    try:
        signature = Shape.of(procedure.find()).signature
        if signature is None:
            return None
        return [
            {"name": each.name, "kind": each.kind.name, "default": _default(each)}
            for each in signature.parameters.values()
        ]
    except Exception:  # the attribute's and the defaults' code is the user's
        return None


def _default(parameter: inspect.Parameter) -> str | None:
    """Return the default as text; None where an argument is needed."""
    is_needed = parameter.default is inspect.Parameter.empty
    return None if is_needed else reprlib.repr(parameter.default)


def _cut(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}…"
