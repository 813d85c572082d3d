"""How a topic is delivered, and a publication ready for delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.procedure import RESERVED
from wslink_jupyter.wire.codec import pack_head
from wslink_jupyter.wire.envelopes import publication_fields
from wslink_jupyter.wire.ids import is_name
from wslink_jupyter.wire.message import Message

Delivery = Literal["reliable", "latest"]
DELIVERIES: tuple[Delivery, ...] = get_args(Delivery)

#: Topic on which the names of bound and removed procedures are published.
API_CHANGED_TOPIC = f"{RESERVED}.api.changed"
#: What becomes of a call that has to wait: {"id", "state", "reason"}, to its caller.
CALL_TOPIC = f"{RESERVED}.call"
#: Acknowledged at once by our clients: measures the round trip.
PING_TOPIC = f"{RESERVED}.ping"
#: What inspectors listen to; see `wslink_jupyter.rpc.inspector`.
INSPECT_PREFIX = f"{RESERVED}.inspect."
INSPECT_TOPICS_TOPIC = f"{INSPECT_PREFIX}topics"
INSPECT_TIMINGS_TOPIC = f"{INSPECT_PREFIX}timings"


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How the values of one topic are delivered.

    Attributes
    ----------
    delivery : {"reliable", "latest"}
        Every value in order; or, of those that a client was too slow for, the
        newest.
    retain : bool
        Whether a new subscriber gets the last value.
    """

    delivery: Delivery = "reliable"
    retain: bool = False


DEFAULT_SETTINGS = TopicSettings()


@dataclass(slots=True)
class EncodedPublication:
    """One published value, encoded once for all sessions.

    Attributes
    ----------
    topic : str
    number : int
        Counts per topic; -1 until its turn has come.
    message : Message
        Until then, the value alone.
    is_latest : bool
        Whether a newer value of the topic may take its place.
    is_retained : bool
        Whether a new subscriber gets it.
    on_sent : callable, optional
        Called, on the loop, for each session that was sent all of it, or a newer one
        instead; once if there is none.
    part : str
        Of a topic that tells of several things: a newer value takes the place of one of
        its own part.
    """

    topic: str
    number: int
    message: Message
    is_latest: bool
    is_retained: bool = False
    on_sent: Callable[[], object] | None = None
    part: str = ""

    def number_as(self, number: int) -> None:
        """Let this be the topic's publication of that number; for once."""
        fields = publication_fields(self.topic, number, ack=self.is_latest, retain=self.is_retained)
        self.message = self.message.behind(pack_head(fields, "result"))
        self.number = number


def check_topic(topic: object) -> str:
    """Return `topic` if it may name a topic.

    Raises
    ------
    RegistrationError
        If stock clients would never see it.
    """
    if not isinstance(topic, str) or not is_name(topic):
        raise RegistrationError(
            "topic: expected words of ASCII letters, digits and _ joined by dots, "
            f"at most 255 characters, got {topic!r:.80}"
        )
    return topic


def check_own_topic(topic: object) -> str:
    """Return `topic` if it may name a topic of users.

    Raises
    ------
    RegistrationError
        If it is no name, or reserved.
    """
    name = check_topic(topic)
    if name.partition(".")[0] == RESERVED:
        raise RegistrationError(f"topic: {RESERVED!r} is reserved, got {name!r}")
    return name


def check_settings(topic: object, delivery: object, retain: bool) -> tuple[str, TopicSettings]:
    """Return what a user says of a topic, checked.

    Raises
    ------
    RegistrationError
        If the topic is none, or ours, or the delivery unknown.
    """
    name = check_own_topic(topic)
    for known in DELIVERIES:
        if delivery == known:
            return name, TopicSettings(known, bool(retain))
    expected = ", ".join(map(repr, DELIVERIES))
    raise RegistrationError(f"delivery: expected one of {expected}, got {delivery!r:.40}")
