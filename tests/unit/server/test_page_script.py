import pytest

from wslink_jupyter.server.page_script import with_socket

DEEP = "v/key/1/index.html"


def placed(html, path=DEEP):
    """Return what is before and after the script that was put in."""
    result = with_socket(html, path)
    start = result.index(b"<script>\n// Runs in a served page")
    end = result.index(b"</script>", start) + len(b"</script>")
    return result[:start], result[start:end], result[end:]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<!doctype html><html><head>", b"<script src=a.js></script></head>"),
        (b'<HEAD\nlang="en">', b"<title>x</title>"),
        (b"<!-- <head> <script> --><head>", b"<script></script>"),
        (b"<!doctype html><header></header>", b"<script src=a.js></script><head>"),
        (b"<body>", b"<SCRIPT>a()</SCRIPT>"),
        (b"<head>", b"</head>\xff\xfe"),
    ],
)
def test_the_script_comes_first(before, after):
    assert placed(before + after)[::2] == (before, after)


@pytest.mark.parametrize("html", [b"", b"<p>no scripts</p>", b"<!-- <script> -->", b"<scripts>"])
def test_a_page_without_scripts_is_left_alone(html):
    assert with_socket(html, DEEP) == html


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("v/key/1/index.html", b"'../../../../ws'"),
        ("v/key/1/", b"'../../../../ws'"),
        ("v/key/1/sub/a.html", b"'../../../../../ws'"),
    ],
)
def test_the_socket_is_found_from_the_page(path, url):
    assert url in placed(b"<head>", path)[1]
