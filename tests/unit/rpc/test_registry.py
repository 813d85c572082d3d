from contextvars import copy_context

import pytest

from wslink_jupyter.errors import MethodNotFound, RegistrationError
from wslink_jupyter.rpc.procedure import Procedure
from wslink_jupyter.rpc.registry import Registry


def made(uri, value=None):
    return Procedure(uri, lambda: lambda: value, "main", copy_context())


@pytest.fixture
def changes():
    return []


@pytest.fixture
def registry(changes):
    return Registry(changes.append)


def test_a_bound_procedure_is_found_and_told(registry, changes):
    procedure = made("a.b")
    registry.bind("a", [procedure])
    assert registry.get("a.b") is procedure
    assert registry.bindings() == {"a": (procedure,)}
    assert changes == [["a.b"]]


def test_an_unknown_name_is_told_in_the_words_of_stock_software(registry):
    with pytest.raises(MethodNotFound, match=r"^Unregistered method called: ") as raised:
        registry.get("no.such")
    assert raised.value.data == "no.such"
    assert raised.value.code == -32601


def test_binding_again_replaces_everything_at_once(registry, changes):
    registry.bind("a", [made("a.old"), made("a.both", 1)])
    fresh = [made("a.both", 2), made("a.new")]
    registry.bind("a", fresh)
    assert registry.procedures() == fresh
    assert changes[-1] == ["a.both", "a.new", "a.old"]


def test_a_call_finds_the_old_or_the_new_procedure_never_none():
    seen = []
    registry = Registry(lambda names: seen.append(registry.get("a.b").find()()))
    registry.bind("a", [made("a.b", 1)])
    registry.bind("a", [made("a.b", 2)])
    assert seen == [1, 2]


def test_a_name_that_two_bindings_have_goes_to_the_newest(registry):
    old, new = made("shared"), made("shared")
    registry.bind("one", [old])
    registry.bind("two", [new])
    assert registry.get("shared") is new
    registry.unbind("one")
    assert registry.get("shared") is new
    registry.unbind("two")
    assert registry.procedures() == []


def test_unbinding_removes_and_tells(registry, changes):
    registry.bind("a", [made("a.x"), made("a.y")])
    registry.bind("b", [made("b")])
    registry.unbind("a")
    assert [procedure.uri for procedure in registry.procedures()] == ["b"]
    assert changes[-1] == ["a.x", "a.y"]


@pytest.mark.parametrize(("bound", "known"), [(["b", "a"], "a, b"), ([], "nothing")])
def test_unbinding_what_is_not_bound_names_what_is(registry, changes, bound, known):
    for name in bound:
        registry.bind(name, [made(name)])
    told = len(changes)
    with pytest.raises(RegistrationError, match=f"unexpose: expected one of {known}, got 'c'"):
        registry.unbind("c")
    assert len(changes) == told


def test_procedures_are_sorted_by_name(registry):
    for uri in ("c", "a", "b"):
        registry.bind(uri, [made(uri)])
    assert [procedure.uri for procedure in registry.procedures()] == ["a", "b", "c"]


def test_what_gives_way_does_so_whenever_it_is_bound(registry):
    for name, gives_way in [("user", False), ("ours", True), ("later", False), ("ours", True)]:
        registry.bind(name, [made("a", name)], gives_way=gives_way)
        assert registry.get("a").find()() != "ours"
    registry.unbind("later")
    assert registry.get("a").find()() == "user"
    registry.unbind("user")
    assert registry.get("a").find()() == "ours"


def test_a_mistyped_name_gets_a_suggestion(registry):
    registry.bind("wave", [made("wave.set_phase")])
    with pytest.raises(MethodNotFound, match=r"'wave\.set_phse'; did you mean 'wave\.set_phase'\?"):
        registry.get("wave.set_phse")
    with pytest.raises(MethodNotFound, match=r"'other'; run the cell that exposes it"):
        registry.get("other")


def test_what_one_object_exposes_takes_turns_under_whatever_names(registry):
    class Thing:
        pass

    def of(owner, uri):
        return Procedure(uri, lambda: None, "thread", copy_context(), owner)

    thing, other = Thing(), Thing()
    registry.bind("a", [of(thing, "a.one"), of(thing, "a.two")])
    registry.bind("b", [of(thing, "b.one"), of(other, "b.two")])
    turn = registry.get("a.one").turn
    registry.bind("a", [of(thing, "a.one")])
    assert registry.get("a.one").turn is registry.get("b.one").turn is turn
    assert registry.get("b.two").turn is not turn


def test_who_was_replaced_or_removed_is_told_once():
    registry, told = Registry(), []
    registry.bind("a", [made("a.b", 1)], on_unbound=lambda: told.append("first"))
    assert told == []
    registry.bind(
        "a", [made("a.b", 2)], on_unbound=lambda: told.append(registry.procedures() or "second")
    )
    assert told == ["first"]
    registry.unbind("a")
    assert told == ["first", "second"]
    registry.bind("a", [made("a.b", 3)])
    registry.unbind("a")
    assert told == ["first", "second"]
