import importlib
import sys

import pytest

from wslink_jupyter.stock.after_import import AfterImport


@pytest.fixture(name="module")
def importable(tmp_path, monkeypatch):
    (tmp_path / "changed_module.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield "changed_module"
    sys.modules.pop("changed_module", None)


def change(module):
    module.value += 1

    def undo():
        module.value -= 1

    return undo


def test_a_module_is_changed_when_it_is_imported_and_back(module):
    changes = AfterImport({module: change, "never_imported": change})
    changes.install()
    assert module not in sys.modules
    imported = importlib.import_module(module)
    assert imported.value == 2
    changes.remove()
    assert imported.value == 1
    assert changes not in sys.meta_path


def test_one_that_is_imported_is_changed_at_once(module):
    imported = importlib.import_module(module)
    changes = AfterImport({module: change})
    changes.install()
    assert imported.value == 2
    changes.remove()
    assert imported.value == 1


def test_a_module_that_is_not_there_is_still_not_found():
    changes = AfterImport({"never_imported": change})
    changes.install()
    try:
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("never_imported")
    finally:
        changes.remove()


def test_two_may_change_one_module(module):
    one, two = AfterImport({module: change}), AfterImport({module: change})
    one.install()
    two.install()
    imported = importlib.import_module(module)
    assert imported.value == 3
    one.remove()
    two.remove()
    assert imported.value == 1


@pytest.mark.parametrize("is_imported", [True, False])
def test_a_module_of_another_version_stays_as_it_is(module, is_imported, caplog):
    def change_what_is_not_there(module):
        return module.other

    if is_imported:
        importlib.import_module(module)
    changes = AfterImport({module: change_what_is_not_there})
    changes.install()
    assert importlib.import_module(module).value == 1
    changes.remove()
    assert "changed_module stays as it is: " in caplog.text
