import functools
import math
from contextvars import ContextVar

import pytest

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.binding import collect
from wslink_jupyter.rpc.procedure import procedure


class Base:
    def inherited(self):
        return "inherited"

    def hidden(self):
        return "hidden"

    def _private(self):
        return "private"


class MembraneView(Base):
    attribute = "no procedure"
    hidden = None
    evaluated = False

    def poke(self, x: float) -> str:
        """Push it."""
        return f"poked {x}"

    async def later(self):
        return "later"

    @staticmethod
    def static(x):
        return x

    @classmethod
    def of_class(cls):
        return cls.__name__

    @property
    def state(self):
        type(self).evaluated = True
        return "state"

    @procedure("other.name", run="thread")
    def marked(self):
        return "marked"

    def __call__(self):
        return "called"

    def __secret(self):
        return "secret"

    def _repr_html_(self):
        return ""


def bound(target, name=None, run=None, only=None):
    """Return the name of the binding, and its procedures by URI."""
    prefix, procedures = collect(target, name, run, only)
    return prefix, {procedure.uri: procedure for procedure in procedures}


def test_public_methods_are_bound_under_the_class_name_in_snake_case():
    prefix, procedures = bound(MembraneView())
    assert prefix == "membrane_view"
    assert set(procedures) == {
        "membrane_view.poke",
        "membrane_view.later",
        "membrane_view.static",
        "membrane_view.of_class",
        "membrane_view.inherited",
        "other.name",
    }


def test_no_property_is_evaluated():
    bound(MembraneView())
    assert MembraneView.evaluated is False


def test_every_bound_procedure_can_be_called():
    _, procedures = bound(MembraneView(), "m")
    assert procedures["m.poke"].find()(3) == "poked 3"
    assert procedures["m.static"].find()(4) == 4
    assert procedures["m.of_class"].find()() == "MembraneView"
    assert procedures["m.inherited"].find()() == "inherited"
    assert procedures["other.name"].find()() == "marked"


def test_methods_are_looked_up_when_called():
    membrane = MembraneView()
    _, procedures = bound(membrane, "m")
    membrane.poke = lambda x: "patched"
    assert procedures["m.poke"].find()(1) == "patched"


def test_marks_give_name_and_policy_and_run_overrides_the_policy():
    _, procedures = bound(MembraneView())
    assert procedures["other.name"].run == "thread"
    assert procedures["membrane_view.poke"].run == "main"
    _, procedures = bound(MembraneView(), run="loop")
    assert {each.run for each in procedures.values()} == {"loop"}


@pytest.mark.parametrize("kind", [staticmethod, classmethod])
def test_a_mark_on_top_of_another_decorator_counts(kind):
    class Marked:
        @procedure("a.b", run="loop")
        @kind
        def method(*_):
            return 1

    assert list(bound(Marked())[1]) == ["a.b"]


def test_only_names_the_methods():
    assert list(bound(MembraneView(), "m", only=["poke"])[1]) == ["m.poke"]
    assert list(bound(MembraneView(), "m", only="later")[1]) == ["m.later"]


@pytest.mark.parametrize("only", [["_private"], ["hidden"], ["state"], ["__call__"], ["nothing"]])
def test_only_cannot_name_what_is_not_public(only):
    expected = (
        rf"expected `only` to name public methods of MembraneView \(poke, .*\), got '{only[0]}'"
    )
    with pytest.raises(RegistrationError, match=expected):
        bound(MembraneView(), only=only)


def test_procedures_of_one_object_have_it_as_their_owner():
    membrane = MembraneView()
    _, procedures = bound(membrane, "a")
    assert procedures["a.poke"].owner is procedures["a.later"].owner is membrane
    _, poke = bound(membrane.poke, "poke")
    assert poke["poke"].owner is membrane


def test_a_private_method_that_is_marked_is_refused():
    class Marked:
        @procedure("a.b")
        def _hidden(self):
            pass

    with pytest.raises(RegistrationError, match=r"expected a public name .* got '_hidden'"):
        bound(Marked())


def test_the_context_is_that_of_the_place_that_exposed():
    variable: ContextVar[str] = ContextVar("variable", default="elsewhere")
    token = variable.set("here")
    _, procedures = bound(MembraneView(), "m")
    variable.reset(token)
    assert procedures["m.poke"].context[variable] == "here"


def add(a: int, b: int = 0) -> int:
    """Add."""
    return a + b


@procedure("math.add", run="thread")
def marked_add(a, b):
    return a + b


@pytest.mark.parametrize(
    ("target", "name", "uri"),
    [
        (add, None, "add"),
        (add, "math.add", "math.add"),
        (marked_add, None, "math.add"),
        (marked_add, "mine", "mine"),
        (MembraneView().poke, None, "poke"),
        (MembraneView().marked, None, "other.name"),
        (MembraneView.static, "s", "s"),
        (functools.partial(add, 1), "increment", "increment"),
        (math.sqrt, None, "sqrt"),
        (lambda: 1, "one", "one"),
    ],
)
def test_a_callable_is_bound_under_one_name(target, name, uri):
    binding, procedures = bound(target, name)
    assert binding == uri
    assert list(procedures) == [uri]
    assert procedures[uri].find() == target


@pytest.mark.parametrize(
    ("target", "name", "sentence"),
    [
        (MembraneView, None, r"got the class MembraneView; expose an instance: expose\(Membrane"),
        (math, None, "expected an object or a function, got the module math"),
        (object(), None, "expected an object with public methods, got object without"),
        (lambda: 1, None, "expected words of letters, digits and _ joined by dots.*'<lambda>'"),
        (functools.partial(add, 1), None, "expected words of letters.*got ''"),
        (MembraneView()._private, "public", "expected a public function, got '_private'"),
        (add, "a-b", "expected words of letters.*got 'a-b'"),
        (add, "a._b", "expected words of letters.*got 'a._b'"),
        (add, "", "expected words of letters.*got ''"),
        (add, "jupyter.add", "procedure name: 'jupyter' is reserved, got 'jupyter.add'"),
        (add, "jupyter", "is reserved"),
        (MembraneView(), "jupyter.views", "is reserved"),
        (MembraneView(), 5, "expected words of letters.*got 5"),
        (add, "a" * 256, "expected words of letters"),
    ],
)
def test_what_cannot_be_bound_is_told(target, name, sentence):
    with pytest.raises(RegistrationError, match=sentence):
        collect(target, name, None, None)


def test_only_makes_no_sense_for_a_function():
    with pytest.raises(RegistrationError, match="expected `only` with an object, got a function"):
        collect(add, None, None, ["a"])


@pytest.mark.parametrize("run", ["process", "", 5])
def test_an_unknown_policy_is_told(run):
    expected = f"run: expected one of 'main', 'thread', 'loop', got {run!r}"
    with pytest.raises(RegistrationError, match=expected):
        collect(add, None, run, None)
    with pytest.raises(RegistrationError, match=expected):
        procedure("a", run=run)


def test_marking_binds_nothing_and_changes_nothing():
    assert marked_add(1, 2) == 3


def test_a_marked_reserved_name_is_refused_when_it_is_exposed():
    @procedure("jupyter.mine")
    def mine():
        return None

    with pytest.raises(RegistrationError, match="is reserved"):
        collect(mine, None, None, None)
