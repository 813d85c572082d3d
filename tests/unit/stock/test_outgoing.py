import pytest

from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.stock.outgoing import Outgoing
from wslink_jupyter.wire.header import ChunkHeader


def frame(content, number=1, offset=0, total=None):
    return ChunkHeader(number, offset, len(content) if total is None else total).encode() + content


def news(text):
    return frame(b"\x83\xa6wslink\xa31.0\xa2id\xb0publish:a.topic:0" + text)


def put(outgoing, whole, replaces=None):
    return outgoing.put(whole, replaces, 64 * KIB)


def taken(outgoing):
    frames = []
    while (whole := outgoing.take()) is not None:
        frames.append(whole)
    return frames


def test_frames_are_taken_in_order_and_counted():
    outgoing = Outgoing()
    assert put(outgoing, frame(b"reply"))
    assert put(outgoing, news(b"1"))
    assert outgoing.waiting_bytes == 17 + len(news(b"1"))
    assert outgoing.waiting_news_bytes == len(news(b"1"))
    assert taken(outgoing) == [frame(b"reply"), news(b"1")]
    assert (outgoing.waiting_bytes, outgoing.waiting_news_bytes) == (0, 0)
    assert (outgoing.sent_messages, outgoing.sent_bytes) == (2, 17 + len(news(b"1")))


def test_publications_have_room_for_so_much_and_replies_for_more():
    outgoing = Outgoing()
    count = 0
    while put(outgoing, news(bytes(16 * KIB))):
        count += 1
    assert count == 4
    assert put(outgoing, frame(bytes(MIB)))
    assert not put(outgoing, news(b""))
    assert len(taken(outgoing)) == 5
    assert put(outgoing, news(b""))


def test_one_publication_of_any_size_has_room():
    outgoing = Outgoing()
    start = news(bytes(KIB))[12:]
    assert put(outgoing, frame(start, 1, 0, MIB))
    for offset in range(len(start), MIB, 100 * KIB):
        assert put(outgoing, frame(bytes(min(100 * KIB, MIB - offset)), 1, offset, MIB))
    assert outgoing.waiting_news_bytes > MIB
    assert not put(outgoing, news(b"next"))


def test_a_picture_that_waits_makes_room_for_the_next_of_its_view():
    outgoing = Outgoing()
    assert put(outgoing, news(b"a1"), "a")
    assert outgoing.take() == news(b"a1")
    for text in (b"a2", b"b1", b"a3"):
        assert put(outgoing, news(text), text[:1])
    assert put(outgoing, frame(b"reply"))
    assert put(outgoing, news(b"a4"), b"a")
    assert outgoing.waiting_news_bytes == 2 * len(news(b"a4"))
    assert taken(outgoing) == [news(b"b1"), frame(b"reply"), news(b"a4")]
    assert outgoing.waiting_bytes == outgoing.waiting_news_bytes == 0


def test_pictures_never_make_a_client_slow():
    outgoing = Outgoing()
    for number in range(100):
        assert put(outgoing, news(bytes([number]) * 60 * KIB), "view")
    assert taken(outgoing) == [news(bytes([99]) * 60 * KIB)]


def test_one_in_several_frames_is_never_torn():
    outgoing = Outgoing()
    first = news(bytes(10))[12:]
    assert put(outgoing, frame(first, 1, 0, len(first) + 5), "view")
    assert put(outgoing, frame(b"12345", 1, len(first), len(first) + 5), "view")
    assert put(outgoing, news(b"next"), "view")
    assert len(taken(outgoing)) == 3


@pytest.mark.parametrize("size", [4 * MIB - 12, 4 * MIB - 11, 16 * MIB + 1])
def test_a_frame_that_no_server_takes_becomes_several(size):
    outgoing = Outgoing()
    whole = bytes(range(256)) * (size // 256 + 1)
    put(outgoing, frame(whole[:size], 9))
    content = b""
    for part in taken(outgoing):
        assert len(part) <= 4 * MIB
        assert ChunkHeader.decode(part) == (9, len(content), size)
        content += part[12:]
    assert content == whole[:size]


def test_clear_forgets():
    outgoing = Outgoing()
    put(outgoing, news(b"1"), "view")
    outgoing.clear()
    assert outgoing.take() is None
