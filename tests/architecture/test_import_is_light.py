import json
import subprocess
import sys

import pytest

HEAVY = {"tornado", "jupyter_server", "IPython", "ipykernel", "numpy", "traitlets"}


def loaded_by(statement: str) -> set[str]:
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return set(json.loads(run.stdout))


@pytest.mark.parametrize(
    ("statement", "may_load"),
    [
        ("import wslink_jupyter", set()),
        ("import wslink_jupyter.wire.connection", set()),
        ("import wslink_jupyter.transport.pump", set()),
        ("import wslink_jupyter.client", {"tornado"}),
        ("import wslink_jupyter.protocols", set()),
        ("import wslink_jupyter.websocket", {"tornado"}),
        ("import wslink_jupyter.cli.main", set()),
    ],
)
def test_import_loads_nothing_heavy(statement: str, may_load: set[str]) -> None:
    assert loaded_by(statement) & HEAVY == may_load


def test_loading_imports_no_stock_software() -> None:
    statement = "import wslink_jupyter.kernel.extension"
    stock = {"wslink", "trame", "trame_server", "trame_client", "vtkmodules", "pyvista", "aiohttp"}
    assert loaded_by(statement) & stock == set()


def test_the_check_sees_what_is_loaded() -> None:
    assert "tornado" in loaded_by("import tornado")


def test_the_wire_has_no_loop_and_no_thread_of_its_own() -> None:
    # The package's __init__ brings asyncio; the wire's modules alone do not.
    script = (
        "import sys, types; from pathlib import Path; import importlib.util\n"
        "place = importlib.util.find_spec('wslink_jupyter').submodule_search_locations\n"
        "package = types.ModuleType('wslink_jupyter'); package.__path__ = place\n"
        "sys.modules['wslink_jupyter'] = package\n"
        "import wslink_jupyter.wire.connection"
    )
    assert loaded_by(script) & {"asyncio", "socket", "ssl", "logging"} == set()
