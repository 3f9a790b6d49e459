"""What SageMaker's List operations share: name and time filters, order and pages."""

import base64
import binascii
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from world.refusal import invalid

PAGE = 10
"""Items per page without MaxResults. Documented for ListEndpoints only, assumed for the others:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListEndpoints.html
"""

Summary = dict[str, Any]
_FILTERS = frozenset(
    {"NameContains", "CreationTimeAfter", "CreationTimeBefore", "LastModifiedTimeAfter", "LastModifiedTimeBefore"}
)
_KEYS: dict[str, Callable[[str], Callable[[Summary], Any]]] = {
    "Name": lambda name: lambda summary: summary[name].lower(),
    "CreationTime": lambda name: itemgetter("CreationTime"),
    "Status": lambda name: itemgetter("EndpointStatus"),
}
"""By SortBy: what a list is sorted by, given the field with the name."""


def listed(
    request: dict[str, Any],
    summaries: Iterable[Summary],
    *,
    result: str,
    name: str,
    order: str = "Descending",
    limit: int | None = None,
) -> dict[str, Any]:
    """Return the page that `request` asks for as the operation's answer. `result` is the name of the list in the
    answer.

    `name` is the field for NameContains and SortBy Name, `order` the operation's default order, `limit` as in `page`.
    """
    found = [summary for summary in summaries if not request.keys() & _FILTERS or _matches(request, summary, name)]
    key = _KEYS[request.get("SortBy", "CreationTime")](name)
    found.sort(key=key, reverse=request.get("SortOrder", order) == "Descending")
    return page(request, found, result, limit=limit)


def page(
    request: dict[str, Any], found: list[Any], result: str, *, size: int = PAGE, limit: int | None = None
) -> dict[str, Any]:
    """Return the page that `request` asks for. It holds MaxResults items, by default `size`, and never more than
    `limit`: AWS may return fewer than asked for."""
    start = _offset(request.get("NextToken"))
    asked: int = request.get("MaxResults", size)
    end = start + (asked if limit is None else min(asked, limit))
    output: dict[str, Any] = {result: found[start:end]}
    if end < len(found):
        output["NextToken"] = base64.b64encode(str(end).encode()).decode()
    return output


def _matches(request: dict[str, Any], summary: Summary, name: str) -> bool:
    def within(field: str) -> bool:
        after, before = request.get(f"{field}After"), request.get(f"{field}Before")
        return (after is None or summary[field] > after) and (before is None or summary[field] < before)

    contains = request.get("NameContains", "").lower()
    return contains in summary[name].lower() and within("CreationTime") and within("LastModifiedTime")


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError) as error:
        raise invalid("The NextToken is not valid.") from error
