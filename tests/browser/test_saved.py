"""What saved notebooks show, and what they must not do."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from playwright.sync_api import Page, expect
from support.lab import LabServer

MIME_TYPE = "application/vnd.wslink-jupyter.view+json"


def saved_view(name: str, where: str) -> nbformat.NotebookNode:
    bundle = {
        "protocol": 1,
        "version": "0.1.0",
        "name": name,
        "title": name.title(),
        "where": where,
        "show_id": "0" * 32,
        "epoch": "1" * 32,
    }
    data = {MIME_TYPE: bundle, "text/plain": f"{name} (a live view)"}
    return nbformat.v4.new_output("display_data", data=data)


def write(lab: LabServer, name: str, outputs: list[nbformat.NotebookNode]) -> None:
    cell = nbformat.v4.new_code_cell("wl.show('x.js')", outputs=outputs, execution_count=1)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab.root / name)


def test_an_untrusted_notebook_does_nothing_before_a_click(lab: LabServer, page: Page) -> None:
    write(lab, "untrusted.ipynb", [saved_view("panel", "split-right"), saved_view("cell", "cell")])
    sockets: list[str] = []
    requests: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(lab.url(f"lab/tree/untrusted.ipynb?reset&token={lab.token}"))
    outputs = page.locator(".jp-WslinkOutput")
    expect(outputs).to_have_count(2)
    expect(outputs.get_by_role("button", name="Connect")).to_have_count(2)
    expect(outputs.first).to_contain_text("panel (a live view)")
    page.wait_for_function("window.jupyterapp !== undefined")
    page.evaluate(
        "async () => { await window.jupyterapp.restored;"
        " const { sessionContext } = window.jupyterapp.shell.currentWidget;"
        " await sessionContext.ready; await sessionContext.session.kernel.info; }"
    )
    expect(page.locator(".jp-WslinkPanel")).to_have_count(0)
    assert not [url for url in sockets + requests if "/wslink-jupyter/kernels" in url]
    # After a click it attaches, and says that this kernel shows no such view.
    outputs.nth(1).get_by_role("button", name="Connect").click()
    expect(outputs.nth(1).get_by_role("status").first).to_contain_text("%load_ext wslink_jupyter")
    assert [url for url in sockets if "/wslink-jupyter/kernels" in url]


def test_a_bundle_of_nonsense_is_a_sentence(lab: LabServer, page: Page) -> None:
    output = nbformat.v4.new_output(
        "display_data", data={MIME_TYPE: {"protocol": 99}, "text/plain": "old"}
    )
    write(lab, "nonsense.ipynb", [output])
    page.goto(lab.url(f"lab/tree/nonsense.ipynb?reset&token={lab.token}"))
    expect(page.locator(".jp-WslinkOutput")).to_contain_text("expected")
    expect(page.locator(".jp-WslinkOutput")).to_contain_text("old")


def test_the_client_for_any_page(lab: LabServer, page: Page, open_notebook: Any) -> None:
    notebook = open_notebook(
        [
            "%load_ext wslink_jupyter\nimport numpy as np, wslink_jupyter as wl\n"
            "wl.expose(lambda a: {'double': a * 2}, 'double')"
        ]
    )
    notebook.run_cell(0)
    model = next(m for m in lab.get("api/sessions") if m["path"] == notebook.name)
    answer = page.evaluate(
        """async ([base, kernelId]) => {
          const { connect, NdArray } = await import(`${base}wslink-jupyter/static/client.js`);
          const url = `${base.replace('http', 'ws')}wslink-jupyter/kernels/${kernelId}/default/ws`;
          const session = connect(url);
          try {
            const { double } = await session.api.double(new Float32Array([1, 2.5, -3]));
            const kind = double.data.constructor.name;
            return JSON.stringify([kind, double.shape, double.dtype, [...double.data],
              double instanceof NdArray]);
          } finally {
            session.close();
          }
        }""",
        [lab.url(), model["kernel"]["id"]],
    )
    assert json.loads(answer) == ["Float32Array", [3], "<f4", [2, 5, -6], True]
