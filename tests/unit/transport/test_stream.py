import asyncio
import gc
import os
from pathlib import Path

import pytest
from support.asynchronous import async_test, until
from support.pairs import stream_pair

from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.transport import link
from wslink_jupyter.transport.link import Kind
from wslink_jupyter.transport.link_transport import LinkTransport
from wslink_jupyter.transport.stream import LinkStream


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


async def raw_and(kind):
    """Return a stream to write anything with, and what reads it."""
    raw, other = await stream_pair()
    return raw, LinkTransport(other, 100) if kind is LinkTransport else other


@async_test
async def test_fields_are_read_as_they_were_written():
    one, other = await stream_pair()
    await one.write((link.encode(Kind.OPEN, {"endpoint": "default"}),))
    assert await other.read_fields(1000) == (Kind.OPEN, {"endpoint": "default"})
    for _ in range(2):
        await asyncio.gather(one.close(), other.close())


@pytest.mark.skipif(not CAN_SHARE, reason="Linux only")
@pytest.mark.parametrize("is_whole", [True, False])
@async_test
async def test_a_descriptor_comes_with_its_message_and_none_is_left_open(is_whole):
    one, other = await stream_pair()
    entry, exit_ = os.pipe()
    gc.collect()  # what others left
    before = open_descriptors()
    message = link.encode(Kind.MEMORY, {"size_bytes": 1})
    await one.write_with_descriptor(message if is_whole else message[:-1], entry)
    if is_whole:
        kind, payload, descriptor = await other.read_with_descriptor(1000)
        assert (kind, link.decode_fields(kind, payload)) == (Kind.MEMORY, {"size_bytes": 1})
        assert os.path.samestat(os.fstat(descriptor), os.fstat(entry))
        os.close(descriptor)
    else:
        reading = asyncio.create_task(other.read_with_descriptor(1000))
        await until(lambda: open_descriptors() == before + 1)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert open_descriptors() == before
    os.close(entry)
    os.close(exit_)
    await asyncio.gather(one.close(), other.close())


@pytest.mark.parametrize("cut_at", [0, 1, 4, 5, 6, 9])
@async_test
async def test_end_of_file_is_death_wherever_it_comes(cut_at):
    raw, other = await raw_and(LinkStream)
    message = link.encode_header(Kind.DATA, 5) + b"abcde"
    await raw.write((message[:cut_at],))
    closing = asyncio.create_task(raw.close())
    with pytest.raises(ConnectionClosed, match="link lost") as raised:
        await other.read(100)
    assert raised.value.code == 1006
    other.abort()
    await closing


@async_test
async def test_an_oversized_message_is_refused_before_it_is_read():
    raw, other = await raw_and(LinkStream)
    await raw.write((link.encode_header(Kind.HELLO, 101),))
    with pytest.raises(LinkError, match="expected at most 100 bytes of HELLO, got 101"):
        await other.read(100)
    raw.abort()
    other.abort()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (link.encode_header(Kind.DATA, 101), "expected at most 100 bytes of DATA, got 101"),
        (link.encode(Kind.HELLO, {}), "expected DATA or CLOSE, got HELLO"),
        (b"\0\0\0\0\x63", "expected a known kind of message, got 99"),
        (link.encode_header(Kind.CLOSE, 1) + b"{", "expected JSON in CLOSE"),
        (link.encode_header(Kind.CLOSE, 2) + b"[]", "expected an object in CLOSE, got list"),
    ],
)
@async_test
async def test_a_peer_that_breaks_the_rules_is_cut_off(data, sentence):
    raw, transport = await raw_and(LinkTransport)
    await raw.write((data,))
    with pytest.raises(ConnectionClosed, match=sentence) as raised:
        await transport.read()
    assert raised.value.code == 1006
    with pytest.raises(ConnectionClosed):
        await raw.read(100)
    raw.abort()


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        ({"code": 4010, "reason": "why"}, 4010, "why"),
        ({"code": 4010}, 4010, ""),
        ({}, 1006, ""),
        ({"code": "x", "reason": 5}, 1006, "5"),
    ],
)
@async_test
async def test_a_close_is_read_leniently(fields, code, reason):
    raw, transport = await raw_and(LinkTransport)
    await raw.write((link.encode(Kind.CLOSE, fields),))
    with pytest.raises(ConnectionClosed) as raised:
        await transport.read()
    assert (raised.value.code, raised.value.reason) == (code, reason)
    raw.abort()


@async_test
async def test_an_empty_frame_is_carried():
    one, other = await stream_pair()
    sender, receiver = LinkTransport(one, 100), LinkTransport(other, 100)
    await sender.write(())
    await sender.write((b"", b"after"))
    assert [await receiver.read(), await receiver.read()] == [b"", b"after"]
    sender.abort()
    receiver.abort()


@async_test
async def test_a_cancelled_reader_leaves_the_connection_usable_between_messages():
    one, other = await stream_pair()
    sender, receiver = LinkTransport(one, 100), LinkTransport(other, 100)
    reading = asyncio.create_task(receiver.read())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait((reading,))
    await sender.write((b"after",))
    assert await receiver.read() == b"after"
    sender.abort()
    receiver.abort()


@pytest.mark.parametrize("is_held_up", [False, True])
@async_test
async def test_who_reads_is_told_of_a_fault_elsewhere_and_takes_no_more(is_held_up):
    one, other = await stream_pair()
    taken, held_up = [], asyncio.get_running_loop().create_future()

    def take(kind, payload):
        taken.append(bytes(payload))
        return held_up if is_held_up else None

    delivering = asyncio.create_task(other.deliver(take, 100))
    await one.write((link.encode_header(Kind.DATA, 1), b"a"))
    await until(lambda: taken)
    await one.write((link.encode_header(Kind.DATA, 1), b"b") * 2)
    other.interrupt(ConnectionClosed(4000, "elsewhere"))
    held_up.set_result(None)
    with pytest.raises(ConnectionClosed, match="elsewhere"):
        await delivering
    assert taken == [b"a"]
    # It was theirs to know: the stream itself is well, and is finished in peace.
    assert await other.read(100) == (Kind.DATA, b"b")
    await asyncio.gather(other.finish(), one.close())
    other.abort()


@async_test
async def test_who_is_cancelled_when_a_message_comes_leaves_nothing_unawaited():
    one, other = await stream_pair()
    ended = []

    async def wait_for(inner):
        await inner

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    def take(kind, payload):
        delivering.cancel()
        return wait_for(forever())

    delivering = asyncio.create_task(other.deliver(take, 100))
    await asyncio.sleep(0)
    await one.write((link.encode_header(Kind.DATA, 1), b"a"))
    with pytest.raises(asyncio.CancelledError):
        await delivering
    await until(lambda: ended)
    gc.collect()  # warns of what was never awaited
    one.abort()
    other.abort()
