import pytest

from wslink_jupyter.errors import AuthenticationFailed, RpcError
from wslink_jupyter.standalone.secret import SecretIdentity, random_secret
from wslink_jupyter.wire.envelopes import Hello

IDENTITY = SecretIdentity("1.0", "e" * 32, "größe")


def test_who_knows_it_is_greeted_as_anywhere():
    assert IDENTITY.greet(Hello.make(secret="größe")) == {}
    own = IDENTITY.greet(Hello.make(secret="größe", protocol=1))
    assert own == {"protocol": 1, "version": "1.0", "epoch": "e" * 32, "receipts": True}


@pytest.mark.parametrize("details", [{}, {"secret": None}, {"secret": ""}, {"secret": "größ"}])
def test_who_does_not_is_refused(details):
    with pytest.raises(AuthenticationFailed, match="Authentication failed"):
        IDENTITY.greet(Hello.make(**details))


@pytest.mark.parametrize("secret", [b"gr", 7, True, ["größe"], {"a": 1}])
def test_what_is_no_text_is_refused(secret):
    with pytest.raises(AuthenticationFailed):
        IDENTITY.greet(Hello.make(secret=secret))


def test_versions_are_compared_for_those_who_know_it():
    with pytest.raises(AuthenticationFailed):
        IDENTITY.greet(Hello.make(secret="x", protocol=99))
    with pytest.raises(RpcError, match="expected a client of wslink-jupyter protocol 1"):
        IDENTITY.greet(Hello.make(secret="größe", protocol=99))


def test_random_ones_are_long_differ_and_look_like_no_number():
    made = {random_secret() for _ in range(100)}
    assert len(made) == 100
    assert {(len(each), each[0]) for each in made} == {(33, "w")}


def test_it_is_not_shown():
    assert "größe" not in repr(IDENTITY)
