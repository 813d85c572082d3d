import pytest

from wslink_jupyter.stock.files import find_file


@pytest.fixture(name="static")
def folders(tmp_path):
    for name in ("www/index.html", "www/assets/a.js", "library/b.js", "secret.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "www" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return {
        "/": str(tmp_path / "www"),
        "__library": (str(tmp_path / "library"), {"module": True}),
        "/data/deep": tmp_path / "library",
    }


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("index.html", "www/index.html"),
        ("", "www/index.html"),
        ("assets/a.js", "www/assets/a.js"),
        ("assets/../index.html", "www/index.html"),
        ("__library/b.js", "library/b.js"),
        ("data/deep/b.js", "library/b.js"),
    ],
)
def test_a_file_of_a_route(static, path, found, tmp_path):
    file = find_file(static, path)
    assert file is not None
    assert file.path == tmp_path / found
    assert file.is_page


@pytest.mark.parametrize(
    "path",
    [
        *("absent", "assets", "__library", "__library_too/b.js", "../secret.txt", "link.txt"),
        *("__library/../secret.txt", "__library//etc/passwd", "/etc/passwd", "a\0b"),
    ],
)
def test_nothing_else(static, path):
    assert find_file(static, path) is None


def test_a_server_without_folders_has_no_files():
    assert find_file({}, "index.html") is None
