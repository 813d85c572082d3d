import pytest

from wslink_jupyter.rpc.subscribers import Subscribers
from wslink_jupyter.wire.envelopes import Publication


class Page:
    """Subscribers of one client, and what the server is told."""

    def __init__(self):
        self.changes = []
        self.heard = []
        self.subscribers = Subscribers(
            lambda subscriber, value: subscriber(value),
            lambda topic, listens: self.changes.append((topic, listens)),
        )

    def add(self, name, topic="t"):
        return self.subscribers.add(topic, lambda value: self.heard.append((name, value)))

    def publish(self, value, topic="t", retain=False):
        self.subscribers.deliver(Publication(topic, 0, value, retain=retain))


def test_every_subscriber_of_a_topic_hears_in_order():
    page = Page()
    for name in ("one", "two"):
        page.add(name)
    page.add("other", "elsewhere")
    page.publish(1)
    page.publish(2)
    page.publish(3, "nobody")
    assert page.heard == [("one", 1), ("two", 1), ("one", 2), ("two", 2)]


def test_the_server_is_told_of_the_first_and_of_the_last():
    page = Page()
    stops = [page.add("one"), page.add("two")]
    assert page.changes == [("t", True)]
    stops[0]()
    assert page.changes == [("t", True)]
    stops[1]()
    assert page.changes == [("t", True), ("t", False)]
    page.add("three")
    assert page.changes[2:] == [("t", True)]


def test_who_stops_hears_no_more():
    page = Page()
    stop = page.add("one")
    page.add("two")
    stop()
    page.publish(1)
    assert page.heard == [("two", 1)]


def test_who_stops_while_a_value_is_handed_out_harms_nobody():
    page = Page()
    stops = [page.subscribers.add("t", lambda value: stops[0]())]
    page.add("two")
    page.publish(1)
    page.publish(2)
    assert page.heard == [("two", 1), ("two", 2)]


def test_who_comes_later_to_a_retained_topic_gets_its_last_value():
    page = Page()
    page.add("one")
    page.publish(1, retain=True)
    page.publish(2, retain=True)
    page.add("two")
    assert page.heard == [("one", 1), ("one", 2), ("two", 2)]
    assert page.changes == [("t", True)]


def test_a_value_that_is_not_retained_is_for_who_is_there():
    page = Page()
    page.add("one")
    page.publish(1)
    page.add("two")
    assert page.heard == [("one", 1)]


@pytest.mark.parametrize("retain", [True, False])
def test_what_was_retained_is_forgotten_with_the_last_subscriber(retain):
    """The server sends it anew, if it still keeps it."""
    page = Page()
    stop = page.add("one")
    page.publish(1, retain=retain)
    stop()
    page.heard.clear()
    page.add("two")
    assert page.heard == []
    assert page.changes[-1] == ("t", True)


def test_a_topic_that_is_not_retained_any_more_keeps_no_old_value():
    page = Page()
    page.add("one")
    page.publish(1, retain=True)
    page.publish(2, retain=False)
    page.heard.clear()
    page.add("two")
    assert page.heard in ([], [("two", 2)])
