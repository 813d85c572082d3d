"""An interrupt may come between any two lines; every call is answered all the same."""

import gc
import linecache
import sys
from contextlib import suppress

from support.asynchronous import async_test, turns
from support.endpoints import served


class Interruption:
    """Raises `KeyboardInterrupt` at one line, ours or the library's, as a signal may."""

    def __init__(self, at):
        self.lines = 0
        self._at = at

    def _trace(self, frame, event, argument):
        if frame.f_code.co_filename == __file__:
            return None
        # The line of a `with` comes again at its end, where no signal is looked for.
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and not text.lstrip().startswith("with "):
            self.lines += 1
            if self.lines == self._at:
                raise KeyboardInterrupt
        return self._trace

    def __enter__(self):
        gc.disable()  # what else it would run is no part of this
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_):
        sys.settrace(self._before)
        gc.enable()


async def replies_when_interrupted(at):
    """Serve two calls, interrupted at a line; return who is answered, and the lines."""
    async with served(on_this_thread=True) as here:
        here.expose(lambda n: n, "f")
        peer = here.converse()
        await peer.greet(protocol=1)
        ids = [peer.call("f", number) for number in range(2)]
        with suppress(KeyboardInterrupt), Interruption(at) as interruption:
            here.main_thread.serve()
        await turns(10)  # the cell has ended
        heard = [reply.id for reply in peer.hear_all()]
        assert here.main_thread.waiting_calls == 0
        return ids, heard, interruption.lines


@async_test
async def test_every_call_is_answered_once_wherever_the_interrupt_comes():
    ids, heard, lines = await replies_when_interrupted(0)
    assert sorted(heard) == sorted(ids)
    assert lines > 100
    unanswered = []
    for at in range(1, lines + 1):
        ids, heard, _ = await replies_when_interrupted(at)
        if sorted(heard) != sorted(ids):
            unanswered.append(at)
    assert unanswered == [], f"calls without an answer for interrupts at {unanswered} of {lines}"


async def values_when_interrupted(at):
    """Publish twice, the first time interrupted at a line; return what is heard, and the lines."""
    async with served(on_this_thread=True) as here:
        peer = here.converse()
        await peer.greet()
        here.endpoint.hub._loop_thread_id = None  # as a cell's, this thread is not the loop's
        with suppress(KeyboardInterrupt), Interruption(at) as interruption:
            here.endpoint.hub.publish("t", 1)
        here.endpoint.hub.publish("t", 2)
        await turns(10)
        return [publication.value for publication in peer.hear_all()], interruption.lines


@async_test
async def test_publications_go_on_wherever_the_interrupt_comes():
    heard, lines = await values_when_interrupted(0)
    assert heard == [1, 2]
    assert lines > 50
    lost = [at for at in range(1, lines + 1) if (await values_when_interrupted(at))[0][-1:] != [2]]
    assert lost == [], f"nothing more is heard after interrupts at {lost} of {lines}"
