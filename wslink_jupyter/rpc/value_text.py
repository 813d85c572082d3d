"""A published value in a few words: bounded, whatever the value is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from wslink_jupyter.wire.arrays import is_array, is_scalar

_MAX_CHARS = 240
_MAX_STRING_CHARS = 60
_MAX_ITEMS = 6
_MAX_DEPTH = 3
#: Least and greatest value are looked for in arrays of so many items.
_MAX_SEARCHED_ITEMS = 4096


def value_text(value: object) -> str:
    """Return a value in at most 240 characters; never raises, keeps nothing of it."""
    try:
        text = _text(value, _MAX_DEPTH)
    except Exception:  # another thread changes it, or it only looks like an array
        text = type(value).__name__
    return text if len(text) <= _MAX_CHARS else f"{text[: _MAX_CHARS - 1]}…"


def _text(value: Any, depth: int) -> str:
    if isinstance(value, str):
        cut = value[:_MAX_STRING_CHARS]
        return repr(cut) if len(cut) == len(value) else f"{cut!r}…"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{memoryview(value).nbytes} bytes"
    if isinstance(value, datetime):
        return value.isoformat()
    if is_scalar(value):
        return repr(value.item())
    if is_array(value):
        return _array_text(value)
    if isinstance(value, dict):
        entries = (
            f"{_text(key, 0)}: {_text(each, depth - 1)}"
            for key, each in (value.items() if depth else ())
        )
        return f"{{{_list_text(entries, len(value))}}}"
    if isinstance(value, list | tuple):
        items = (_text(each, depth - 1) for each in (value if depth else ()))
        return f"[{_list_text(items, len(value))}]"
    return type(value).__name__


def _list_text(texts: Iterable[str], length: int) -> str:
    shown = list(islice(texts, _MAX_ITEMS))
    if len(shown) < length:
        shown.append(f"… {length} in all" if shown else f"… {length}")
    return ", ".join(shown)


def _array_text(array: Any) -> str:
    """Return dtype and shape; of numpy's own, the first items and the range, too."""
    text = f"{array.dtype} [{', '.join(map(str, array.shape))}]"
    if not hasattr(array, "flat") or not array.size:
        return text
    if array.dtype.kind in "iuf" and array.size <= _MAX_SEARCHED_ITEMS:
        text += f" {array.min():.4g} to {array.max():.4g}"
    items = [_text(item.item(), 0) for item in array.flat[:_MAX_ITEMS]]
    return f"{text}: {_list_text(items, array.size)}"
