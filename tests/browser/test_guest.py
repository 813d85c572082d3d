"""What we leave alone: other people's outputs, the page, and the network."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect
from support.lab import LabServer, Notebook

CELLS = [
    """
import ipywidgets as widgets
from IPython.display import HTML, SVG, display
slider = widgets.IntSlider(5, 0, 10, description="size")
label = widgets.Label("five")
slider.observe(lambda change: setattr(label, "value", f"now {change['new']}"), "value")
widgets.VBox([slider, label, widgets.Button(description="Go"), widgets.Tab([widgets.Text("a")])])
""",
    """
display(HTML("<table><tr><th>a</th><td>1</td></tr></table><p style='color: teal'>text</p>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'>"
            "<rect width='60' height='40' fill='orange'/></svg>"))
{"a": [1, 2, 3]}
""",
]

#: What scripts leave in a page. The builder's register of chunks is there for every extension.
PAGE_STATE = """() => ({
  globals: Object.keys(window).filter(name => !name.startsWith('rspackChunk')).sort(),
  body: document.body.className,
  dataset: { ...document.body.dataset },
})"""


@dataclass
class _Seen:
    """A notebook, as a page showed it."""

    outputs: list[Image.Image] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def bare_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """The same JupyterLab without us."""
    server = LabServer(tmp_path_factory.mktemp("bare"), has_extension=False)
    server.start()
    yield server
    server.stop()


def _write(lab: LabServer) -> str:
    cells = [nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab.root / "guest.ipynb")
    return "guest.ipynb"


def _look(lab: LabServer, page: Page) -> _Seen:
    """Run the notebook in a page, move its slider, and keep what there is to see."""
    seen = _Seen()
    page.on("request", lambda request: seen.urls.append(request.url))
    page.on("websocket", lambda socket: seen.urls.append(socket.url))
    notebook = Notebook(page, lab, _write(lab))
    notebook.open()
    for index in notebook.code_cells():
        notebook.run_cell(index)
    slider = page.get_by_role("slider")
    expect(slider).to_be_visible()
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("now 6")).to_be_visible()
    page.locator(".jp-Notebook-cell").last.click()
    for output in page.locator(".jp-OutputArea-output").all():
        picture = output.screenshot(animations="disabled", caret="hide")
        seen.outputs.append(Image.open(io.BytesIO(picture)).convert("RGB"))
        seen.texts.append(output.inner_text())
    seen.state = page.evaluate(PAGE_STATE)
    for model in lab.get("api/sessions"):
        lab.get(f"api/sessions/{model['id']}", method="DELETE")
    return seen


def test_other_outputs_are_the_same_with_and_without_us(
    lab: LabServer, bare_lab: LabServer, browser: Any, browser_context_args: dict[str, Any]
) -> None:
    seen = []
    for server in (bare_lab, lab):
        context = browser.new_context(**browser_context_args)
        seen.append(_look(server, context.new_page()))
        context.close()
    without, with_us = seen
    assert with_us.texts == without.texts
    assert len(with_us.outputs) >= 4
    for one, other in zip(with_us.outputs, without.outputs, strict=True):
        assert one.size == other.size
        assert ImageChops.difference(one, other).getbbox() is None
    assert with_us.state == without.state
    # It is there, and talks to nobody: this notebook did not ask for us.
    assert [url for url in with_us.urls if "/extensions/wslink-jupyter/" in url]
    assert not [url for url in with_us.urls if "/wslink-jupyter/kernels" in url]
    assert not [url for url in without.urls if "wslink" in url]


def test_nothing_is_asked_of_other_servers(
    lab: LabServer, page: Page, open_notebook: Any, directory: Path
) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("websocket", lambda socket: urls.append(socket.url))
    (directory / "view.js").write_text("export default { render({ el }) { el.append('here'); } };")
    notebook = open_notebook(
        ["%load_ext wslink_jupyter\nimport wslink_jupyter as wl\nwl.show('view.js')"]
    )
    notebook.run_cell(0)
    expect(notebook.panel).to_contain_text("here")
    ours = urlsplit(lab.origin).netloc
    others = {urlsplit(url).netloc for url in urls if urlsplit(url).scheme not in ("data", "blob")}
    assert others == {ours}
    assert [url for url in urls if "/wslink-jupyter/kernels" in url]
