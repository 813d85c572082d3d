import inspect

import pytest

import wslink_jupyter

NAMES = sorted(set(wslink_jupyter.__all__) - {"__version__"})


def test_all_is_sorted_and_complete() -> None:
    assert wslink_jupyter.__all__ == sorted(wslink_jupyter.__all__)
    assert len(set(wslink_jupyter.__all__)) == len(wslink_jupyter.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_every_exported_name_exists_and_is_documented(name: str) -> None:
    value = getattr(wslink_jupyter, name)
    doc = inspect.getdoc(value)
    assert doc
    assert doc.splitlines()[0].endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_of_an_exported_function_is_documented(name: str) -> None:
    value = getattr(wslink_jupyter, name)
    if inspect.isclass(value):
        return
    doc = inspect.getdoc(value) or ""
    for parameter in inspect.signature(value).parameters:
        assert f"{parameter} :" in doc or f"`{parameter}`" in doc


@pytest.mark.parametrize(
    "hook",
    [
        "load_ipython_extension",
        "unload_ipython_extension",
        "_jupyter_labextension_paths",
        "_jupyter_server_extension_points",
        "_load_jupyter_server_extension",
    ],
)
def test_jupyter_finds_its_hooks(hook: str) -> None:
    assert callable(getattr(wslink_jupyter, hook))
