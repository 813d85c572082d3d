import pytest
from traitlets import TraitError
from traitlets.config import Config

from wslink_jupyter.kernel.config import WslinkKernel
from wslink_jupyter.limits import KERNEL_LIMITS


def test_the_defaults_are_the_limits_of_a_kernel():
    assert WslinkKernel().limits() == KERNEL_LIMITS
    assert WslinkKernel().send_tracebacks is False
    assert WslinkKernel().slow_timeout_s == 30.0


def test_settings_become_limits():
    config = Config({"WslinkKernel": {"max_message_bytes": 1000, "max_queued_bytes": 2000}})
    limits = WslinkKernel(config=config).limits()
    assert (limits.max_message_bytes, limits.max_pending_bytes) == (1000, 1000)
    assert limits.max_queued_bytes == 2000


@pytest.mark.parametrize("threads", [0, -1, 1.5, "many"])
def test_a_pool_without_threads_is_refused(threads):
    with pytest.raises(TraitError):
        WslinkKernel(worker_threads=threads)


def test_every_number_says_its_unit():
    for name, trait in WslinkKernel.class_own_traits().items():
        assert trait.metadata.get("config")
        if name.endswith(("_s", "_bytes", "_threads")):
            assert trait.help.startswith("(")
