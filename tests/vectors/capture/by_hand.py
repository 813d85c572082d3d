"""Write the vectors that no stock peer sends: rejected.json and arrays.json.

    python by_hand.py [--out DIR]

Needs msgpack and numpy.
"""

import argparse
import math
import struct
from pathlib import Path

import msgpack
import numpy as np
from vector_file import MAX_SAFE_INTEGER, tagged, write_vectors

CALL = {"wslink": "1.0", "id": "rpc:c1:0", "method": "demo.add", "args": [1, 2], "kwargs": {}}
SHAPES = [(0,), (), (3,), (2, 3)]
FLOATS = [math.nan, 0.1, -0.0, math.inf, -math.inf, 3.0]
#: Six values for every dtype that may travel; scalars take the second.
DTYPES = {
    "|b1": [True, False, True, True, False, False],
    **{f"{order}i{size}": None for order, size in (("|", 1), ("<", 2), ("<", 4), ("<", 8))},
    **{f"{order}u{size}": None for order, size in (("|", 1), ("<", 2), ("<", 4), ("<", 8))},
    "<f2": [*FLOATS[:5], 65504.0],
    "<f4": FLOATS,
    "<f8": [*FLOATS[:5], 5e-324],
    "<c8": [complex(0.5, -1.5), complex(math.nan, math.inf), *FLOATS[1:5]],
    "<c16": [complex(0.1, -1e300), complex(math.nan, math.inf), *FLOATS[1:5]],
}


def frame(content: bytes, message_id: int = 7, offset: int = 0, total: int | None = None) -> str:
    total = len(content) if total is None else total
    return (struct.pack("<III", message_id, offset, total) + content).hex()


def rejected(name: str, error: str, *frames: str, path: str = "", **limits: int) -> dict:
    item = {"name": name, "frames": list(frames), "limits": limits, "error": error}
    return {**item, "path": path} if path else item


def invalid_chunks() -> list[dict]:
    def case(name, *frames):
        return rejected(name, "InvalidChunk", *frames)

    whole = frame(b"hello")
    tiny = [frame(b"x", offset=n, total=100) for n in range(18)]
    return [
        *(case(f"frame_of_{n}_bytes", whole[: 2 * n]) for n in range(12)),
        case("empty_content", frame(b"", total=5)),
        case("empty_content_at_end", frame(b"", offset=5, total=5)),
        case("zero_total", frame(b"", total=0)),
        case("zero_total_with_content", frame(b"x", total=0)),
        case("offset_at_end", frame(b"x", offset=5, total=5)),
        case("offset_beyond_end", frame(b"x", offset=10, total=5)),
        case("offset_4294967295", frame(b"x", offset=2**32 - 1, total=5)),
        case("end_beyond_total", frame(b"abc", offset=3, total=5)),
        case("content_longer_than_total", frame(b"abcdef", total=5)),
        case("total_grew", frame(b"ab", total=5), frame(b"cde", offset=2, total=6)),
        case("total_shrank", frame(b"ab", total=5), frame(b"cd", offset=2, total=4)),
        case("total_changed_to_whole_message", frame(b"ab", total=5), frame(b"abc")),
        case("duplicated_chunk", *[frame(b"ab", total=5)] * 2),
        case("duplicated_chunk_would_complete", *[frame(b"abc", total=6)] * 2),
        case("overlap_of_one_byte", frame(b"abc", total=5), frame(b"cde", offset=2, total=5)),
        case("overlap_before", frame(b"cde", offset=2, total=6), frame(b"abc", total=6)),
        case("overlap_inside", frame(b"abcd", total=6), frame(b"bc", offset=1, total=6)),
        case("overlap_around", frame(b"bc", offset=1, total=6), frame(b"abcd", total=6)),
        case("whole_message_after_a_part", frame(b"ab", total=5), frame(b"hello")),
        case("too_many_tiny_chunks", *tiny),
        case("too_many_tiny_chunks_backwards", *tiny[::-1]),
    ]


def too_much() -> list[dict]:
    def parts(count):
        return [frame(b"x", message_id=n, total=2) for n in range(count)]

    big, pending = "MessageTooBig", "TooManyPending"
    return [
        rejected("total_over_limit", big, frame(b"x", total=1001), max_message_bytes=1000),
        rejected("whole_over_limit", big, frame(bytes(1001)), max_message_bytes=1000),
        rejected("total_4294967295", big, frame(b"x", total=2**32 - 1)),
        rejected("third_of_two_pending", pending, *parts(3), max_pending_messages=2),
        rejected("seventeenth_pending", pending, *parts(17)),
    ]


def invalid_messages() -> list[dict]:
    def case(name, payload):
        return rejected(name, "InvalidMessage", frame(payload))

    def call_with(packed_arg):
        """Return a call whose only argument is `packed_arg`."""
        before, after = msgpack.packb({**CALL, "args": [None]}).split(b"\x91\xc0")
        return before + b"\x91" + packed_arg + after

    def array(dtype, shape, data):
        map_ = {"@type": "ndarray", "dtype": dtype, "shape": shape, "data": data}
        return call_with(msgpack.packb(map_))

    call = msgpack.packb(CALL)
    return [
        case("byte_c1", b"\xc1"),
        case("byte_c1_inside", call_with(b"\xc1")),
        case("truncated", call[:-1]),
        case("truncated_string", b"\xd9\xffabc"),
        case("map_claims_4294967295_entries", b"\xdf\xff\xff\xff\xff"),
        case("array_claims_4294967295_items", call_with(b"\xdd\xff\xff\xff\xff")),
        case("trailing_byte", call + b"\x00"),
        case("two_messages", call * 2),
        case("string_not_utf8", call_with(b"\xa2\xff\xfe")),
        case("string_cut_in_a_character", call_with(b"\xa1\xc3")),
        case("string_with_lone_surrogate", call_with(b"\xa3\xed\xa0\x80")),
        case("key_not_utf8", call_with(b"\x81\xa1\xff\x01")),
        case("ext_type_5", call_with(msgpack.packb(msgpack.ExtType(5, b"abcd")))),
        case("ext_type_minus_2", call_with(b"\xd4\xfe\x00")),
        case("timestamp_of_5_bytes", call_with(b"\xc7\x05\xff" + bytes(5))),
        case("arrays_nested_100_deep", call_with(b"\x91" * 100 + b"\xc0")),
        case("maps_nested_100_deep", call_with(b"\x81\xa1a" * 100 + b"\xc0")),
        case("ndarray_too_short", array("<f4", [3], bytes(8))),
        case("ndarray_too_long", array("<f4", [2], bytes(12))),
        case("ndarray_shape_overflows", array("|u1", [2**32, 2**32], b"")),
        case("ndarray_negative_shape", array("<f4", [-1, -2], bytes(8))),
        case("ndarray_big_endian", array(">f4", [1], bytes(4))),
        case("ndarray_of_objects", array("|O", [1], bytes(8))),
        case("ndarray_unknown_dtype", array("float32", [1], bytes(4))),
    ]


def invalid_envelopes() -> list[dict]:
    def case(name, path, message):
        packed = frame(msgpack.packb(message))
        return rejected(name, "InvalidEnvelope", packed, path=path)

    without_method = {key: item for key, item in CALL.items() if key != "method"}
    return [
        case("payload_is_nil", "$", None),
        case("payload_is_integer", "$", 1),
        case("payload_is_string", "$", "demo.add"),
        case("payload_is_array", "$", list(CALL.values())),
        case("payload_is_bytes", "$", msgpack.packb(CALL)),
        case("method_missing", "$.method", without_method),
        case("method_is_nil", "$.method", {**CALL, "method": None}),
        case("method_is_integer", "$.method", {**CALL, "method": 7}),
        case("method_is_bytes", "$.method", {**CALL, "method": b"demo.add"}),
        case("method_is_array", "$.method", {**CALL, "method": ["demo.add"]}),
        case("id_is_integer", "$.id", {**CALL, "id": 7}),
        case("id_is_nil", "$.id", {**CALL, "id": None}),
        case("id_is_array", "$.id", {**CALL, "id": ["rpc", "c1", 0]}),
        case("args_is_integer", "$.args", {**CALL, "args": 5}),
        case("args_is_string", "$.args", {**CALL, "args": "ab"}),
        case("args_is_map", "$.args", {**CALL, "args": {"a": 1}}),
        case("kwargs_is_integer", "$.kwargs", {**CALL, "kwargs": 5}),
        case("kwargs_is_string", "$.kwargs", {**CALL, "kwargs": "ab"}),
        case("kwargs_is_array", "$.kwargs", {**CALL, "kwargs": [["a", 1]]}),
    ]


def array_vectors() -> list[dict]:
    vectors = []
    for dtype, six in DTYPES.items():
        if six is None:
            limits = np.iinfo(dtype)
            six = [0, limits.max, limits.min, 1, limits.max - 1, 100]
        for shape in SHAPES:
            count = math.prod(shape)
            flat = six[1:2] if shape == () else six[:count]
            array = np.array(flat, dtype=dtype).reshape(shape)
            if array.dtype.str != dtype:
                raise ValueError(f"expected dtype {dtype}, got {array.dtype.str}")
            message = {"@type": "ndarray", "dtype": dtype, "shape": list(shape)}
            message["data"] = array.tobytes()
            vectors.append(
                {
                    "name": f"{dtype[1:]}_{'x'.join(map(str, shape)) or 'scalar'}",
                    "dtype": dtype,
                    "shape": list(shape),
                    "values": [plain(value) for value in array.ravel().tolist()],
                    "packed": msgpack.packb(message).hex(),
                }
            )
    return vectors


def plain(value):
    """Return an element as JSON: the dtype tells int from float, so few tags are needed."""
    if isinstance(value, complex):
        return [plain(value.real), plain(value.imag)]
    if isinstance(value, float) and not math.isfinite(value):
        return tagged(value)
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        return str(value)
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1])
    out = parser.parse_args().out
    refused = [*invalid_chunks(), *too_much(), *invalid_messages(), *invalid_envelopes()]
    write_vectors(out / "rejected.json", refused)
    write_vectors(out / "arrays.json", array_vectors())


if __name__ == "__main__":
    main()
