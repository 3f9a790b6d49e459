"""The one place where the product reads the time."""

import os
import time
import urllib.request

_VARIABLE = "APPROVAL_GATE_CLOCK"
"""The URL of a server that answers with the seconds since 1970. Set by the sandbox, whose time is simulated, and never
on AWS."""


def now() -> float:
    """Return the seconds since 1970."""
    if address := os.environ.get(_VARIABLE):
        with urllib.request.urlopen(address, timeout=5) as answer:
            return float(answer.read())
    return time.time()
