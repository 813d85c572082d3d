import asyncio
import sys

import pytest
from support.asynchronous import turns
from support.virtual_time import virtual_time

from wslink_jupyter.kernel.switch_interval import SwitchInterval

PYTHONS, SHORT, OTHER = 0.005, 0.0005, 0.002


@pytest.fixture(autouse=True)
def as_python_has_it():
    """Begin with Python's own interval, and leave it."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(PYTHONS)
    yield
    sys.setswitchinterval(before_s)


def now_s():
    return sys.getswitchinterval()


def is_about(seconds):
    return now_s() == pytest.approx(seconds)


@virtual_time
async def test_it_is_shortened_when_a_call_comes_and_restored_a_second_later():
    setting = SwitchInterval(SHORT)
    assert is_about(PYTHONS)
    setting.call_came()
    assert is_about(SHORT)
    await asyncio.sleep(0.99)
    assert is_about(SHORT)
    await asyncio.sleep(0.02)
    assert is_about(PYTHONS)


@virtual_time
async def test_it_stays_short_while_calls_come():
    setting = SwitchInterval(SHORT)
    for _ in range(50):
        setting.call_came()
        assert is_about(SHORT)
        await asyncio.sleep(0.3)
    await asyncio.sleep(0.69)
    assert is_about(SHORT)
    await asyncio.sleep(0.02)
    assert is_about(PYTHONS)


@virtual_time
async def test_it_is_shortened_again_by_the_next_call():
    setting = SwitchInterval(SHORT)
    for _ in range(3):
        setting.call_came()
        assert is_about(SHORT)
        await asyncio.sleep(2)
        assert is_about(PYTHONS)


@virtual_time
async def test_without_a_setting_nothing_is_touched():
    setting = SwitchInterval(0.0)
    setting.call_came()
    assert is_about(PYTHONS)
    await asyncio.sleep(2)
    setting.restore()
    assert is_about(PYTHONS)


@virtual_time
async def test_a_shorter_one_of_the_users_is_kept():
    sys.setswitchinterval(SHORT / 10)
    setting = SwitchInterval(SHORT)
    setting.call_came()
    assert is_about(SHORT / 10)
    await asyncio.sleep(2)
    assert is_about(SHORT / 10)


@pytest.mark.parametrize("other", [OTHER, SHORT * 1.5, SHORT / 2, PYTHONS])
@virtual_time
async def test_what_somebody_else_has_set_meanwhile_is_not_undone(other):
    setting = SwitchInterval(SHORT)
    setting.call_came()
    sys.setswitchinterval(other)
    await asyncio.sleep(2)
    assert is_about(other)
    setting.restore()
    assert is_about(other)


@virtual_time
async def test_what_somebody_else_has_set_is_what_comes_back_after_the_next_calls():
    setting = SwitchInterval(SHORT)
    setting.call_came()
    sys.setswitchinterval(OTHER)
    await asyncio.sleep(2)
    setting.call_came()
    assert is_about(SHORT)
    await asyncio.sleep(2)
    assert is_about(OTHER)


@virtual_time
async def test_at_the_end_it_is_restored_at_once_and_once():
    setting = SwitchInterval(SHORT)
    setting.call_came()
    setting.restore()
    assert is_about(PYTHONS)
    sys.setswitchinterval(OTHER)
    setting.restore()
    await asyncio.sleep(2)
    assert is_about(OTHER)


@virtual_time
async def test_a_setting_that_is_switched_off_while_calls_come_is_restored():
    setting = SwitchInterval(SHORT)
    setting.call_came()
    setting.interval_s = 0.0
    for _ in range(10):
        setting.call_came()
        await asyncio.sleep(0.2)
    assert is_about(PYTHONS)
    setting.interval_s = SHORT
    setting.call_came()
    assert is_about(SHORT)
    setting.restore()


@virtual_time
async def test_restoring_in_between_leaves_no_timer_that_cuts_the_next_series_short():
    setting = SwitchInterval(SHORT)
    setting.call_came()
    await asyncio.sleep(0.5)
    setting.restore()
    setting.call_came()
    await asyncio.sleep(0.9)
    await turns(2)
    assert is_about(SHORT)
    await asyncio.sleep(1)
    assert is_about(PYTHONS)
