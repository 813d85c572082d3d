"""The JSON form of the vectors: tagged values, one key a line."""

import json
import math
from pathlib import Path

import msgpack

MAX_SAFE_INTEGER = 2**53 - 1


def tagged(value):
    """Return `value` with tags where JSON alone would lose the msgpack type."""
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, msgpack.Timestamp):
        return {"$timestamp": [value.seconds, value.nanoseconds]}
    if isinstance(value, float) and (not math.isfinite(value) or value.is_integer()):
        return {"$float": repr(value)}
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        return {"$int": str(value)}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) and not key.startswith("$") for key in value):
            raise ValueError(f"expected string keys without a leading $, got {list(value)}")
        return {key: tagged(item) for key, item in value.items()}
    return value


def write_vectors(path: Path, vectors: list[dict]) -> None:
    """Write `vectors`, refusing two of the same name."""
    names = [vector["name"] for vector in vectors]
    if len(names) != len(set(names)):
        raise ValueError(f"expected distinct names, got {sorted(names)}")
    objects = [
        ",\n".join(f"    {json.dumps(key)}: {_compact(item)}" for key, item in vector.items())
        for vector in vectors
    ]
    text = ",\n".join("  {\n" + lines + "\n  }" for lines in objects)
    path.write_text(f"[\n{text}\n]\n", encoding="utf-8")


def _compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
