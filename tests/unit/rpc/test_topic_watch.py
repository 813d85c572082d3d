import pytest

from wslink_jupyter.rpc.topic_watch import TopicWatch


def test_rates_are_those_of_the_last_reports():
    watch = TopicWatch(100.0)
    for second in range(1, 9):
        for _ in range(10 if second <= 4 else 0):
            watch.note("a", second, 50)
        (report,) = watch.report(100.0 + second, {})
        if second == 4:
            assert (report["values_per_s"], report["bytes_per_s"]) == pytest.approx((10, 500))
    assert report["values_per_s"] == pytest.approx(2)  # those of the fourth second
    (report,) = watch.report(109.0, {})
    assert report == {
        "topic": "a",
        "listeners": 0,
        "values": 40,
        "values_per_s": 0,
        "bytes_per_s": 0,
        "last_bytes": 50,
        "last_text": "4",
    }


def test_topics_that_are_only_listened_to_or_only_published_are_reported():
    watch = TopicWatch(0.0)
    watch.note("unheard", "x", None)
    watch.note("jupyter.inspect.topics", [], 10)
    reports = watch.report(1.0, {"heard": 2, "jupyter.inspect.topics": 1, "jupyter.progress": 1})
    assert [(each["topic"], each["listeners"], each["last_bytes"]) for each in reports] == [
        ("heard", 2, None),
        ("unheard", 0, None),
    ]


def test_made_up_names_cost_no_more_than_some_memory():
    watch = TopicWatch(0.0)
    for number in range(1000):
        watch.note(f"t{number}", number, None)
    assert len(watch.report(1.0, {})) == 200
