"""How much is on the way to a client: enough for its line to be full, and not much more."""

import heapq

import pytest

from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.rpc.flow import FlowWindow

LEAST, FIRST, MOST = 64 * KIB, 256 * KIB, 16 * MIB


class Line:
    """A line with a rate and a delay, on which a sender has always more to send.

    Time is virtual. What has come is told `pause_s` later, as clients do.
    """

    def __init__(self, rate, delay_s, pause_s=0.005):
        self.now_s = 100.0
        self.rate, self.delay_s, self.pause_s = rate, delay_s, pause_s
        self.flow = FlowWindow(lambda: self.now_s)
        self.sent = self.received = 0
        self._free_s = self.now_s
        self._receipts = []

    def send_what_may_be_sent(self):
        while self.flow.has_room():
            size = self.flow.chunk_bytes
            self.sent += size
            self.flow.sent(self.sent)
            self._free_s = max(self._free_s, self.now_s) + size / self.rate
            heapq.heappush(self._receipts, (self._free_s + self.delay_s + self.pause_s, self.sent))

    def run(self, seconds):
        """Return the share of the time in which the line was busy, and the longest wait in it."""
        until_s, before, worst_s = self.now_s + seconds, self.received, 0.0
        while self.now_s < until_s:
            self.send_what_may_be_sent()
            worst_s = max(worst_s, self._free_s - self.now_s)
            self.now_s, self.received = heapq.heappop(self._receipts)
            self.flow.received(self.received)
        return (self.received - before) / self.rate / seconds, worst_s


@pytest.mark.parametrize("rate", [1.25e5, 1.25e6, 1.25e7, 1.25e8])
@pytest.mark.parametrize("delay_s", [0.0, 0.005, 0.05, 0.1])
def test_a_line_is_kept_full_and_does_not_wait_long(rate, delay_s):
    line = Line(rate, delay_s)
    line.run(20.0)  # to find out
    busy, wait_s = line.run(20.0)
    assert busy > 0.9
    # Chunks have a least size, which takes its time on the slowest line.
    assert wait_s <= max(0.25, 2 * LEAST / rate)


@pytest.mark.parametrize("delay_s", [0.0001, 0.0005])
def test_a_fast_line_is_not_held_up(delay_s):
    line = Line(2e9, delay_s, pause_s=0.0)
    line.run(1.0)
    assert line.run(1.0)[0] > 0.99


@pytest.mark.parametrize("rate", [1.25e8, 6e8])
def test_a_fast_line_makes_nobody_wait_for_longer_than_a_hundredth_of_a_second(rate):
    line = Line(rate, 0.0005, pause_s=0.001)
    line.run(5.0)
    busy, wait_s = line.run(5.0)
    assert busy > 0.99
    # And for what is on the line, and the chunk that is begun.
    assert wait_s < max(0.01, 2 * MIB / rate) + 0.005 + MIB / rate


def test_a_long_and_fast_line_is_full():
    line = Line(1.25e8, 0.1)
    line.run(20.0)
    assert line.run(1.0)[0] > 0.99
    assert 1.25e8 * 0.1 < line.flow.window_bytes <= MOST


def test_a_line_that_becomes_slow_gets_less_and_a_fast_one_more():
    line = Line(1e8, 0.01)
    line.run(5.0)
    fast = line.flow.window_bytes
    line.rate = 1e6
    line.run(60.0)
    slow = line.flow.window_bytes
    assert slow < fast / 20
    line.rate = 1e8
    line.run(30.0)
    assert line.flow.window_bytes > 20 * slow


def test_who_is_sent_little_is_not_taken_for_slow():
    now_s = [0.0]
    flow = FlowWindow(lambda: now_s[0])
    for n in range(1, 100):
        assert flow.has_room()
        flow.sent(n * 1000)
        now_s[0] += 0.2
        flow.received(n * 1000)
    assert flow.window_bytes == FIRST


def test_no_more_is_sent_than_the_window_until_some_has_come():
    flow = FlowWindow(lambda: 0.0)
    flow.sent(FIRST - 1)
    assert flow.has_room()
    flow.sent(FIRST)
    assert not flow.has_room()
    flow.received(1)
    assert flow.has_room()


@pytest.mark.parametrize("receipt", [None, "9", 3.0, True, -1, 0, 10**9, [], {}])
def test_a_receipt_that_cannot_be_true_says_nothing(receipt):
    flow = FlowWindow(lambda: 0.0)
    flow.sent(FIRST)
    flow.received(receipt)
    assert not flow.has_room()
    flow.received(LEAST)
    assert flow.has_room()


def test_an_older_receipt_says_nothing():
    flow = FlowWindow(lambda: 0.0)
    flow.sent(FIRST + 10)
    flow.received(20)
    flow.received(5)
    assert flow.has_room()
