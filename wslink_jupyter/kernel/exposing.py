"""From what a notebook exposes to the kind of binding that suits it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wslink_jupyter.kernel.runtime import Runtime
from wslink_jupyter.rpc.binding import collect
from wslink_jupyter.rpc.procedure import Policy, Procedure
from wslink_jupyter.stock.link_protocol import is_link_protocol


def expose_on(
    runtime: Runtime,
    target: Any,
    name: str | None,
    run: Policy | None = None,
    only: Iterable[str] | None = None,
) -> list[Procedure]:
    """Bind `target` on the default endpoint; return its procedures.

    Raises
    ------
    RegistrationError
        See `wslink_jupyter.rpc.binding.collect` and
        `wslink_jupyter.stock.protocols.StockProtocols.expose`.
    """
    if is_link_protocol(target):
        return runtime.protocols.expose(target, name, run, only)
    binding, procedures = collect(target, name, run, only)
    runtime.default.registry.bind(binding, procedures)
    return procedures
