"""The async Python client: one session with one endpoint."""

from wslink_jupyter.client.connecting import connect
from wslink_jupyter.client.session import ClientSession
from wslink_jupyter.client.subscription import Subscription

__all__ = ["ClientSession", "Subscription", "connect"]
