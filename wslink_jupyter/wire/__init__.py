"""Floor 1: the wslink wire, without I/O.

Bytes and time in, events out. Owns no clock, loop, thread or randomness.
"""
