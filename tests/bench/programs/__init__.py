"""What runs in the processes that are measured: the same work, per system."""
