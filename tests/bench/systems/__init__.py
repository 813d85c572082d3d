"""What is measured: how each system is started, reached and ended."""
