"""What was heard, as short text that two servers can be compared by."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any

import msgpack

_SHORT = 300
_CLIENT_ID = re.compile(r"\bc?[0-9a-f]{32}\b")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def tell(value: Any) -> str:
    """Return a value as text: exact, but short."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}" if len(value) <= _SHORT else _digest("bytes", value)
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        return _quoted(value) if len(data) <= _SHORT else _digest("text", data)
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, msgpack.ExtType):
        return f"extension {value.code} {tell(value.data)}"
    if isinstance(value, list | tuple):
        depth, inner = 0, value
        while isinstance(inner, list | tuple) and len(inner) == 1:
            depth, inner = depth + 1, inner[0]
        if depth > 8:
            return f"{depth} lists around {tell(inner)}"
        text = f"[{', '.join(map(tell, value))}]"
        return text if len(text) <= _SHORT else _digest(f"list of {len(value)}", text.encode())
    if isinstance(value, dict):
        return f"{{{', '.join(f'{tell(key)}: {tell(each)}' for key, each in value.items())}}}"
    if isinstance(value, msgpack.Timestamp):
        return f"timestamp {value.to_datetime().isoformat()}"
    return repr(value)


def _quoted(text: str) -> str:
    return '"' + _ADDRESS.sub("", _CLIENT_ID.sub("<client>", text)) + '"'


def _digest(kind: str, data: bytes) -> str:
    return f"{kind}, {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:8]}"


def tell_error(error: dict[str, Any]) -> str:
    """Return an error reply as text; of a traceback, that there is one."""
    data = error.get("data")
    if isinstance(data, dict) and "trace" in data:
        assert "Traceback" in data["trace"]
        data = {**data, "trace": "a traceback"}
    words = ["error", str(error["code"]), tell(error["message"])]
    if "data" in error:
        words.append(tell(data))
    words += sorted(error.keys() - {"code", "message", "data"})
    return " ".join(words)


def tell_envelope(envelope: dict[str, Any], asked: set[object]) -> str:
    """Return an envelope as text; its id only where nobody asked under it."""
    message_id = envelope.get("id")
    prefix = ""
    if message_id not in asked:
        prefix = f"{str(message_id).rpartition(':')[0]} "
    if "error" in envelope:
        return prefix + tell_error(envelope["error"])
    return f"{prefix}{tell(envelope['result'])}"
