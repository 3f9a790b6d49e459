"""What the product works out again and again, looked up instead: a head or a spec of the same text, which is read
several times at each look, is parsed once. It is the product's own `codec.decode` that parses; it is a pure function,
and what it gives back cannot be changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast
from unittest.mock import patch

from lambdas.gate import codec

TEXTS = 8192
"""So many heads take some 60 MB."""

_decode = lru_cache(TEXTS)(cast(Any, codec.decode))


@contextmanager
def remembering() -> Iterator[None]:
    """For as long as this is entered."""
    with patch.object(codec, "decode", _decode):
        yield


def forget() -> None:
    """The product is about to change, or has."""
    _decode.cache_clear()
