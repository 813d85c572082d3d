"""Memory that is used again, and never while anybody uses it."""

import threading
import weakref
from itertools import combinations

import numpy as np
import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.topics import TopicSettings
from wslink_jupyter.wire.codec import pack

LEAST, MOST = 32 * KIB, 64 * MIB


def is_same_memory(one, other):
    return np.shares_memory(np.frombuffer(one, "u1"), np.frombuffer(other, "u1"))


@pytest.mark.parametrize("size", [LEAST, LEAST + 1, 3 * MIB, MOST])
def test_memory_is_as_large_as_was_asked_for_and_can_be_written(size):
    memory = BufferPool().take(size)
    assert (memory.nbytes, memory.readonly, memory.format) == (size, False, "B")


@pytest.mark.parametrize("size", [0, 1, LEAST - 1, MOST + 1])
def test_so_little_or_so_much_is_better_taken_elsewhere(size):
    assert BufferPool().take(size) is None


def test_memory_that_nobody_uses_is_used_again():
    pool = BufferPool()
    first = pool.take(MIB)
    first[:4] = b"mark"
    del first
    assert bytes(pool.take(MIB)[:4]) == b"mark"


@pytest.mark.parametrize(
    "use",
    [
        lambda memory: memory,
        lambda memory: memory[5:6],
        lambda memory: np.frombuffer(memory, "u1")[10:20],
        lambda memory: memoryview(memory).cast("B")[1:2],
        lambda memory: pack(np.zeros(MIB, "u1"), allocate=lambda size: memory),
    ],
    ids=["memory", "slice", "array", "view", "message"],
)
def test_memory_that_is_used_in_any_way_is_not_handed_out(use):
    pool = BufferPool()
    used = use(pool.take(MIB))
    others = [pool.take(MIB) for _ in range(3)]
    for other in others:
        other[:] = b"x" * MIB
    if not isinstance(used, memoryview | np.ndarray):
        assert bytes(used)[-MIB:] == bytes(MIB)
    else:
        assert not any(is_same_memory(used, other) for other in others)


def test_nobody_gets_the_memory_of_another_through_any_history():
    pool, random = BufferPool(), np.random.default_rng(1)
    used = {}
    for number in range(2000):
        size = int(random.integers(LEAST, 4 * LEAST))
        memory = pool.take(size)
        memory[:8] = number.to_bytes(8)
        used[number] = memory
        for key in random.choice(list(used), size=min(len(used), 2)):
            if len(used) > int(random.integers(1, 12)):
                used.pop(key, None)
        assert all(bytes(memory[:8]) == key.to_bytes(8) for key, memory in used.items())


def test_threads_do_not_get_the_same_memory():
    pool, faults = BufferPool(), []

    def work(name):
        for _ in range(500):
            memory = pool.take(LEAST)
            memory[:1] = memory[-1:] = name
            if bytes(memory[:1]) + bytes(memory[-1:]) != name * 2:
                faults.append(name)

    threads = [threading.Thread(target=work, args=(bytes([name]),)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_small_value_does_not_take_the_memory_of_a_large_one():
    pool = BufferPool()
    large = pool.take(8 * MIB)
    del large
    small = pool.take(MIB)
    again = pool.take(8 * MIB)
    assert not is_same_memory(small, again)


def test_there_is_so_much_memory_and_no_more():
    pool = BufferPool()
    used = [pool.take(16 * MIB) for _ in range(4)]
    assert pool.take(LEAST) is None
    for one, other in combinations(used, 2):
        assert not is_same_memory(one, other)


@pytest.mark.parametrize("then", [LEAST, 3 * MIB, 30 * MIB, MOST])
def test_memory_of_any_size_finds_room_when_all_others_are_done_with(then):
    pool = BufferPool()
    used = [pool.take(size) for size in (MIB, 2 * MIB, 40 * MIB, 20 * MIB, MIB)]
    assert None not in used
    del used
    assert pool.take(then).nbytes == then


def test_room_between_others_is_used():
    pool = BufferPool()
    used = [pool.take(16 * MIB) for _ in range(4)]
    del used[1]
    between = [pool.take(7 * MIB) for _ in range(2)]
    assert None not in between
    assert pool.take(3 * MIB) is None


@async_test
async def test_pictures_that_are_published_one_after_the_other_are_not_mixed_up():
    """As many as wait for a client, beside the one that is retained."""
    async with served() as here:
        for topic in ("frames", "state"):
            settings = TopicSettings("latest" if topic == "frames" else "reliable", retain=True)
            here.endpoint.hub.configure(topic, settings)
        picture = np.zeros((512, 1024), "u1")
        quick, slow = here.converse(), here.converse()
        for peer in (quick, slow):
            await peer.greet()
        for number in range(30):
            picture[:] = number
            for topic in ("frames", "state"):
                here.publish(topic, picture)
            await turns(2)
            for reply in quick.hear_all():
                assert reply.value.min() == reply.value.max() == reply.number == number
        waited = slow.hear_all()
        assert [reply.number for reply in waited] == [*range(30), 29]
        for reply in waited:
            assert reply.value.min() == reply.value.max() == reply.number
        late = here.converse()
        await late.greet()
        assert [int(reply.value.max()) for reply in late.hear_all()] == [29, 29]


def test_what_is_let_go_stays_with_who_has_it_and_what_is_taken_is_new():
    pool = BufferPool()
    first, memory = pool.take(100_000), weakref.ref(pool.memory)
    first[:] = bytes([7]) * 100_000
    pool.let_go()
    assert memory() is None
    second = pool.take(100_000)
    second[:] = bytes(100_000)
    assert first == bytes([7]) * 100_000
    assert pool.memory.offset_of(first) is None
    assert pool.memory.offset_of(second) == 0
