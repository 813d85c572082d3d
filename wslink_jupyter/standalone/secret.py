"""Who may call: a client that knows the secret."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

from wslink_jupyter.errors import AuthenticationFailed
from wslink_jupyter.rpc.endpoint import Identity
from wslink_jupyter.wire.envelopes import Hello


def random_secret() -> str:
    """Return a secret that nobody can guess.

    It begins with a letter beyond the hexadecimal digits: pages of trame read what
    looks like a number, such as ``12e4``, as one.
    """
    return f"w{secrets.token_hex(16)}"


@dataclass(frozen=True)
class SecretIdentity(Identity):
    """An identity that greets nobody without the secret.

    Attributes
    ----------
    secret : str
    """

    secret: str = field(repr=False)

    def greet(self, hello: Hello) -> dict[str, Any]:
        """Accept a hello with the secret.

        Raises
        ------
        AuthenticationFailed
            Otherwise; code and message are stock wslink's (2.6.0, ``protocol.py:16-21``).
        RpcError
            As `Identity.greet`.
        """
        given = hello.details.get("secret")
        if not isinstance(given, str) or not hmac.compare_digest(
            given.encode(), self.secret.encode()
        ):
            raise AuthenticationFailed("Authentication failed")
        return Identity.greet(self, hello)
