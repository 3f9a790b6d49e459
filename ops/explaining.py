"""Gathers from AWS what explains a version on an endpoint."""

from datetime import tzinfo

from lambdas.gate.state.head import Head
from ops.account import Account
from ops.errors import Exit, Refused
from ops.explanation import Explanation, Known, State, explain
from ops.versions import Asked, Standing, of_head, resolve, standing

_ELSEWHERE = {
    Exit.PENDING: State.PENDING,
    Exit.REJECTED: State.REJECTED,
    Exit.UNREADABLE: State.UNREADABLE,
}


def explained(account: Account, endpoint: str, asked: Asked, zone: tzinfo | None) -> Explanation:
    """Return where a version stands on an endpoint, as AWS says now. Raises Refused if there is no such endpoint or
    version, or if the ledger cannot be read."""
    head = account.head(endpoint)
    rows = account.rows(endpoint)
    known = (*of_head(head), *(row.fact.version for row in reversed(rows) if row.fact.version))
    version = resolve(account, endpoint, asked, head, known)
    found = standing(account, version, head, is_known=version in known)
    if found.exit is Exit.NEVER_HEARD_OF:
        raise Refused(found.text, found.exit)
    return explain(
        Known(
            endpoint,
            head,
            rows,
            account.all_paused(),
            account.spec(endpoint) if _is_held(head, version) else None,
            account.now,
            zone,
        ),
        version,
        _elsewhere(found),
    )


def in_question(head: Head | None) -> Asked | None:
    """Return the version that an endpoint is about to get, or else the live one; None if there is neither."""
    if head is None:
        return None
    if head.attempt:
        return Asked.read(head.attempt.approval.version)
    if head.newest:
        return Asked.read(head.newest.version)
    return Asked.read(head.live.version) if head.live and head.live.version else None


def _elsewhere(found: Standing) -> tuple[State, str] | None:
    return (_ELSEWHERE[found.exit], found.text) if found.exit is not None else None


def _is_held(head: Head | None, version: str) -> bool:
    """True if the spec is needed: its freezes say until when an approval waits."""
    return head is not None and any(approval.version == version for approval in head.approvals)
