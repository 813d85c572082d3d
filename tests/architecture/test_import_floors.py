from pathlib import Path

import pytest
from support.floors import FLOORS, violations

import wslink_jupyter

PACKAGE = Path(wslink_jupyter.__file__).parent


def test_imports_run_downward() -> None:
    assert list(violations(PACKAGE)) == []


def test_every_floor_exists() -> None:
    units = {path.name.removesuffix(".py") for path in PACKAGE.iterdir()}
    assert set(FLOORS) - units == set()


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("wire/x.py", "import wslink_jupyter.rpc.hub", "wire may not know rpc"),
        ("wire/x.py", "from ..rpc import hub", "wire may not know rpc"),
        ("wire/x.py", "from .. import rpc", "wire may not know rpc"),
        ("wire/x.py", "def f():\n    import time", "wire may not use it"),
        ("wire/x.py", "import numpy", "third party in wire"),
        ("wire/arrays.py", "import msgpack", "third party in wire"),
        ("wire/x.py", "import importlib\nimportlib.import_module('socket')", "may not use it"),
        ("wire/x.py", "def f(name):\n    return __import__(name)", "third party in wire"),
        ("errors.py", "from wslink_jupyter.limits import MIB", "errors may not know limits"),
        ("rpc/x.py", "def f():\n    from tornado import web", "third party in rpc"),
        ("rpc/x.py", "from wslink_jupyter.transport import base", "rpc may not know transport"),
        ("transport/x.py", "import tornado.websocket", "third party in transport"),
        ("server/x.py", "from wslink_jupyter.kernel.api import show", "server may not know kernel"),
        ("server/x.py", "import wslink_jupyter", "server may not know __init__"),
        ("server/x.py", "def f():\n    import ipykernel", "third party in server"),
        ("kernel/x.py", "import jupyter_server", "third party in kernel"),
        ("kernel/x.py", "from ..server import relay", "kernel may not know server"),
        ("views/x.py", "import IPython", "third party in views"),
        ("views/x.py", "from ..kernel import runtime", "views may not know kernel"),
        ("client/x.py", "from ..kernel import api", "client may not know kernel"),
        ("__init__.py", "from .server import extension", "only lazily"),
        ("__init__.py", "class A:\n    from .kernel import runtime", "only lazily"),
        ("__init__.py", "try:\n    import tornado\nexcept ImportError: ...", "third party"),
        ("fresh/x.py", "import os", "add it to FLOORS"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, path: str, source: str, fault: str) -> None:
    planted = tmp_path / "wslink_jupyter"
    for unit in ("wire", "rpc", "transport", "server", "kernel", "views"):
        (planted / unit).mkdir(parents=True)
    (planted / path).parent.mkdir(exist_ok=True)
    (planted / path).write_text(source)
    (sentence,) = violations(planted)
    assert sentence.startswith(f"{path}:")
    assert fault in sentence


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("wire/codec.py", "import msgpack"),
        ("__init__.py", "def f():\n    from wslink_jupyter.server.extension import load"),
        ("kernel/x.py", "from ..views.view import View"),
        ("errors.py", "from .codes import RpcCode"),
    ],
)
def test_what_is_allowed_is_not_reported(tmp_path: Path, path: str, source: str) -> None:
    planted = tmp_path / "wslink_jupyter" / path
    planted.parent.mkdir(parents=True)
    planted.write_text(source)
    assert list(violations(tmp_path / "wslink_jupyter")) == []
