"""The command line: ``wslink-jupyter``. It may know every floor but the kernel's."""
