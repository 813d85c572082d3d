"""What a view is made of: an ES module, in a file or as text, a built page, and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wslink_jupyter.errors import ViewError
from wslink_jupyter.rpc.endpoint import WebFile
from wslink_jupyter.views.app_page import AppPage

_SUFFIXES = (".js", ".mjs")
_INDEX = "index.html"
#: Folders that every project has; the project's own name says more.
_BUILD_FOLDERS = ("dist", "build", "public")
_ROOTED = re.compile(r"""\b(?:src|href)\s*=\s*["']?(/(?!/)[^"'>\s?#]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModuleText:
    """An ES module given as text."""

    source: str

    @property
    def origin(self) -> str:
        """File name for people; empty: there is none."""
        return ""

    @property
    def default_name(self) -> str:
        """Name of a view that is given none; empty: text has none."""
        return ""

    def read(self) -> tuple[str, str]:
        """Return source and error."""
        return self.source, ""

    def describe(self) -> dict[str, Any]:
        """Return what clients get of it."""
        return {"kind": "module", "source": self.source, "error": ""}

    def find(self, relative: str) -> WebFile | None:
        """Return None: nothing is beside a text."""
        return None

    def stamp(self) -> object:
        """Return what changes when the source does."""
        return self.source


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """An ES module in a file, read again for every client that asks."""

    path: Path

    @property
    def origin(self) -> str:
        """File name for people."""
        return self.path.name

    @property
    def default_name(self) -> str:
        """Name of a view that is given none."""
        return self.path.stem

    def read(self) -> tuple[str, str]:
        """Return source and error, one of them empty."""
        return _read(self.path)

    def describe(self) -> dict[str, Any]:
        """Return what clients get of it."""
        source, error = self.read()
        return {"kind": "module", "source": source, "error": error}

    def find(self, relative: str) -> WebFile | None:
        """Return the file at a path beside the module, or None."""
        found = find_below(self.path.parent, relative)
        return None if found is None else WebFile(found)

    def stamp(self) -> object:
        """Return what changes when the file is saved."""
        return _stamp(self.path)


@dataclass(frozen=True, slots=True)
class PageFolder:
    """A built web page: a folder that holds ``index.html``."""

    folder: Path

    @property
    def origin(self) -> str:
        """File name for people."""
        return _INDEX

    @property
    def default_name(self) -> str:
        """Name of a view that is given none: the folder's, or its project's."""
        folder = self.folder
        return folder.parent.name if folder.name in _BUILD_FOLDERS else folder.name

    def describe(self) -> dict[str, Any]:
        """Return what clients get of it: not the page, which they load by its URL."""
        return {"kind": "page", "error": self.error()}

    def error(self) -> str:
        """Return why the page cannot be shown, or nothing."""
        text, error = _read(self.folder / _INDEX)
        for path in _ROOTED.findall(text):
            # Of no use where the page is, unless it is meant for another file.
            if find_below(self.folder, path[1:]) is not None:
                return (
                    f"expected relative URLs in {_INDEX}, got {path!r}: "
                    "build the page with vite build --base=./"
                )
        return error

    def find(self, relative: str) -> WebFile | None:
        """Return the file at a path in the folder, or None; of a folder, its index."""
        if relative == "" or relative.endswith("/"):
            relative += _INDEX
        found = find_below(self.folder, relative)
        return None if found is None else WebFile(found, is_page=True)

    def stamp(self) -> object:
        """Return what changes when the page is built again: every build writes its index."""
        return _stamp(self.folder / _INDEX)


@dataclass(frozen=True, slots=True)
class Picture:
    """No module: the kernel draws, and the front end shows what it is sent."""

    @property
    def origin(self) -> str:
        """There is no file."""
        return ""

    @property
    def default_name(self) -> str:
        """Return nothing: what draws it, or its title, says more."""
        return ""

    def describe(self) -> dict[str, Any]:
        """Return what clients get of it: not the picture, which they ask for in their size."""
        return {"kind": "picture", "error": ""}

    def find(self, relative: str) -> WebFile | None:
        """Return None: nothing is beside a picture."""
        return None

    def stamp(self) -> object:
        """Return nothing: nothing is watched."""
        return None


FrontEnd = ModuleText | ModuleFile | PageFolder | Picture | AppPage


def front_end_of(front_end: object) -> FrontEnd:
    """Return what `front_end` names.

    Parameters
    ----------
    front_end : str, Path or AppPage
        A path ends in ``.js`` or ``.mjs``; a `Path` may also be a folder
        that holds ``index.html``. Other text is the module itself.

    Raises
    ------
    ViewError
        If it is neither, the file does not exist, or the page cannot be shown.
    """
    if isinstance(front_end, AppPage):
        return front_end
    if isinstance(front_end, Path):
        path = front_end.expanduser()
        return _page_in(path) if path.is_dir() else _module_in(path)
    if not isinstance(front_end, str):
        raise ViewError(
            "show: expected a path or the text of an ES module (str or Path), "
            f"got {type(front_end).__name__}, which is no source of pictures either (a VTK "
            "render window, a pyvista plotter, a function or an object with `render` that returns "
            "an image)"
        )
    if _is_folder(front_end):
        # Text may be anything: a folder is asked for with a Path, or not meant.
        raise ViewError(
            "show: expected a path ending in .js, or the text of an ES module, got the "
            f"folder {front_end!r}: to show the page built in it, use show(Path({front_end!r}))"
        )
    if front_end.endswith(_SUFFIXES) and "\n" not in front_end:
        return _module_in(Path(front_end).expanduser())
    if re.search(r"\bexport\b", front_end) is None:
        raise ViewError(
            "show: expected a path ending in .js, or the text of an ES module that "
            f"exports render, got {front_end.strip()[:60]!r}"
        )
    return ModuleText(front_end)


def _module_in(path: Path) -> ModuleFile:
    if path.suffix not in _SUFFIXES:
        missing = "" if path.exists() else f", and found no such thing in {Path.cwd()}"
        raise ViewError(
            "show: expected a file ending in .js or .mjs, or a folder that holds "
            f"{_INDEX}, got {path.name!r}{missing}"
        )
    if not path.is_file():
        raise ViewError(
            f"show: expected an ES module in the file {str(path)!r}, "
            f"found no such file in {Path.cwd()}"
        )
    return ModuleFile(path.resolve())


def _page_in(path: Path) -> PageFolder:
    page = PageFolder(path.resolve())
    if not (page.folder / _INDEX).is_file():
        raise ViewError(
            f"show: expected a folder that holds {_INDEX}, got {str(path)!r} without one: "
            "build the page first, and show the folder that it is built into"
        )
    if error := page.error():
        raise ViewError(f"show: {error}")
    return page


def _is_folder(text: str) -> bool:
    try:
        return text != "" and "\n" not in text and Path(text).expanduser().is_dir()
    except (OSError, RuntimeError):  # too long for a path, or no such user's home
        return False


def _read(path: Path) -> tuple[str, str]:
    try:
        return path.read_text(encoding="utf-8"), ""
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return "", f"cannot read {path.name}: {reason}"


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def find_below(folder: Path, relative: str) -> Path | None:
    """Return the file `relative` in `folder`, or None.

    Parameters
    ----------
    folder : Path
        Resolved.
    relative : str
        With ``/``. Neither hidden parts, nor ``..``, nor links that lead out
        of the folder are followed.
    """
    parts = relative.split("/")
    if any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    path = folder.joinpath(*parts).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None
