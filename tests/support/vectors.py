"""The golden vectors of ``tests/vectors``; its README says what the tags mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent.parent / "vectors"
_EPOCH = datetime.fromtimestamp(0, UTC)


def read_vectors(name: str) -> list[dict[str, Any]]:
    """Return the vectors of one file."""
    vectors: list[dict[str, Any]] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return vectors


def frames_of(vector: dict[str, Any]) -> list[bytes]:
    """Return a vector's frames."""
    return [bytes.fromhex(frame) for frame in vector["frames"]]


def untag(value: Any) -> Any:
    """Return the value that a tagged JSON value stands for."""
    if isinstance(value, list):
        return [untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$bytes": text}:
            return bytes.fromhex(text)
        case {"$int": text}:
            return int(text)
        case {"$float": text}:
            return float(text)
        case {"$timestamp": [seconds, nanoseconds]}:
            return _EPOCH + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)
    return {key: untag(item) for key, item in value.items()}


def is_finer_than_datetime(value: Any) -> bool:
    """Return whether a tagged value holds a timestamp that datetime rounds."""
    if isinstance(value, list):
        return any(map(is_finer_than_datetime, value))
    if isinstance(value, dict):
        if "$timestamp" in value:
            return bool(value["$timestamp"][1] % 1000)
        return any(map(is_finer_than_datetime, value.values()))
    return False


def identity(value: Any) -> Any:
    """Return what tells a decoded value apart: types, -0.0 and NaN included."""
    if isinstance(value, list):
        return [identity(item) for item in value]
    if isinstance(value, dict):
        return [(key, identity(item)) for key, item in value.items()]
    return type(value), repr(value)
