import asyncio

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.errors import ViewError
from wslink_jupyter.rpc.endpoint import WebFile
from wslink_jupyter.views.front_end import ModuleText, front_end_of
from wslink_jupyter.views.shelf import PLACES, ViewShelf, check_place
from wslink_jupyter.wire.envelopes import Publication

TEXT = ModuleText("export default {}")


def changed(number, name, revision):
    return Publication("jupyter.views.changed", number, {"name": name, "revision": revision})


async def greeted(here):
    peer = here.converse()
    await peer.greet()
    return peer


@async_test
async def test_a_view_is_got_and_listed_by_clients():
    async with served() as here:
        shelf = ViewShelf(here.endpoint)
        shelf.put("membrane", "Membrane", "split-right", TEXT)
        peer = await greeted(here)
        await turns(3)
        peer.hear_all()
        summary = {"name": "membrane", "title": "Membrane", "where": "split-right", "revision": 1}
        assert (await peer.ask("jupyter.views.list")).value == [summary]
        assert (await peer.ask("jupyter.views.get", "membrane")).value == {
            **summary,
            "kind": "module",
            "source": "export default {}",
            "files": "",
            "origin": "",
            "error": "",
        }
        assert (await peer.ask("jupyter.views.get", "other")).value is None


@async_test
async def test_showing_again_and_closing_are_told():
    async with served() as here:
        shelf = ViewShelf(here.endpoint)
        peer = await greeted(here)
        for title in ("One", "Two"):
            shelf.put("a", title, "cell", TEXT)
        shelf.put("b", "B", "cell", TEXT)
        shelf.remove("a")
        shelf.remove("a")
        heard = [await peer.hear() for _ in range(4)]
        # Revisions grow over all views: a name that comes back is never taken for the old one.
        assert heard == [
            changed(0, "a", 1),
            changed(1, "a", 2),
            changed(2, "b", 3),
            changed(3, "a", None),
        ]
        assert [view["title"] for view in shelf.list()] == ["B"]
        assert shelf.get("a") is None


@async_test
async def test_a_saved_file_is_told_with_a_new_revision(tmp_path):
    path = tmp_path / "membrane.js"
    path.write_text("export default 1")
    async with served() as here:
        shelf = ViewShelf(here.endpoint)
        peer = await greeted(here)
        shelf.put("membrane", "Membrane", "cell", front_end_of(path))
        assert await peer.hear() == changed(0, "membrane", 1)
        watch = asyncio.create_task(shelf.watch(0.001))
        path.write_text("export default 22")
        assert await peer.hear() == changed(1, "membrane", 2)
        watch.cancel()
        assert shelf.get("membrane")["source"] == "export default 22"
        assert shelf.get("membrane")["title"] == "Membrane"


@async_test
async def test_a_missing_file_changes_nothing_until_it_is_there_again(tmp_path):
    path = tmp_path / "membrane.js"
    path.write_text("export default 1")
    async with served() as here:
        shelf = ViewShelf(here.endpoint)
        peer = await greeted(here)
        shelf.put("membrane", "Membrane", "cell", front_end_of(path))
        await peer.hear()
        path.unlink()
        assert shelf.get("membrane")["error"].startswith("cannot read membrane.js: ")
        fresh = tmp_path / "fresh"
        fresh.write_text("export default 22")
        watch = asyncio.create_task(shelf.watch(0.0))
        await turns(50)
        assert shelf.list()[0]["revision"] == 1
        fresh.replace(path)
        assert await peer.hear() == changed(1, "membrane", 2)
        watch.cancel()


@async_test
async def test_files_beside_the_module_are_found_by_who_was_told_the_key(tmp_path):
    (tmp_path / "membrane.js").write_text("export default 1")
    (tmp_path / "style.css").write_text("")
    async with served() as here:
        shelf = ViewShelf(here.endpoint)
        shelf.put("membrane", "Membrane", "cell", front_end_of(tmp_path / "membrane.js"))
        shelf.put("text", "Text", "cell", TEXT)
        files = shelf.get("membrane")["files"]
        name, key, revision = files.split("/")
        assert (name, revision) == ("membrane", "1")
        found = here.endpoint.find_file
        for known in (files, f"membrane/{key}/7"):
            assert found(f"{known}/style.css") == WebFile(tmp_path.resolve() / "style.css")
        for unknown in (
            *("", "membrane", files, f"{files}/", f"{files}/missing.css", f"{files}/../style.css"),
            *("membrane/other/1/style.css", "membrane//1/style.css", "membrane/ü/1/style.css"),
            *(f"other/{key}/1/style.css", f"text/{key}/1/style.css", "membrane/style.css"),
        ):
            assert found(unknown) is None


@async_test
async def test_a_page_is_told_by_where_it_is_and_reloaded_when_it_is_built_again(tmp_path):
    index = tmp_path / "index.html"
    index.write_text("<head></head>")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index.js").write_text("")
    async with served() as here:
        shelf = ViewShelf(here.endpoint)
        peer = await greeted(here)
        shelf.put("page", "Page", "cell", front_end_of(tmp_path))
        assert await peer.hear() == changed(0, "page", 1)
        view = shelf.get("page")
        files = view.pop("files")
        assert view == {
            "name": "page",
            "title": "Page",
            "where": "cell",
            "revision": 1,
            "kind": "page",
            "origin": "index.html",
            "error": "",
        }
        found = here.endpoint.find_file
        folder = tmp_path.resolve()
        assert found(f"{files}/assets/index.js") == WebFile(folder / "assets/index.js", True)
        for path in ("index.html", ""):
            assert found(f"{files}/{path}") == WebFile(folder / "index.html", True)
        assert found(files) is None
        watch = asyncio.create_task(shelf.watch(0.001))
        index.write_text("<head> </head>")
        assert await peer.hear() == changed(1, "page", 2)
        watch.cancel()


@pytest.mark.parametrize("place", PLACES)
def test_places_are_known(place):
    assert check_place(place) == place


@pytest.mark.parametrize("place", ["left", "", None, 5])
def test_other_places_are_told(place):
    with pytest.raises(ViewError, match=f"where: expected one of 'split-right', .*, got {place!r}"):
        check_place(place)
