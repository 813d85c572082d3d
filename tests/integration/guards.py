"""A login and permissions that a test changes: loaded by a Jupyter server.

The files that they look at are in the directory that the variable ``GUARDS``
names.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyter_server.auth import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User

LOGGED_OUT = "logged_out"
DENIED = "denied"
BROKEN = "broken"
#: One byte for every time somebody's login was looked at.
CHECKS = "checks"
SLOW = "slow"


def _directory() -> Path:
    return Path(os.environ["GUARDS"])


class FileIdentity(IdentityProvider):
    """The token counts until there is a file ``logged_out``; ``broken`` raises, ``slow`` waits."""

    async def get_user(self, handler: Any) -> User | None:
        with (_directory() / CHECKS).open("a") as checks:
            checks.write(".")
        while (_directory() / SLOW).exists():  # noqa: ASYNC110 - another process takes it away
            await asyncio.sleep(0.01)
        if (_directory() / BROKEN).exists():
            raise OSError("the login service does not answer")
        if (_directory() / LOGGED_OUT).exists():
            return None
        return await self._get_user(handler)


class FileAuthorizer(Authorizer):
    """Everything is allowed but the file's lines, such as ``execute kernels``."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        denied = _directory() / DENIED
        return not denied.exists() or f"{action} {resource}" not in denied.read_text().splitlines()
