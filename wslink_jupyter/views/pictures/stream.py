"""When one client gets a frame, and of which size and quality. No I/O, no clock.

Invariants: nothing is wanted for a client that does not look; at most
`WINDOW` frames are on their way or with the client without its
acknowledgement; after the last change, every client that looks has a
lossless frame of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: One that the client draws, and one that is ready when it has.
WINDOW = 2
#: An acknowledgement of a panel of ours that does not come for this long is lost.
ACK_TIMEOUT_S = 5.0
#: No change for this long, and the next frame is lossless.
STILL_AFTER_S = 0.2

#: Screens do not show more.
MIN_INTERVAL_S = 1 / 60

QUALITIES = (30, 85)
SCALES = (0.5, 1.0)
#: A frame that is drawn later than this makes the next ones smaller, ...
_SLOW_S = 0.2
#: ... and one that is drawn sooner than this better.
_FAST_S = 0.1
_QUALITY_DOWN, _QUALITY_UP = 15, 5
_SCALE_DOWN, _SCALE_UP = 0.25, 0.125

#: A side, in pixels: what JPEG decoders and canvases take.
MAX_SIDE_PX = 8192
#: A picture, in pixels: a renderer needs some 20 bytes for each.
MAX_AREA_PX = 4096 * 4096
MAX_PIXEL_RATIO = 4.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame to be made.

    Attributes
    ----------
    width, height : int
        In pixels.
    quality : int
        Of a JPEG.
    lossless : bool
        Whether to make a PNG.
    still : bool
        Whether nothing moves: it may take time to look good, and no better one follows.
    """

    width: int
    height: int
    quality: int
    lossless: bool
    still: bool


class Stream:
    """What one client has got, and what it needs next.

    Attributes
    ----------
    visible : bool
    quality : int
    scale : float
        Of the frames in motion, relative to the panel's pixels.
    min_interval_s : float
        Between two frames.
    ack_timeout_s : float
        When an acknowledgement is taken for lost.
    """

    def __init__(self, width: float, height: float, pixel_ratio: float, now_s: float) -> None:
        self.visible = True
        self.quality = QUALITIES[1]
        self.scale = SCALES[1]
        self.min_interval_s = MIN_INTERVAL_S
        self.ack_timeout_s = ACK_TIMEOUT_S
        self._size = _checked_size(width, height, pixel_ratio)
        #: Counts the changes; the client has a frame, and a still, of these.
        self._wanted = 1
        self._sent = 0
        self._still = 0
        self._changed_s = now_s
        self._number = 0
        self._last_s = -math.inf
        #: When each frame left that is not acknowledged, and whether it is a still.
        self._in_flight: dict[int, tuple[float, bool]] = {}

    def resize(self, width: float, height: float, pixel_ratio: float, now_s: float) -> None:
        """Note the size of the panel, in CSS pixels, and of those in the screen's pixels."""
        size = _checked_size(width, height, pixel_ratio)
        if size != self._size:
            self._size = size
            self.changed(now_s)

    def changed(self, now_s: float) -> None:
        """Note that there is something new to draw."""
        self._wanted += 1
        self._changed_s = now_s

    def unacknowledged(self, now_s: float) -> int:
        """Return how many frames are with the client or on their way."""
        return sum(now_s < at_s + self.ack_timeout_s for at_s, _ in self._in_flight.values())

    def next_frame(self, now_s: float, will_change: bool = False) -> Frame | None:
        """Return what the client needs now, if it may have it.

        Parameters
        ----------
        now_s : float
        will_change : bool
            Whether to answer as if `changed` were called first.
        """
        if not self.visible or self.unacknowledged(now_s) >= WINDOW:
            return None
        if now_s < self._last_s + self.min_interval_s:
            return None
        width, height = self._size
        if will_change or self._sent < self._wanted:
            width, height = (max(round(side * self.scale), 1) for side in (width, height))
            return Frame(width, height, self.quality, lossless=False, still=False)
        if self._still < self._wanted and now_s >= self._changed_s + STILL_AFTER_S:
            return Frame(width, height, self.quality, lossless=True, still=True)
        return None

    @property
    def version(self) -> int:
        """What a frame is of whose drawing begins now."""
        return self._wanted

    def sent(self, version: int, lossless: bool, now_s: float) -> int:
        """Note that a frame leaves that shows `version`; return its number."""
        self._sent = max(self._sent, version)
        if lossless:
            self._still = max(self._still, version)
        self._number += 1
        self._last_s = now_s
        lost = [n for n, (at_s, _) in self._in_flight.items() if now_s >= at_s + self.ack_timeout_s]
        for number in lost:
            del self._in_flight[number]
        self._in_flight[self._number] = (now_s, lossless)
        return self._number

    def acknowledged(self, number: int, now_s: float) -> None:
        """Note that the client has drawn the frame `number`, and so what came before it."""
        at_s, lossless = self._in_flight.get(number, (now_s, True))
        for drawn in [each for each in self._in_flight if each <= number]:
            del self._in_flight[drawn]
        if not lossless:  # a still is large, and nobody waits for the next frame
            self._adapt(now_s - at_s)

    def failed(self, version: int) -> None:
        """Note that `version` cannot be drawn: it is not tried again."""
        self._sent = max(self._sent, version)
        self._still = max(self._still, version)

    def wake_s(self, now_s: float) -> float | None:
        """Return when time alone may make a frame due; None: not at all."""
        if not self.visible or self._still >= self._wanted:
            return None
        due_s = self._last_s + self.min_interval_s
        due_s = due_s if self._sent < self._wanted else max(due_s, self._changed_s + STILL_AFTER_S)
        if self.unacknowledged(now_s) >= WINDOW:
            ends = sorted(at_s + self.ack_timeout_s for at_s, _ in self._in_flight.values())
            due_s = max(due_s, ends[-WINDOW])
        return max(due_s, now_s)

    def _adapt(self, latency_s: float) -> None:
        # Quality first: a coarse picture is easier to bear than a blurred one.
        low, high = QUALITIES
        if latency_s > _SLOW_S:
            if self.quality == low:
                self.scale = max(self.scale - _SCALE_DOWN, SCALES[0])
            self.quality = max(self.quality - _QUALITY_DOWN, low)
        elif latency_s < _FAST_S:
            if self.scale < SCALES[1]:
                self.scale = min(self.scale + _SCALE_UP, SCALES[1])
            else:
                self.quality = min(self.quality + _QUALITY_UP, high)


def _checked_size(width: float, height: float, pixel_ratio: float) -> tuple[int, int]:
    ratio = min(max(pixel_ratio, 0.1), MAX_PIXEL_RATIO)
    width, height = (min(max(side * ratio, 1.0), MAX_SIDE_PX) for side in (width, height))
    shrink = min((MAX_AREA_PX / (width * height)) ** 0.5, 1.0)
    return max(int(width * shrink + 0.5), 1), max(int(height * shrink + 0.5), 1)
