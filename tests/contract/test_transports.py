import pytest
from contract.transport_contract import CHECKS
from support.asynchronous import async_test
from support.pairs import pairs_of

from wslink_jupyter.rpc.shared_memory import CAN_SHARE

KINDS = [
    "inproc",
    "unix",
    "tcp",
    "client",
    "server",
    "encrypted",
    *(["shared"] if CAN_SHARE else []),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@async_test
async def test_transport_keeps_the_contract(kind, check):
    async with pairs_of(kind) as pairs:
        await check(pairs.connect)
