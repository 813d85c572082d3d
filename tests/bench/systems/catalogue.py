"""Every system by name, in the order of the table."""

from __future__ import annotations

from bench.systems.base import System
from bench.systems.jupyter import (
    Comm,
    CommInSubshell,
    Ours,
    OursForStockClients,
    OursSwitching,
    Proxied,
)
from bench.systems.plain import Limit, StockWslink, UncompressedWslink

SYSTEMS: dict[str, type[System]] = {
    system.name: system
    for system in (
        Limit,
        UncompressedWslink,
        StockWslink,
        Proxied,
        Comm,
        CommInSubshell,
        Ours,
        OursForStockClients,
        OursSwitching,
    )
}
