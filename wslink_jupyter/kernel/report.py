"""Texts for people: what ``%wslink`` and ``%wslink doctor`` print."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from typing import Any

from wslink_jupyter.errors import LinkError
from wslink_jupyter.kernel.listener import ROUND_TRIP_S
from wslink_jupyter.kernel.runtime import Runtime
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.rpc.procedure import RESERVED
from wslink_jupyter.rpc.session_info import SessionInfo
from wslink_jupyter.transport.rendezvous import Rendezvous

_PACKAGES = ("wslink-jupyter", "jupyter_server", "ipykernel", "tornado", "msgpack", "numpy")


def status_text(runtime: Runtime) -> str:
    """Return procedures, views and sessions; takes as long as the slowest client, 0.5 s at most."""
    identity = runtime.identity
    lines = [f"wslink_jupyter {identity.version}, epoch {identity.epoch[:8]}"]
    lines.append("procedures:")
    for procedure in runtime.default.registry.procedures():
        if procedure.uri.startswith(f"{RESERVED}."):
            continue
        lines.append(f"  {procedure.signature_text()}  [run={procedure.run}]")
    lines.append("views:")
    for view in runtime.shelf.list():
        lines.append(f"  {view['name']}: {view['title']!r} ({view['where']})")
    runtime.measure_round_trips(ROUND_TRIP_S)
    infos = runtime.default.hub.infos()
    lines.append(f"sessions: {len(infos)}")
    for info in infos:
        lines += _session_lines(info)
    for endpoint in runtime.endpoints:
        if endpoint.name != runtime.endpoints.own_name:
            lines += _endpoint_lines(endpoint.describe())
    return "\n".join(lines)


def _endpoint_lines(described: dict[str, Any]) -> Iterator[str]:
    sessions = described["sessions"]
    yield f"{described['kind']} server {described['name']}: {len(sessions)} session(s)"
    for session in sessions:
        yield (
            f"  {session['id'][:9]} {session['user'] or '?'}: "
            f"{_size(session['sent_bytes'])} sent, {_size(session['received_bytes'])} received, "
            f"{_size(session['queued_bytes'])} queued"
        )


def _session_lines(info: SessionInfo) -> Iterator[str]:
    hears = "all topics" if info.subscriptions is None else f"{info.subscriptions} topics"
    round_trip = "" if info.rtt_s is None else f", round trip {info.rtt_s * 1000:.1f} ms"
    yield (
        f"  {info.id[:9]} {info.user or '?'} {info.client or 'stock client'}: "
        f"{info.calls} calls in flight, hears {hears}{round_trip}"
    )
    yield (
        f"    now {info.sent_messages_per_s:.0f} messages/s, {_size(info.sent_bytes_per_s)}/s; "
        f"{info.queued_messages} messages ({_size(info.queued_bytes)}) queued"
    )
    yield (
        f"    ever {info.sent_messages} messages ({_size(info.sent_bytes)}) sent, "
        f"{info.coalesced_messages} replaced by newer, {info.dropped_messages} dropped"
    )


def _size(size_bytes: float) -> str:
    if size_bytes < 10 * KIB:
        return f"{size_bytes:.0f} bytes"
    if size_bytes < 10 * MIB:
        return f"{size_bytes / KIB:.0f} KiB"
    return f"{size_bytes / MIB:.0f} MiB"


def doctor_text(runtime: Runtime) -> str:
    """Return what was checked and what to do about it."""
    return "\n".join(_checks(runtime))


def _checks(runtime: Runtime) -> Iterator[str]:
    yield f"kernel environment: {sys.prefix} (Python {sys.version.split()[0]})"
    for package in _PACKAGES:
        try:
            yield f"  {package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"  {package} not installed here"
    path = runtime.rendezvous_path
    try:
        found = Rendezvous.read(path)
    except LinkError as error:
        yield f"FAULT rendezvous: {error}; run %reload_ext wslink_jupyter"
        return
    if found.epoch != runtime.identity.epoch:
        yield (
            f"FAULT rendezvous: {path.name} belongs to another start of this kernel; "
            "run %reload_ext wslink_jupyter"
        )
        return
    yield f"ok    listening at {found.unix or f'127.0.0.1:{found.port}'}"
    sessions = [each for endpoint in runtime.endpoints for each in endpoint.describe()["sessions"]]
    if sessions:
        clients = ", ".join(sorted({each.get("client") or "stock client" for each in sessions}))
        yield f"ok    {len(sessions)} session(s) connected: {clients}"
        return
    yield (
        "note  no session is connected. If a panel stays empty, check the environment of the "
        "Jupyter *server*, which may be another than the kernel's: there run\n"
        f'        pip install "wslink-jupyter=={runtime.identity.version}"\n'
        "        jupyter server extension list   (wslink_jupyter: enabled, OK)\n"
        "        jupyter labextension list       (wslink-jupyter: enabled, OK)\n"
        "      restart the Jupyter server and reload the page."
    )
