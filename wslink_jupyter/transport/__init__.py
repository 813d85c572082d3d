"""Floor 3: moves frames, understands none."""
