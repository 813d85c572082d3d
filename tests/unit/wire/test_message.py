import pytest

from wslink_jupyter.wire.message import Message


def test_a_message_is_its_pieces_joined():
    message = Message(b"ab", memoryview(b"xcdx")[1:3], bytearray(b"e"))
    assert bytes(message) == b"abcde"
    assert len(message) == 5


def test_no_pieces_and_empty_ones_are_nothing():
    for message in (Message(), Message(b""), Message(b"", b"")):
        assert (bytes(message), len(message), list(message.cut(3))) == (b"", 0, [])


def test_a_cut_is_views_of_the_pieces():
    one, other = b"abc", b"defg"
    first, second = Message(one, b"", other).cut(5)
    assert [bytes(view) for view in first] == [b"abc", b"de"]
    assert [bytes(view) for view in second] == [b"fg"]
    assert [view.obj is piece for view, piece in zip(first, (one, other), strict=True)]
    assert second[0].obj is other


def test_nothing_is_cut_before_it_is_asked_for():
    cutting = Message(b"abcdef").cut(2)
    assert [bytes(view) for view in next(cutting)] == [b"ab"]


@pytest.mark.parametrize("size", [1, 16, 64, 65, 1000])
def test_a_head_is_put_before(size):
    body = bytes(size)
    message = Message(body).behind(b"head")
    assert bytes(message) == b"head" + body
    assert len(message) == 4 + size


def test_a_small_piece_is_joined_to_its_head():
    (chunk,) = Message(bytes(64)).behind(b"head").cut(100)
    assert len(chunk) == 1


def test_a_large_piece_is_not_copied_behind_its_head():
    body = bytes(65)
    (chunk,) = Message(body).behind(b"head").cut(100)
    assert chunk[1].obj is body


def test_further_pieces_of_a_message_are_not_joined_to_its_head():
    body = Message(b"a", b"b")
    message = body.behind(b"head")
    (chunk,) = message.cut(100)
    assert [bytes(view) for view in chunk] == [b"heada", b"b"]
    assert bytes(body) == b"ab"
