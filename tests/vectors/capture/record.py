"""Record client_to_server.json and server_to_client.json from the stock pair.

    python record.py [--node-project DIR] [--out DIR]

Needs PyPI wslink 2.6.0 in this Python, and Node with npm wslink 2.5.0 and ws
in the node project (default: the current directory).
"""

import argparse
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import msgpack
from vector_file import tagged, write_vectors

HERE = Path(__file__).resolve().parent
HEADER = struct.Struct("<III")
#: What the npm client cuts to until a server tells it a limit other than 0.
CLIENT_DEFAULT_FRAME_BYTES = 512 * 1024
DIRECTIONS = {"sent": "client_to_server", "received": "server_to_client"}
PHASES = {"default": 4 * 1024 * 1024, "small": 64, "unlimited": 0}
NOTES = {
    ("sent", "array_buffer"): "ArrayBuffer leaves as bin",
    ("sent", "dates"): "Date leaves as timestamp 32, 64, 96 and 96",
    ("sent", "float32_array"): "Float32Array leaves as bin without its type; "
    "the client of this package sends an ndarray map instead",
    ("sent", "integer_valued_floats"): "from 1.0, -0.0, 2**53, -(2**53), 2**63: safe integers "
    "leave as int, and -0.0 as 0; larger ones as float 64",
    ("sent", "null_and_undefined"): "from null, undefined, {a: undefined}",
    ("received", "result_bytearray"): "from a bytearray",
    ("received", "result_memoryview"): "from a memoryview",
    ("received", "result_tuple"): "from tuples",
    ("received", "publish_not_serializable"): "a publication that cannot be encoded leaves as an "
    "error with the publication's id and without data",
}


def run_phase(phase: str, limit: int, node_project: Path) -> list[dict]:
    """Return the steps that the client recorded against a fresh server."""
    environment = {**os.environ, "WSLINK_MAX_MSG_SIZE": str(limit), "WSLINK_READY_MSG": ""}
    server = subprocess.Popen(
        [sys.executable, HERE / "server.py"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        url = f"ws://127.0.0.1:{int(server.stdout.readline())}/ws"
        command = ["node", HERE / "client.mjs", url, phase]
        output = subprocess.run(
            command, cwd=node_project, stdout=subprocess.PIPE, timeout=60, check=True
        )
    finally:
        server.terminate()
        server.wait()
    return json.loads(output.stdout)


def join_messages(frames: list[str]) -> list[list[str]]:
    """Group frames by message, in the order of their first chunks."""
    messages: dict[str, list[str]] = {}
    for frame in frames:
        messages.setdefault(frame[:8], []).append(frame)
    return list(messages.values())


def vector(name: str, way: str, source: str, limit: int, frames: list[str]) -> dict:
    raw = [bytes.fromhex(frame) for frame in frames]
    message = msgpack.unpackb(b"".join(frame[HEADER.size :] for frame in raw))
    note = NOTES.get((way, name))
    return {
        "name": name,
        "source": source,
        "direction": DIRECTIONS[way],
        "message_id": HEADER.unpack_from(raw[0])[0],
        "max_frame_bytes": limit,
        "frames": frames,
        "message": tagged(message),
        **({"note": note} if note else {}),
    }


def without_machine_paths(item: dict) -> dict:
    """Return the vector of a raised error with the paths in its traceback cut short."""
    (frame,) = (bytes.fromhex(frame) for frame in item["frames"])
    message = msgpack.unpackb(frame[HEADER.size :])
    data = message["error"]["data"]
    data["trace"] = re.sub(r'File "[^"]*?/((?:wslink/)?[^/"]+)"', r'File "\1"', data["trace"])
    packed = msgpack.packb(message)
    header = HEADER.pack(item["message_id"], 0, len(packed))
    return {
        **item,
        "frames": [(header + packed).hex()],
        "message": tagged(message),
        "note": "machine paths in the traceback cut to their ends, then packed again with the "
        f"server's own msgpack {version('msgpack')}; the rest is as sent",
    }


def vectors_of(
    step: dict, phase: str, limit: int, sources: dict[str, str]
) -> Iterator[tuple[str, dict]]:
    """Yield the vectors of a step that it wants kept, each after its way."""
    name, keep = step["name"], step["keep"]
    is_hello = name.startswith("hello")
    if is_hello and phase != "default":
        name = f"{name}_{phase}"
    if keep in ("both", "sent"):
        cut = CLIENT_DEFAULT_FRAME_BYTES if is_hello or limit == 0 else limit
        yield "sent", vector(name, "sent", sources["sent"], cut, step["sent"])
    if keep == "sent":
        return
    for frames in join_messages(step["received"]):
        item = vector(name, "received", sources["received"], limit, frames)
        if item["message"]["id"].startswith("publish:") != (keep == "publication"):
            continue
        if name == "error_procedure_raised":
            item = without_machine_paths(item)
        yield "received", item


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--node-project", type=Path, default=Path.cwd())
    parser.add_argument("--out", type=Path, default=HERE.parent)
    options = parser.parse_args()
    package = options.node_project / "node_modules" / "wslink" / "package.json"
    sources = {
        "sent": f"npm wslink {json.loads(package.read_text())['version']}",
        "received": f"PyPI wslink {version('wslink')}",
    }
    kept = {"sent": [], "received": []}
    for phase, limit in PHASES.items():
        for step in run_phase(phase, limit, options.node_project):
            for way, item in vectors_of(step, phase, limit, sources):
                kept[way].append(item)
    for way, items in kept.items():
        write_vectors(options.out / f"{DIRECTIONS[way]}.json", items)


if __name__ == "__main__":
    main()
