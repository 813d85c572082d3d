"""The README's smallest example works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

README = Path(__file__).parents[2] / "README.md"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_smallest_example(open_notebook: Any, directory: Path) -> None:
    (directory / "counter.js").write_text(block("js"))
    notebook = open_notebook([block("python")])
    notebook.run_cell(0)
    button = notebook.panel.get_by_role("button")
    expect(button).to_have_text("0")
    button.click()
    expect(button).to_have_text("1")
    button.click()
    expect(button).to_have_text("2")
    assert notebook.evaluate("counter.value") == 2
