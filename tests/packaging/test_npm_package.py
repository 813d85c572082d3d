"""What other extensions compile against: the npm package."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

LABEXTENSION = Path(__file__).parents[2] / "labextension"


def test_the_npm_package_has_code_types_and_settings() -> None:
    done = subprocess.run(
        ["npm", "pack", "--dry-run", "--json"],
        cwd=LABEXTENSION,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    (package,) = json.loads(done.stdout)
    names = {file["path"] for file in package["files"]}
    assert {"package.json", "lib/index.js", "lib/index.d.ts", "lib/tokens.d.ts"} <= names
    assert {"schema/settings.json", "style/index.js", "style/base.css"} <= names
    assert all(f"{name[:-3]}.d.ts" in names for name in names if re.match(r"lib/.*\.js$", name))
    assert not [name for name in names if "test" in name]
