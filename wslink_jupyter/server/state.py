"""What the routes share: one per Jupyter server, owned by its settings."""

from __future__ import annotations

from collections import Counter
from typing import Any

from wslink_jupyter.server.config import WslinkServer
from wslink_jupyter.server.kernel_link import KernelLink


class ServerState:
    """The links to kernels, and the number of sockets that are open.

    Parameters
    ----------
    kernels : jupyter_server.services.kernels.kernelmanager.MappingKernelManager
    config : WslinkServer
    """

    def __init__(self, kernels: Any, config: WslinkServer) -> None:
        self.kernels = kernels
        self.config = config
        self._open_sockets = Counter[str]()
        self._links: dict[str, KernelLink] = {}

    def link(self, kernel_id: str) -> KernelLink:
        """Return the link to a kernel that exists."""
        if kernel_id not in self._links:
            kernel = self.kernels.get_kernel(kernel_id)
            self._links[kernel_id] = KernelLink(kernel.connection_file, kernel.session.key)
        return self._links[kernel_id]

    def is_shutting_down(self, kernel_id: str) -> bool:
        """Return whether Jupyter is ending a kernel, for good or to start it again."""
        kernel = self.kernels.get_kernel(kernel_id)
        return bool(getattr(kernel, "shutting_down", False))

    def forget_ended_kernels(self) -> None:
        """Drop the links of kernels that are gone."""
        for kernel_id in list(self._links):
            if kernel_id not in self.kernels:
                self._links.pop(kernel_id).pool.let_go()

    def open_socket(self, kernel_id: str) -> bool:
        """Count one more socket of a kernel; return False if there are too many."""
        config, counts = self.config, self._open_sockets
        if (
            counts.total() >= config.max_sockets
            or counts[kernel_id] >= config.max_sockets_per_kernel
        ):
            return False
        counts[kernel_id] += 1
        return True

    def close_socket(self, kernel_id: str) -> None:
        """Count one less, and forget the kernels that are gone."""
        self._open_sockets[kernel_id] -= 1
        self._open_sockets = +self._open_sockets
        self.forget_ended_kernels()
