"""Remembers what the product parses again and again: the text of a head or of a spec, which each reconcile reads
several times.

The product's own `codec.decode` parses it. That is a pure function, and its results are immutable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast
from unittest.mock import patch

from lambdas.gate import codec

TEXTS = 8192
"""That many heads take some 60 MB."""

_decode = lru_cache(TEXTS)(cast(Any, codec.decode))


@contextmanager
def remembering() -> Iterator[None]:
    """Remember while this context is entered."""
    with patch.object(codec, "decode", _decode):
        yield


def forget() -> None:
    """Forget everything, because the product is about to change or has changed."""
    _decode.cache_clear()
