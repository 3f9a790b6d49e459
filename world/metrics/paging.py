"""Pages of CloudWatch's answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from world.refusal import Refusal

T = TypeVar("T")


def page(
    request: Mapping[str, Any],
    key: str,
    items: Sequence[T],
    describe: Callable[[T], dict[str, Any]],
    size: int,
    limit: int | None = None,
) -> dict[str, Any]:
    """Return the page that `request` asks for as `key`, and the NextToken if there are more.

    A page holds MaxRecords items, by default `size`, and never more than `limit`. The token is the number of items so
    far.
    """
    token = request.get("NextToken", "0")
    if not (token.isascii() and token.isdecimal()):
        raise Refusal("InvalidParameterValue", "Request parameter NextToken is invalid")
    asked = request.get("MaxRecords", size)
    start = int(token)
    end = start + (asked if limit is None else min(asked, limit))
    more = {"NextToken": str(end)} if end < len(items) else {}
    return {key: [describe(item) for item in items[start:end]], **more}
