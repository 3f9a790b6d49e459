"""Times and pages in CloudWatch's answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue


def page(asked: Mapping[str, Any], key: str, items: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """Return one page of `items` as `key`, and the NextToken if there are more. The token is the number of items so
    far."""
    token = asked.get("NextToken") or "0"
    if not (token.isascii() and token.isdecimal()):
        raise InvalidParameterValue("Request parameter NextToken is invalid")
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return {key: items[start : start + size], **more}


def seconds(moment: datetime | float) -> float:
    """Return the seconds since 1970. moto gives times in UTC without a time zone."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(moment)


def utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
