"""What the routes share, and what is of one kernel alone."""

from types import SimpleNamespace

from wslink_jupyter.server.config import WslinkServer
from wslink_jupyter.server.state import ServerState


class Kernels(dict):
    """Kernels by id, as Jupyter's manager has them."""

    get_kernel = dict.__getitem__


def test_a_kernel_keeps_its_link_and_shares_its_memory_with_no_other():
    kernel = SimpleNamespace(connection_file="", session=SimpleNamespace(key=b""))
    kernels = Kernels(one=kernel, other=kernel)
    state = ServerState(kernels, WslinkServer())
    one, other = state.link("one"), state.link("other")
    assert state.link("one") is one
    assert one.pool is not other.pool
    part = one.pool.take(100_000)
    assert one.pool.memory.offset_of(part) == 0
    assert other.pool.memory.offset_of(part) is None
    del kernels["one"]
    state.forget_ended_kernels()
    kernels["one"] = kernel
    assert state.link("one").pool is not one.pool
