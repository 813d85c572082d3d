import json
import re
from importlib.metadata import version
from pathlib import Path

import wslink_jupyter
from wslink_jupyter.rpc.endpoint import PROTOCOL

LABEXTENSION = Path(__file__).parents[2] / "labextension"


def typescript_constant(name: str) -> str:
    text = (LABEXTENSION / "src" / "wire" / "version.ts").read_text(encoding="utf-8")
    found = re.search(rf"^export const {name} = '?([^';]+)'?;", text, re.MULTILINE)
    assert found is not None
    return found[1]


def test_package_json_has_the_version_of_the_package() -> None:
    package = json.loads((LABEXTENSION / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == wslink_jupyter.__version__


def test_the_typescript_client_says_the_same_version_and_protocol() -> None:
    assert typescript_constant("VERSION") == wslink_jupyter.__version__
    assert typescript_constant("PROTOCOL") == str(PROTOCOL)


def test_the_installed_distribution_has_the_version_of_the_package() -> None:
    assert version("wslink-jupyter") == wslink_jupyter.__version__
