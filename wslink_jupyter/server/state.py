"""What the routes share: one per Jupyter server, owned by its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslink_jupyter.server.config import WslinkServer
from wslink_jupyter.server.kernel_link import KernelLink

if TYPE_CHECKING:
    from wslink_jupyter.server.socket_route import WslinkSocket


class ServerState:
    """The links to kernels, and the sockets that are open.

    Parameters
    ----------
    kernels : jupyter_server.services.kernels.kernelmanager.MappingKernelManager
    config : WslinkServer
    """

    def __init__(self, kernels: Any, config: WslinkServer) -> None:
        self.kernels = kernels
        self.config = config
        self.sockets: set[WslinkSocket] = set()
        self._links: dict[str, KernelLink] = {}

    def link(self, kernel_id: str) -> KernelLink:
        """Return the link to a kernel that exists."""
        if kernel_id not in self._links:
            kernel = self.kernels.get_kernel(kernel_id)
            self._links[kernel_id] = KernelLink(kernel.connection_file, kernel.session.key)
        return self._links[kernel_id]

    def forget_ended_kernels(self) -> None:
        """Drop the links of kernels that are gone."""
        for kernel_id in list(self._links):
            if kernel_id not in self.kernels:
                del self._links[kernel_id]

    def sockets_of(self, kernel_id: str) -> int:
        """Return how many sockets a kernel has."""
        return sum(socket.kernel_id == kernel_id for socket in self.sockets)
