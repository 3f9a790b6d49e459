"""Times, names and events as text for people."""

import re
from datetime import UTC, datetime, tzinfo

from lambdas.gate import names
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Fact, Kind, Row

RECORDED = "It is recorded in the ledger, and the deployer reconciles now."
_IDENTITY = re.compile(
    r"arn:[\w-]+:(?:iam|sts)::[0-9]{12}:(?:user|assumed-role|federated-user)/(?:[^\s,;/]+/)*([^\s,;/]+)"
)


def time_text(at: float, zone: tzinfo | None = UTC) -> str:
    """Return seconds since 1970 as ISO 8601. `zone` None is this machine's time zone."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def short_names(text: str) -> str:
    """Return the text with each ARN of a user or a role session replaced by its name."""
    return _IDENTITY.sub(r"\1", text)


def event_name(row: Row) -> str:
    """Return what happened, in words: the outcome of a closed attempt, otherwise the row's kind."""
    fact = row.fact
    name = fact.detail.get("outcome", fact.kind.value) if fact.kind is Kind.ATTEMPT_CLOSED else fact.kind.value
    return str(name).replace("_", " ")


def version_name(version: str) -> str:
    """Return `GROUP/number` for the ARN of a version. A text that is no ARN is returned as it is."""
    return version_label(version) if ":" in version else version


def recorded(endpoint: str, fact: Fact) -> str:
    """Return the answer to a command whose order ended in this fact."""
    subject = "All endpoints" if endpoint == names.ALL else endpoint
    return f"{subject}: {fact.summary}. {RECORDED}"
