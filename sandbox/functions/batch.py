"""What Lambda's pollers share: event filters, and reading a function's partial batch response."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.events.pattern import Pattern
from sandbox.functions.execution_environment import Outcome


def matches_filters(mapping: Any, record: Mapping[str, Any]) -> bool:
    """Return whether a record matches one of the mapping's filters, or the mapping has none.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
    """
    filters = (mapping.filter_criteria or {}).get("Filters", [])
    return not filters or any(_compiled(one["Pattern"]).matches(record) for one in filters)


def failed_items(mapping: Any, outcome: Outcome, items: Sequence[str]) -> set[str]:
    """Return the item identifiers that the function did not process; all of them if its answer is not valid.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    if outcome.is_error:
        return set(items)
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    answer = json.loads(outcome.payload or "null") or {}
    if not isinstance(answer, dict):
        return set(items)
    failures = answer.get("batchItemFailures") or []
    named = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
    known = {item for item in items if item in named}
    return known if all(name in known for name in named) else set(items)


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> Pattern:
    return Pattern.parse(pattern)
