from collections.abc import Iterator

import pytest
from support.asynchronous import open_sockets, own_threads

_JOIN_TIMEOUT_S = 5.0


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail an async test that leaves a thread or a socket; tasks fail it before."""
    if not getattr(getattr(request.node, "obj", None), "is_async_test", False):
        yield
        return
    before = open_sockets()
    assert own_threads() == []
    yield
    for thread in own_threads():
        thread.join(_JOIN_TIMEOUT_S)
    assert own_threads() == []
    assert open_sockets() - before == set()
