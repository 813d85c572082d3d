"""What stock protocols of one endpoint see of their server, and share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class CoreServer:
    """The ``coreServer`` of exposed protocols, with what such protocols use of it.

    Parameters
    ----------
    link_protocols : callable
        Returns the protocols that are exposed now.
    """

    def __init__(self, link_protocols: Callable[[], list[Any]]) -> None:
        self._link_protocols = link_protocols
        self._shared: dict[str, Any] = {}

    def getSharedObject(self, key: str) -> Any:  # noqa: N802 - wslink's name
        """Return what is shared as `key`, or None."""
        return self._shared.get(key)

    def setSharedObject(self, key: str, shared: Any) -> None:  # noqa: N802 - wslink's name
        """Share an object with the other protocols; None takes it away."""
        if shared is None:
            self._shared.pop(key, None)
        else:
            self._shared[key] = shared

    def getLinkProtocols(self) -> list[Any]:  # noqa: N802 - wslink's name
        """Return the protocols that are exposed, in a list of their own."""
        return self._link_protocols()


@dataclass(frozen=True)
class Request:
    """What ``onConnect`` is told of a connection, named as in an aiohttp request.

    The browser's own request ends at the Jupyter server, whose token is in it.

    Attributes
    ----------
    user : str
        As the Jupyter server knows them.
    headers, query : dict
        Empty.
    """

    user: str
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
