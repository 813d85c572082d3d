"""What a session asks of who brings it publications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wslink_jupyter.rpc.topics import EncodedPublication

if TYPE_CHECKING:
    from wslink_jupyter.rpc.session import Session


class Audience(Protocol):
    """Who brings publications to sessions."""

    def add(self, session: Session) -> None:
        """Let a session hear from now on."""

    def drain(self) -> None:
        """Deliver what was published until now."""

    def number(self, publication: EncodedPublication) -> None:
        """Give a publication its number, unless it has one."""

    def send(self, session_id: str, publications: list[EncodedPublication]) -> None:
        """Send a session what was held, in order with all else. From every thread."""

    def listen(self, session: Session, topic: str, listens: bool) -> None:
        """Note that a session listens to `topic` from now on, or no more."""
