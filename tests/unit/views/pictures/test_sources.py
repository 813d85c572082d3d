import numpy as np
import pytest

from wslink_jupyter.errors import ViewError
from wslink_jupyter.views.pictures.sources import source_of
from wslink_jupyter.views.pictures.still import mime_of, still_of

EVENT = {"event_type": "key_down", "key": "a", "modifiers": ()}


def grey(width, height):
    return np.full((height, width), 9, np.uint8)


class Scene:
    says = None

    def render(self, width, height):
        return grey(width, height)

    def handle_event(self, event):
        self.seen = event
        return self.says


@pytest.mark.parametrize("thing", [grey, Scene(), Scene().render, lambda *size: grey(*size)])
def test_who_takes_a_size_is_given_it(thing):
    image = source_of(thing).draw(7, 5, still=False)
    assert (image.width, image.height) == (7, 5)


@pytest.mark.parametrize("thing", [lambda: grey(3, 2), grey(3, 2), lambda *, k=1: grey(3, 2)])
def test_who_takes_none_has_its_own(thing):
    image = source_of(thing).draw(7, 5, still=False)
    assert (image.width, image.height) == (3, 2)


def test_events_go_to_who_handles_them_and_it_may_say_that_nothing_changed():
    scene = Scene()
    source = source_of(scene)
    assert source.handle(EVENT) is True
    assert scene.seen == EVENT
    scene.says = False
    assert source.handle(EVENT) is False
    assert source_of(grey).handle(EVENT) is False


@pytest.mark.parametrize("thing", [None, 42, "text", Scene, np, object()])
def test_what_is_no_source(thing):
    assert source_of(thing) is None


def test_functions_of_other_arguments_are_refused():
    async def later(width, height): ...

    for thing in (lambda a: None, lambda a, b, c: None, later):
        with pytest.raises(ViewError, match="show: expected"):
            source_of(thing)


def test_a_still_is_a_png_that_is_not_too_large():
    still = still_of(source_of(lambda: grey(3000, 10)))
    assert (still.format, still.width, still.height) == ("png", 1000, 4)
    assert list(mime_of(still)) == ["image/png"]
