"""A picture's stream through any history: what it may send, and that it ends well."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from wslink_jupyter.views.pictures.stream import (
    ACK_TIMEOUT_S,
    MAX_AREA_PX,
    MAX_SIDE_PX,
    MIN_INTERVAL_S,
    QUALITIES,
    SCALES,
    STILL_AFTER_S,
    WINDOW,
    Stream,
)

SIZES = st.floats(0, 1e6)


class StreamMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 100.0
        self.stream = Stream(300, 200, 1, self.now_s)
        self.sent_s: dict[int, float] = {}
        self.best = 0

    @rule(step_s=st.sampled_from([0.001, 0.02, 0.3, 1, 6]))
    def time_passes(self, step_s: float) -> None:
        self.now_s += step_s

    @rule()
    def something_changes(self) -> None:
        self.stream.changed(self.now_s)

    @rule(width=SIZES, height=SIZES)
    def the_panel_is_resized(self, width: float, height: float) -> None:
        self.stream.resize(width, height, 2, self.now_s)

    @rule(visible=st.booleans())
    def the_panel_is_hidden_or_seen(self, visible: bool) -> None:
        self.stream.visible = visible

    @rule()
    def a_frame_is_sent_if_it_may(self) -> None:
        frame = self.stream.next_frame(self.now_s)
        if frame is not None:
            version = self.stream.version
            number = self.stream.sent(version, frame.lossless, self.now_s)
            self.sent_s[number] = self.now_s
            if frame.lossless:
                self.best = version

    @precondition(lambda self: self.sent_s)
    @rule(data=st.data())
    def a_frame_is_drawn(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.sent_s)))
        self.stream.acknowledged(number, self.now_s)
        self.sent_s = {n: at_s for n, at_s in self.sent_s.items() if n > number}

    @invariant()
    def never_more_than_the_window(self) -> None:
        unacknowledged = sum(self.now_s < s + ACK_TIMEOUT_S for s in self.sent_s.values())
        assert unacknowledged == self.stream.unacknowledged(self.now_s) <= WINDOW
        if unacknowledged == WINDOW or not self.stream.visible:
            assert self.stream.next_frame(self.now_s, will_change=True) is None

    @invariant()
    def what_it_asks_for_is_within_bounds(self) -> None:
        assert QUALITIES[0] <= self.stream.quality <= QUALITIES[1]
        assert SCALES[0] <= self.stream.scale <= SCALES[1]
        frame = self.stream.next_frame(self.now_s)
        if frame is not None:
            assert 1 <= frame.width <= MAX_SIDE_PX
            assert 1 <= frame.height <= MAX_SIDE_PX
            assert frame.width * frame.height <= MAX_AREA_PX * 1.01

    @invariant()
    def it_says_when_a_frame_will_be_due(self) -> None:
        wake_s = self.stream.wake_s(self.now_s)
        if wake_s is None:
            assert self.stream.next_frame(math.inf) is None
        else:
            assert self.stream.next_frame(wake_s + 1e-6) is not None

    @invariant()
    def who_looks_ends_with_a_still_of_the_last_change(self) -> None:
        if self.stream.visible and self.stream.wake_s(self.now_s) is None:
            assert self.best == self.stream.version


TestStream = StreamMachine.TestCase
TestStream.settings = settings(deadline=None, stateful_step_count=40)


@given(latency_s=st.floats(0.25, 4))
def test_a_slow_client_gets_less_and_a_fast_one_all_again(latency_s: float) -> None:
    now_s, stream = 0.0, Stream(1000, 500, 1, 0.0)

    def motion(latency_s: float) -> None:
        nonlocal now_s
        now_s += MIN_INTERVAL_S
        stream.changed(now_s)
        assert stream.next_frame(now_s) is not None
        number = stream.sent(stream.version, False, now_s)
        now_s += latency_s
        stream.acknowledged(number, now_s)

    for _ in range(8):
        motion(latency_s)
    assert (stream.quality, stream.scale) == (QUALITIES[0], SCALES[0])
    # Between slow and fast, nothing changes.
    motion(0.15)
    assert (stream.quality, stream.scale) == (QUALITIES[0], SCALES[0])
    now_s += STILL_AFTER_S
    still = stream.next_frame(now_s)
    assert still is not None
    assert (still.width, still.height, still.lossless) == (1000, 500, True)
    for _ in range(20):
        motion(0.01)
    assert (stream.quality, stream.scale) == (QUALITIES[1], SCALES[1])
