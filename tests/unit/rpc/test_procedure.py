import functools
from contextvars import copy_context

import pytest

from wslink_jupyter.errors import InvalidParams
from wslink_jupyter.rpc.procedure import Procedure


class Membrane:
    def poke(self, x: float, y: float = 0.5, *, hard: bool = False) -> None:
        """Push the membrane.

        Both in [0, 1].
        """


def of(function, uri="membrane.poke"):
    return Procedure(uri, lambda: function, "main", copy_context())


def anything(*args, **kwargs):
    return args, kwargs


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (Membrane().poke, "f(x: float, y: float = 0.5, *, hard: bool = False) -> None"),
        (lambda: 1, "f()"),
        (anything, "f(*args, **kwargs)"),
        (functools.partial(Membrane().poke, 1), "f(y: float = 0.5, *, hard: bool = False) -> None"),
        (dict.fromkeys, "f(iterable, value=None, /)"),
        (max, "f(...)"),
    ],
)
def test_the_signature_is_shown_without_self(function, text):
    assert of(function, "f").signature_text() == text


def test_the_docstring_is_shown_as_help_shows_it():
    assert of(Membrane().poke).doc() == "Push the membrane.\n\nBoth in [0, 1]."
    assert of(lambda: 1).doc() == ""


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((1, 2), {}), ((1,), {"y": 2}), ((), {"x": 1, "hard": True})],
)
def test_arguments_that_fit(args, kwargs):
    poke = Membrane().poke
    of(poke).check_arguments(of(poke).shape(poke), args, kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs", "got"),
    [
        ((), {}, "missing a required argument: 'x'"),
        ((1, 2, 3), {}, "too many positional arguments"),
        ((1,), {"z": 2}, "got an unexpected keyword argument 'z'"),
        ((1,), {"x": 2}, "multiple values for argument 'x'"),
        ((1,), {"self": 2}, "got an unexpected keyword argument 'self'"),
    ],
)
def test_arguments_that_do_not_fit_are_told_with_the_signature(args, kwargs, got):
    poke = Membrane().poke
    expected = r"^expected membrane\.poke\(x: float, y: float = 0\.5, .*\) -> None, got: " + got
    with pytest.raises(InvalidParams, match=expected):
        of(poke).check_arguments(of(poke).shape(poke), args, kwargs)


def test_a_builtin_without_signature_judges_for_itself():
    of(max).check_arguments(of(max).shape(max), (), {"anything": 1})


@pytest.mark.parametrize("kwargs", [{"self": 1}, {"args": 1}, {"function": 1}])
def test_keywords_may_have_the_names_of_our_own_parameters(kwargs):
    of(anything).check_arguments(of(anything).shape(anything), (), kwargs)


def test_the_shape_is_looked_at_once_per_function_and_again_for_another():
    first, second = Membrane(), Membrane()
    procedure = of(first.poke)
    assert procedure.shape(first.poke) is procedure.shape(second.poke)
    other = procedure.shape(anything)
    assert other is not procedure.shape(first.poke)


@pytest.mark.parametrize(
    ("function", "fitting"),
    [
        (lambda: 0, [0]),
        (lambda a, b=1: 0, [1, 2]),
        (lambda a, /, b: 0, [2]),
        (lambda *args: 0, []),
        (lambda a, *, b=1: 0, []),
        (lambda a, **kwargs: 0, []),
    ],
)
def test_numbers_of_positional_arguments_that_fit_without_binding(function, fitting):
    assert list(of(function).shape(function).positional_counts) == fitting


def test_a_method_that_is_gone_is_told_in_its_line():
    procedure = Procedure("a.b", lambda: Membrane().no_such, "main", copy_context())
    assert "a.b: AttributeError" in procedure.signature_text()
    assert procedure.doc() == ""
