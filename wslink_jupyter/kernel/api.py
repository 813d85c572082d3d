"""The functions that a notebook calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.binding import check_free
from wslink_jupyter.rpc.procedure import Policy
from wslink_jupyter.rpc.session_info import SessionInfo
from wslink_jupyter.rpc.topics import Delivery, check_own_topic, check_settings
from wslink_jupyter.stock.recognition import is_server

if TYPE_CHECKING:
    from wslink_jupyter.kernel.runtime import Runtime
    from wslink_jupyter.views.view import View

T = TypeVar("T")


def _runtime() -> Runtime:
    # Imports IPython, which a Jupyter server does not need.
    from wslink_jupyter.kernel.extension import current_runtime

    return current_runtime()


@overload
def expose(
    target: str, *, run: Policy | None = None, only: Iterable[str] | None = None
) -> Callable[[T], T]: ...
@overload
def expose(
    target: T,
    name: str | None = None,
    *,
    run: Policy | None = None,
    only: Iterable[str] | None = None,
) -> T: ...
def expose(
    target: Any,
    name: str | None = None,
    *,
    run: Policy | None = None,
    only: Iterable[str] | None = None,
) -> Any:
    """Let clients call a function, a bound method or the methods of an object.

    Exposing under a name again replaces what had it, for connected clients,
    too. Nothing whose name starts with an underscore is ever exposed.

    Parameters
    ----------
    target : function, bound method, object or str
        Of an object: its public methods as ``name.method``; methods marked
        with `procedure` under their own names. Of a stock wslink
        ``LinkProtocol``: the methods that ``wslink.register`` named, under those
        names; it gets ``publish``, ``coreServer`` and the calls of ``onConnect``
        and ``onClose``. A whole server of stock wslink (a ``ServerProtocol``, or
        such a class) or of trame becomes an endpoint of its own,
        ``wslink-jupyter/kernels/ID/NAME/ws``, and runs as it is on the kernel's
        main thread; `run` and `only` say nothing there. A str makes a decorator:
        ``@expose("math.add", run="thread")``.
    name : str, optional
        By default the function's name, or the object's class name in
        snake_case.
    run : {"main", "thread", "loop"}, optional
        Where calls run. ``"main"``, the default, is the kernel's main thread,
        in order, after the running cell. ``"thread"`` is a pool of threads:
        answers while a cell runs, one call of the object at a time.
        ``"loop"`` is the link's own loop, for short ``async def``. A
        ``LinkProtocol`` takes ``"main"`` alone.
    only : iterable of str, optional
        The methods to expose, instead of all public ones.

    Returns
    -------
    object
        The target, unchanged; or a decorator.

    Raises
    ------
    RegistrationError
        If there is nothing to expose, or a name or policy is not valid.
    RuntimeNotLoaded
        If the extension is not loaded.

    Examples
    --------
    >>> membrane = wl.expose(Membrane(), "membrane")  # doctest: +SKIP
    """
    if isinstance(target, str):
        if name is not None:
            raise RegistrationError(
                f"expose: expected an object to expose as {name!r}, got the text {target!r:.40}"
            )
        return lambda function: expose(function, target, run=run, only=only)
    runtime = _runtime()
    if is_server(target):
        runtime.stock.serve(target, name)
        return target
    from wslink_jupyter.kernel.exposing import expose_on

    expose_on(runtime, target, name, run, only)
    return target


def unexpose(name: str) -> None:
    """Remove what `expose` bound under `name`.

    Raises
    ------
    RegistrationError
        If nothing has that name.
    RuntimeNotLoaded
        If the extension is not loaded.
    """
    runtime = _runtime()
    if not runtime.endpoints.drop(name):
        runtime.default.registry.unbind(check_free(name))


def publish(topic: str, value: object, *, to: str | SessionInfo | None = None) -> None:
    """Send a value to every client that listens, or to one. From any thread.

    The value is encoded before this returns, so it may change afterwards;
    the network is not waited for. See `topic` for how it is delivered.

    Parameters
    ----------
    topic : str
        Dotted words of ASCII letters, digits and ``_``.
    value : object
        Numbers, text, bytes, lists, dicts, aware datetimes and numpy arrays,
        nested as you like.
    to : str or SessionInfo, optional
        The one session to send it to; see `sessions`.

    Raises
    ------
    NotSerializable
        If the value cannot be encoded; names the path within it.
    RegistrationError
        If the topic is not valid.
    """
    check_own_topic(topic)
    client_id = to.id if isinstance(to, SessionInfo) else to
    if client_id is not None and not isinstance(client_id, str):
        raise RegistrationError(
            f"publish: expected a session or its id as `to`, got {type(client_id).__name__}"
        )
    _runtime().default.hub.publish(topic, value, client_id)


def topic(uri: str, *, delivery: Delivery = "reliable", retain: bool = False) -> None:
    """Say how the values of a topic are delivered from now on.

    Parameters
    ----------
    uri : str
        Dotted words of ASCII letters, digits and ``_``.
    delivery : {"reliable", "latest"}
        ``"reliable"``: every value, in order. ``"latest"``: a client that is
        too slow for all of them gets the newest; for pictures and states.
    retain : bool
        Whether who subscribes later is sent the last value.

    Raises
    ------
    RegistrationError
        If the topic or the delivery is not valid.
    RuntimeNotLoaded
        If the extension is not loaded.
    """
    _runtime().default.hub.configure(*check_settings(uri, delivery, retain))


def progress(iterable: Iterable[T], *, title: str = "", total: int | None = None) -> Iterator[T]:
    """Show the progress of a loop, and answer calls while it runs.

    Between two items, the calls of ``run="main"`` procedures that wait for
    the cell are answered, but for ``async def`` ones, which wait for its end.
    Clients hear of the progress on the topic ``jupyter.progress``.

    Parameters
    ----------
    iterable : iterable
    title : str, optional
    total : int, optional
        Number of items; by default ``len(iterable)`` where there is one.

    Yields
    ------
    object
        The items.

    Raises
    ------
    KeyboardInterrupt
        If the kernel is interrupted: a call that is answered ends, and the cell.

    Examples
    --------
    >>> for step in wl.progress(range(1000), title="solving"):  # doctest: +SKIP
    ...     membrane.step()
    """
    # Imports IPython, which a Jupyter server does not need.
    from wslink_jupyter.kernel.progress import serve_during

    return serve_during(_runtime(), iterable, title, total)


def sessions() -> list[SessionInfo]:
    """Return who is connected, with counters."""
    return _runtime().default.hub.infos()


def show(
    front_end: object,
    *,
    title: str | None = None,
    where: str = "split-right",
    name: str | None = None,
    run: Literal["main", "thread"] | None = None,
) -> View:
    """Show a module, a page, an application or a picture, in a panel or the cell.

    Parameters
    ----------
    front_end : str, Path, a trame server or layout, or a source of pictures
        A file (``.js`` or ``.mjs``, reloaded when it is saved) or the text of
        the module. Its default export has ``render({session, api, el, signal,
        view})``. Or a `Path` of the folder that a web page was built into
        (``vite build --base=./``), which holds its ``index.html``; the page is
        loaded again after the next build. A stock wslink client in it connects by
        itself: through ``window.WSLINK`` and ``?wsProxy``, or to ``ws`` beside
        the page.
        Or a server, a layout or an application of trame, as they are: the
        server runs in this kernel, and is started unless it runs already.
        Or a VTK render window, a pyvista plotter, a function ``f()`` or
        ``f(width_px, height_px)``, or an object with such a ``render`` and
        perhaps ``handle_event(event)``. They return a numpy array of uint8,
        a PIL image, or the bytes of a JPEG or PNG file. The panel's mouse and
        keys go to the window's interactor, or to ``handle_event``.
    title : str, optional
        Of the panel; the name by default.
    where : {"split-right", "split-bottom", "tab-after", "cell"}
        Relative to the notebook.
    name : str, optional
        Showing the same name again focuses and updates the panel. By default
        the file's name without its ending, the folder's (of ``dist``, ``build``
        and ``public`` the parent's), of trame the server's, or the title.
    run : {"main", "thread"}, optional
        Where a picture is drawn. ``"main"``, the default, is the kernel's
        main thread, between cells. ``"thread"`` is a pool of threads, if the
        source can be drawn there: pictures follow while a cell runs.

    Returns
    -------
    View
        Its ``update()`` draws a picture again. A VTK window is also drawn
        again whenever its ``Render`` is called.

    Raises
    ------
    ViewError
        If the file does not exist, the page could not find its own files, the
        text, place or name is not valid, or the function returns no picture.
    RegistrationError
        If a trame server runs elsewhere.

    Examples
    --------
    >>> view = wl.show(lambda w, h: np.full((h, w, 3), 128, "u1"))  # doctest: +SKIP
    """
    from wslink_jupyter.stock.trame_page import page_of
    from wslink_jupyter.views.view import show_view

    runtime = _runtime()
    page = page_of(front_end, lambda server: runtime.stock.serve(server))
    shown = front_end if page is None else page
    return show_view(
        runtime.shelf, runtime.gallery, runtime.identity, shown, title, where, name, run
    )
