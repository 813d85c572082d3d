import asyncio

import pytest
from support.asynchronous import async_test, until

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.transport.endpoint_table import EndpointTable


class Endpoint:
    """An endpoint that notes how it was closed."""

    def __init__(self, name):
        self.name = name
        self.closed = []

    async def close(self, code, reason):
        self.closed.append((code, reason))


def table():
    return EndpointTable(Endpoint("default"), asyncio.get_running_loop())


@async_test
async def test_endpoints_come_from_any_thread_and_go():
    endpoints, chat, changes = table(), Endpoint("chat"), []
    endpoints.changed = lambda: changes.append([each.name for each in endpoints])
    await asyncio.to_thread(endpoints.add, chat)
    assert endpoints.find("chat") is chat
    await until(lambda: changes == [["default", "chat"]])
    await asyncio.to_thread(endpoints.remove, chat, "enough")
    assert endpoints.find("chat") is None
    await until(lambda: chat.closed == [(1001, "enough")])
    await until(lambda: changes == [["default", "chat"], ["default"]])


@async_test
async def test_a_new_one_of_the_same_name_replaces_the_old():
    endpoints, old, new = table(), Endpoint("chat"), Endpoint("chat")
    endpoints.add(old)
    endpoints.add(new)
    await until(lambda: old.closed == [(1001, "chat was replaced by a new one")])
    endpoints.remove(old, "its own end")  # is not the new one's
    assert endpoints.find("chat") is new
    assert new.closed == []


@async_test
async def test_the_kernels_own_stays():
    endpoints = table()
    with pytest.raises(RegistrationError, match="which is the kernel's own"):
        endpoints.add(Endpoint("default"))
    assert not endpoints.drop("default")
    assert not endpoints.drop("absent")
    chat = Endpoint("chat")
    endpoints.add(chat)
    assert endpoints.drop("chat")
    await until(lambda: chat.closed == [(1001, "chat was removed")])


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "-a", "ä", "x" * 101, None, 5])
@async_test
async def test_names_that_are_no_part_of_a_url_are_refused(name):
    with pytest.raises(RegistrationError, match="expected a name of ASCII letters"):
        table().add(Endpoint(name))
