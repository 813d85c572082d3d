"""Names of test cases: the same in every process, so that several can share the work."""

import re


def name_of(value):
    """Return a short text for a value, without the address of an object."""
    return re.sub(r" at 0x\w+", "", f"{value!r}")[:20]
