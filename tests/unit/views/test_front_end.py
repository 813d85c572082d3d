import os

import pytest

from wslink_jupyter.errors import ViewError
from wslink_jupyter.rpc.endpoint import WebFile
from wslink_jupyter.views.front_end import (
    ModuleFile,
    ModuleText,
    PageFolder,
    find_below,
    front_end_of,
)

SOURCE = "export default { render() {} };\n"


@pytest.fixture
def module(tmp_path):
    path = tmp_path / "membrane.js"
    path.write_text(SOURCE, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_a_path_is_a_file(module, kind):
    front_end = front_end_of(kind(module))
    assert front_end == ModuleFile(module.resolve())
    assert front_end.read() == (SOURCE, "")
    assert front_end.origin == "membrane.js"


def test_a_relative_path_is_found_from_where_the_kernel_is_now(module, monkeypatch):
    monkeypatch.chdir(module.parent)
    front_end = front_end_of("membrane.js")
    monkeypatch.chdir("/")
    assert front_end.read() == (SOURCE, "")


def test_the_home_directory_is_expanded(module, monkeypatch):
    monkeypatch.setenv("HOME", str(module.parent))
    assert front_end_of("~/membrane.js").read() == (SOURCE, "")


def test_text_is_the_module_itself():
    front_end = front_end_of(SOURCE)
    assert front_end == ModuleText(SOURCE)
    assert (front_end.read(), front_end.origin) == ((SOURCE, ""), "")


def test_text_that_ends_like_a_file_is_text_when_it_has_lines():
    text = f"{SOURCE}// see membrane.js"
    assert front_end_of(text) == ModuleText(text)


@pytest.mark.parametrize(
    ("front_end", "sentence"),
    [
        ("missing.js", r"expected an ES module in the file 'missing\.js', found no such file in /"),
        ("/no/such.mjs", "found no such file"),
        ("hello", "expected a path ending in .js, or the text of an ES module that exports render"),
        ("<b>html</b>", "got '<b>html</b>'"),
        ("", "expected a path ending in .js, or the text of an ES module that .* got ''"),
        ("~nobody-of-that-name", "exports render"),
        ("x" * 1000, "got 'x{60}'$"),
        (5, r"expected a path or the text of an ES module \(str or Path\), got int"),
        (None, "got NoneType"),
    ],
)
def test_what_is_no_front_end_is_told(front_end, sentence):
    with pytest.raises(ViewError, match=f"^show: .*{sentence}"):
        front_end_of(front_end)


def test_a_path_of_another_kind_is_told(tmp_path):
    with pytest.raises(
        ViewError, match=r"file ending in .js or .mjs, or a folder .*, got 'a.html', "
    ):
        front_end_of(tmp_path / "a.html")
    (tmp_path / "a.html").touch()
    with pytest.raises(ViewError, match=r"a folder that holds index\.html, got 'a\.html'$"):
        front_end_of(tmp_path / "a.html")


@pytest.mark.parametrize("name", ["dist", "a.js"])
def test_a_folder_is_shown_for_its_page(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    with pytest.raises(ViewError, match=r"expected a folder that holds index.html, got .*build"):
        front_end_of(folder)
    (folder / "index.html").write_text("<head></head>")
    assert front_end_of(folder) == PageFolder(folder.resolve())


@pytest.mark.parametrize("name", ["dist", "a.js", "~"])
def test_a_folder_as_text_is_refused_with_the_remedy(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / name).mkdir()
    with pytest.raises(
        ViewError, match=rf"got the folder '{name}': .* use show\(Path\('{name}'\)\)"
    ):
        front_end_of(name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *(("plots/dist", "plots"), ("plots/build", "plots"), ("plots/public", "plots")),
        *(("plots/site", "site"), ("dist/plots", "plots")),
    ],
)
def test_a_page_is_named_after_its_project(tmp_path, path, name):
    folder = tmp_path / path
    folder.mkdir(parents=True)
    (folder / "index.html").touch()
    assert front_end_of(folder).default_name == name


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "a.js").touch()
    (folder / "index.html").write_text('<script type="module" src="./assets/a.js"></script>')
    return folder.resolve()


def test_a_page_serves_its_folder_with_an_index(built):
    page = front_end_of(built)
    assert page.find("assets/a.js") == WebFile(built / "assets/a.js", is_page=True)
    assert page.find("") == page.find("index.html") == WebFile(built / "index.html", is_page=True)
    for nothing in ("assets", "assets/", "/", "../dist/index.html", "..", "assets/../index.html"):
        assert page.find(nothing) is None


@pytest.mark.parametrize("tag", ['<script src="/assets/a.js">', "<LINK HREF = '/assets/a.js?v=1'>"])
def test_a_page_built_for_the_root_of_a_server_is_told_how_to_build_it(built, tag):
    page = front_end_of(built)
    (built / "index.html").write_text(tag)
    sentence = (
        "expected relative URLs in index.html, got '/assets/a.js': "
        "build the page with vite build --base=./"
    )
    assert page.describe() == {"kind": "page", "error": sentence}
    with pytest.raises(ViewError, match=r"^show: expected relative URLs"):
        front_end_of(built)


@pytest.mark.parametrize("tag", ["//host/assets/a.js", "/elsewhere.js", "https://h/assets/a.js"])
def test_what_leads_out_of_a_page_is_left_alone(built, tag):
    (built / "index.html").write_text(f'<script src="{tag}"></script><a href="/"></a>')
    assert front_end_of(built).error() == ""


def test_a_page_that_is_being_built_has_no_stamp_and_says_so(built):
    page = front_end_of(built)
    stamp = page.stamp()
    assert stamp == page.stamp()
    (built / "index.html").unlink()
    assert page.stamp() is None
    assert page.describe()["error"] == "cannot read index.html: No such file or directory"
    (built / "index.html").write_text("built again")
    assert page.stamp() not in (None, stamp)


def test_a_file_is_read_again_for_everybody_who_asks(module):
    front_end = front_end_of(module)
    module.write_text("export const render = 1;", encoding="utf-8")
    assert front_end.read() == ("export const render = 1;", "")


def test_a_file_that_cannot_be_read_is_told_in_words(module):
    front_end = front_end_of(module)
    module.write_bytes(b"\xff\xfe")
    assert front_end.read() == ("", "cannot read membrane.js: UnicodeDecodeError")
    module.unlink()
    assert front_end.read() == ("", "cannot read membrane.js: No such file or directory")


def test_the_stamp_changes_when_the_file_is_saved_and_is_none_without_file(module):
    front_end = front_end_of(module)
    stamp = front_end.stamp()
    assert front_end.stamp() == stamp
    module.write_text(f"{SOURCE}//", encoding="utf-8")
    saved = front_end.stamp()
    assert saved != stamp
    # Editors replace the file by a new one of the same size and time.
    times = (module.stat().st_atime_ns, module.stat().st_mtime_ns)
    fresh = module.with_name("fresh")
    fresh.write_bytes(module.read_bytes())
    os.utime(fresh, ns=times)
    fresh.replace(module)
    assert front_end.stamp() != saved
    module.unlink()
    assert front_end.stamp() is None


def test_the_stamp_of_text_is_the_text():
    assert ModuleText("a").stamp() != ModuleText("b").stamp()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.css", "sub/b.js", ".hidden"):
        (folder / name).write_text(name)
    (tmp_path / "secret").write_text("secret")
    (folder / "link_out").symlink_to(tmp_path / "secret")
    (folder / "link_in").symlink_to(folder / "a.css")
    return folder.resolve()


@pytest.mark.parametrize(("path", "found"), [("a.css", "a.css"), ("sub/b.js", "sub/b.js")])
def test_files_below_are_found(folder, path, found):
    assert find_below(folder, path) == folder / found


def test_a_link_within_the_folder_is_followed(folder):
    assert find_below(folder, "link_in") == folder / "a.css"


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "sub", "sub/", "missing", ".hidden", "../secret", "sub/../../secret"),
        *("link_out", "/etc/passwd", "sub//b.js", "./a.css", "a.css\0", "sub\\b.js", "..\\secret"),
    ],
)
def test_nothing_else_is(folder, path):
    assert find_below(folder, path) is None
