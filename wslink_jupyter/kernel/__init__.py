"""Floor 4b: the kernel process. Never imports jupyter_server."""
