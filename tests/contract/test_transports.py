import pytest
from contract.transport_contract import CHECKS
from support.asynchronous import async_test
from support.pairs import pairs_of

KINDS = ["inproc", "unix", "tcp", "client", "server"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@async_test
async def test_transport_keeps_the_contract(kind, check):
    async with pairs_of(kind) as pairs:
        await check(pairs.connect)
