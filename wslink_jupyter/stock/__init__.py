"""Stock wslink software in a kernel: needs wslink, and trame where it says so."""
