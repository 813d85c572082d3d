"""What passes what, on the way to somebody slow."""

import asyncio

import pytest
from support.asynchronous import async_test, turns

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.rpc.queues import OVERHEAD_BYTES
from wslink_jupyter.transport.passing import MAX_HELD_BYTES, Passing

#: So many frames of nothing are held before no more is read.
MANY = -(-MAX_HELD_BYTES // OVERHEAD_BYTES)


class Slow:
    """Who takes frames, each when the test says so."""

    def __init__(self):
        self.begun = []
        self.pending = {}
        self.failed = []
        self.is_slow = True
        self.passing = Passing(self.take, self.failed.append)

    def take(self, frame):
        self.begun.append(frame)
        if not self.is_slow:
            return None
        self.pending[frame] = asyncio.get_running_loop().create_future()
        return self.wait(self.pending[frame])

    @staticmethod
    async def wait(pending):
        await pending

    def in_order(self, frame, size_bytes=0):
        return self.passing.in_order(lambda: self.take(frame), size_bytes)

    async def done(self, frame, error=None):
        if error is None:
            self.pending[frame].set_result(None)
        else:
            self.pending[frame].set_exception(error)
        await turns(5)


@async_test
async def test_who_is_quick_gets_everything_at_once():
    slow = Slow()
    slow.is_slow = False
    for number in range(3):
        assert slow.in_order(b"%d" % number, MAX_HELD_BYTES) is None
        assert slow.passing.urgent(b"urgent") is None
    assert slow.begun == [b"0", b"urgent", b"1", b"urgent", b"2", b"urgent"]


@async_test
async def test_what_goes_in_order_waits_for_what_came_before():
    slow = Slow()
    for frame in (b"a", b"b", b"c"):
        assert slow.in_order(frame) is None
    assert slow.begun == [b"a"]
    await slow.done(b"a")
    assert slow.begun == [b"a", b"b"]
    slow.is_slow = False
    await slow.done(b"b")
    assert slow.begun == [b"a", b"b", b"c"]
    assert slow.in_order(b"d") is None
    assert slow.begun[-1] == b"d"
    assert slow.failed == []


@async_test
async def test_what_comes_in_the_turn_in_which_the_last_is_taken_is_not_forgotten():
    slow = Slow()
    slow.in_order(b"a")
    await turns(1)  # it waits
    slow.pending[b"a"].set_result(None)
    for turn in range(6):
        slow.in_order(b"%d" % turn)
        for pending in slow.pending.values():
            if not pending.done():
                pending.set_result(None)
        await turns(1)
    slow.is_slow = False
    for pending in slow.pending.values():
        if not pending.done():
            pending.set_result(None)
    await turns(5)
    assert slow.begun == [b"a", *(b"%d" % turn for turn in range(6))]


@async_test
async def test_what_is_urgent_passes_what_waits():
    slow = Slow()
    slow.in_order(b"a")
    slow.in_order(b"b")
    assert slow.passing.urgent(b"urgent") is None
    assert slow.passing.urgent(b"too") is None
    assert slow.begun == [b"a", b"urgent", b"too"]
    for frame in (b"urgent", b"too", b"a", b"b"):
        await slow.done(frame)
    assert slow.begun == [b"a", b"urgent", b"too", b"b"]


@async_test
async def test_what_is_large_is_awaited_and_nothing_else_is_held():
    slow = Slow()
    pending = slow.in_order(b"large", MAX_HELD_BYTES)
    waiting = asyncio.ensure_future(pending)
    await turns(3)
    assert not waiting.done()
    await slow.done(b"large")
    await waiting


@pytest.mark.parametrize("behind", [MAX_HELD_BYTES - OVERHEAD_BYTES, MAX_HELD_BYTES, 2**30])
@async_test
async def test_what_is_large_and_waits_is_awaited_with_all_before_it(behind):
    slow = Slow()
    assert slow.in_order(b"a") is None
    waiting = asyncio.ensure_future(slow.in_order(b"large", behind))
    await slow.done(b"a")
    assert slow.begun == [b"a", b"large"]
    assert not waiting.done()
    await slow.done(b"large")
    await waiting
    assert slow.in_order(b"next") is None
    await slow.done(b"next")


@async_test
async def test_many_small_ones_are_awaited():
    slow = Slow()
    for number in range(1, MANY):
        assert slow.in_order(number) is None
    waiting = asyncio.ensure_future(slow.in_order(MANY))
    slow.is_slow = False
    await slow.done(1)
    await waiting
    assert slow.begun == list(range(1, MANY + 1))
    # What was held is held no more.
    slow.is_slow = True
    for number in range(1, MANY):
        assert slow.in_order(number) is None
    slow.passing.stop()


@async_test
async def test_much_that_is_urgent_is_awaited():
    slow = Slow()
    half = b"u" * (MAX_HELD_BYTES // 2)
    assert slow.passing.urgent(half) is None
    waiting = slow.passing.urgent(half + b"2")
    assert waiting is not None
    await slow.done(half)
    assert not waiting.done()
    await slow.done(half + b"2")
    await waiting
    frames = [b"%d" % number for number in range(MANY)]
    held = [slow.passing.urgent(frame) is None for frame in frames[: MANY // 2]]
    assert all(held)
    held = [slow.passing.urgent(frame) is None for frame in frames[MANY // 2 :]]
    assert not all(held)
    slow.passing.stop()


@pytest.mark.parametrize("is_urgent", [False, True])
@async_test
async def test_a_failure_that_nobody_waits_for_is_told(is_urgent):
    slow, error = Slow(), ConnectionClosed(1006, "gone")
    pending = slow.passing.urgent(b"a") if is_urgent else slow.in_order(b"a")
    assert pending is None
    await slow.done(b"a", error)
    assert slow.failed == [error]


@async_test
async def test_nothing_is_handed_over_behind_what_failed():
    slow = Slow()
    slow.in_order(b"a")
    slow.in_order(b"b")
    waiting = asyncio.ensure_future(slow.in_order(b"c", MAX_HELD_BYTES))
    await turns(3)
    await slow.done(b"a", ConnectionClosed(1006, "gone"))
    with pytest.raises(ConnectionClosed, match="gone"):
        await waiting
    with pytest.raises(ConnectionClosed, match="gone"):
        slow.in_order(b"d")
    assert slow.begun == [b"a"]
    slow.passing.stop()


@async_test
async def test_what_fails_before_anything_is_awaited_fails_in_its_turn():
    slow = Slow()

    def fail():
        raise ConnectionClosed(4010, "restart")

    with pytest.raises(ConnectionClosed, match="restart"):
        slow.passing.in_order(fail, 0)
    slow.in_order(b"a")
    waiting = asyncio.ensure_future(slow.passing.in_order(fail, MAX_HELD_BYTES))
    await turns(3)
    assert not waiting.done()
    await slow.done(b"a")
    with pytest.raises(ConnectionClosed, match="restart"):
        await waiting


@async_test
async def test_who_waits_may_be_cancelled_and_what_it_waits_for_goes_on():
    slow = Slow()
    slow.in_order(b"a")
    waiting = asyncio.ensure_future(slow.in_order(b"b", MAX_HELD_BYTES))
    await turns(3)
    waiting.cancel()
    await asyncio.wait((waiting,))
    await slow.done(b"a")
    assert slow.begun == [b"a", b"b"]
    await slow.done(b"b")
    assert slow.failed == []


@pytest.mark.parametrize("turns_before", [0, 3])
@async_test
async def test_to_stop_cancels_what_is_under_way_and_tells_nobody(turns_before):
    slow = Slow()
    slow.in_order(b"a")
    slow.in_order(b"b")
    slow.passing.urgent(b"urgent")
    slow.passing.urgent(b"fails")
    await turns(turns_before)
    slow.pending[b"fails"].set_exception(ConnectionClosed(1006, "gone"))
    slow.passing.stop()
    await turns(5)
    assert slow.begun == [b"a", b"urgent", b"fails"]
    assert [slow.pending[frame].cancelled() for frame in (b"a", b"urgent")] == [True, True]
    assert slow.failed == []
