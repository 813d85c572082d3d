"""What is bound of objects whose methods wslink.register has named."""

import subprocess
import sys
from functools import partial

import pytest
from wslink import register
from wslink.websocket import LinkProtocol

from wslink_jupyter import procedure
from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.stock.link_protocol import collect_link_protocol, is_link_protocol


class Base(LinkProtocol):
    @register("base.kept")
    def kept(self):
        return "kept"

    @register("base.replaced")
    def replaced(self):
        return "old"

    @register("base.hidden")
    def hidden(self):
        return "hidden"


class Protocol(Base):
    value = 1

    @property
    def broken(self):
        raise RuntimeError("nobody asks")

    @staticmethod
    @register("one.static")
    def static(a):
        return a

    @register("one.outer")
    @register("one.inner")
    def two_names(self, a, b=2):
        return [self.value, a, b]

    @register("base.replaced")
    def replaced(self):
        return "new"

    def hidden(self):
        """Is not registered, so stock wslink does not see that of the base, either."""

    @register("one.private")
    def _private(self):
        return "by its name"

    @register("one.waits")
    async def waits(self):
        return "waited"

    @procedure("one.thread", run="thread")
    def in_thread(self):
        return "thread"

    def not_registered(self):
        return "never"


def collected(target, run=None, only=None):
    return {each.uri: each for each in collect_link_protocol(target, run, only)}


def test_every_registered_name_is_bound_and_nothing_else():
    protocol = Protocol()
    procedures = collected(protocol)
    assert sorted(procedures) == [
        "base.kept",
        "base.replaced",
        "one.inner",
        "one.outer",
        "one.private",
        "one.static",
        "one.thread",
        "one.waits",
    ]
    assert procedures["one.outer"].find()(5) == procedures["one.inner"].find()(5) == [1, 5, 2]
    assert procedures["base.replaced"].find()() == "new"
    assert procedures["one.private"].find()() == "by its name"
    assert procedures["one.static"].find()(3) == 3
    assert procedures["one.outer"].signature_text() == "one.outer(a, b=2)"
    assert {each.owner for each in procedures.values()} == {protocol}


def test_they_run_on_the_main_thread_but_for_what_is_marked():
    for run in (None, "main"):
        procedures = collected(Protocol(), run=run)
        assert {each.run for uri, each in procedures.items() if uri != "one.thread"} == {"main"}
        assert procedures["one.thread"].run == "thread"


@pytest.mark.parametrize("run", ["thread", "loop"])
def test_another_thread_is_refused_with_the_remedy(run):
    sentence = rf"expected run='main' for Protocol, got '{run}'.* lost.*procedure\(.*'{run}'\)"
    with pytest.raises(RegistrationError, match=sentence):
        collected(Protocol(), run=run)


def test_a_mark_says_where_what_wslink_named_runs():
    class Slow(LinkProtocol):
        @register("slow.work")
        @procedure("slow.work", run="thread")
        def work(self):
            pass

    [work] = collect_link_protocol(Slow())
    assert (work.uri, work.run) == ("slow.work", "thread")


def test_some_methods_only():
    procedures = collected(Protocol(), only=["kept", "two_names"])
    assert sorted(procedures) == ["base.kept", "one.inner", "one.outer"]
    assert list(collected(Protocol(), only="waits")) == ["one.waits"]
    with pytest.raises(
        RegistrationError, match=r"registered methods of Protocol \(.*got 'nothing'"
    ):
        collected(Protocol(), only=["kept", "nothing"])


def test_the_reserved_names_stay_ours():
    class Thief(LinkProtocol):
        @register("jupyter.views.list")
        def take(self):
            pass

    with pytest.raises(RegistrationError, match="'jupyter' is reserved"):
        collected(Thief())


def test_what_is_a_protocol():
    class Plain:
        @register("plain.call")
        def call(self):
            pass

    class Silent(LinkProtocol):
        """Publishes, and has nothing to call."""

    for target in (Protocol(), Plain(), Silent()):
        assert is_link_protocol(target)
    assert collected(Silent()) == {}
    for target in (Protocol, Plain().call, partial(print), sys, 1, "text", object()):
        assert not is_link_protocol(target)


def test_wslink_is_imported_by_who_uses_it_alone():
    code = """
import sys
from wslink_jupyter.stock.link_protocol import is_link_protocol
import wslink_jupyter.stock.protocols
assert not is_link_protocol(object())
assert not {"wslink", "vtkmodules", "trame"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
