"""Manual changes: since when one is under way, and what it makes of the head once it is seen. Pure."""

import dataclasses

from lambdas.gate.rollout.alarms import CLEARING_SECONDS
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import MAXIMUM_GOOD, Head
from lambdas.gate.state.limits import newest_good
from lambdas.gate.state.live import Live, former
from lambdas.gate.state.observed import Endpoint, EndpointStatus, Observed
from lambdas.gate.timing import LOCK
from lambdas.gate.transitions import rung
from lambdas.gate.transitions.transition import Transition


def disturbed(head: Head, endpoint: Endpoint | None, now: float) -> Head:
    """Return the head that knows since when somebody else's change is under way.

    LastModifiedTime tells this only while the change lasts, because it moves again at the end. An approval that is
    given meanwhile is the later decision of a person. A patch by AWS is nobody's decision.
    """
    if _is_from_before(head, endpoint, now):
        return head
    attempt, status = head.attempt, endpoint.status if endpoint else None
    expected = attempt.expected_configs if attempt else {head.live.config if head.live else None}
    since = None
    if endpoint is not None and endpoint.is_busy and status != EndpointStatus.SYSTEM_UPDATING:
        # AWS does not document that an endpoint that is Updating has a PendingDeploymentSummary. Without one, its
        # config may be the next one.
        is_next = status == EndpointStatus.CREATING or endpoint.pending_config is None
        is_own = attempt is not None and attempt.fleet.config == (
            endpoint.config if is_next else endpoint.pending_config
        )
        since = None if is_own else began(head, endpoint)
    elif endpoint is not None and endpoint.config not in expected:
        since = head.disturbed_at
    return head if since == head.disturbed_at else dataclasses.replace(head, disturbed_at=since)


def recorded(head: Head, observed: Observed, reason: str, now: float) -> Transition:
    """Return the head and the row of a manual change.

    The config that a person put there is live, and only an approval given after that replaces it. The row names the
    approvals that it overtakes, because which came first is not always certain.
    """
    endpoint, before = observed.endpoint, head.live
    if endpoint is None:
        raise ValueError("A missing endpoint was not changed.")
    put = served(head, observed)
    after = overtaken(head, endpoint, put, now)
    dropped = dropped_versions(head, after)
    labels = ", ".join(version_label(version) for version in dropped)
    reason += observed.served.text
    fact = Fact(
        Kind.CHANGED_BY_HAND,
        now,
        f"{reason}; approved before that, and so not rolled out: {labels}" if dropped else reason,
        who="unknown",
        version=put.version if put else None,
        detail={
            "endpoint_config": endpoint.config,
            "previous_endpoint_config": before.config if before else None,
            "previous_version": before.version if before else None,
            "overtaken": dropped,
            **observed.served.detail,
        },
    )
    after, ended = rung.gone(after, now)
    return after, (fact, *ended)


def served(head: Head, observed: Observed) -> Approval | None:
    """Return an approval for the version that somebody put on the endpoint, if that version is Approved. It counts from
    when the change began."""
    version = observed.served.version
    if observed.endpoint is None or version is None or version not in observed.listed:
        return None
    return Approval(0, version, began(head, observed.endpoint), by=None, inferred=True)


def began(head: Head, endpoint: Endpoint) -> float:
    """When the manual change began, in seconds since 1970. If no reconcile saw it under way, LastModifiedTime, which is
    its end once it is over."""
    return head.disturbed_at or endpoint.modified_at


def overtaken(head: Head, endpoint: Endpoint, served: Approval | None, now: float) -> Head:
    changed_at = began(head, endpoint)
    # DescribeEndpoint may have answered from before the change when the live version was approved again.
    confirmed_since = (head.live.approval,) if head.live and head.live.approval else ()
    later = tuple(a for a in (*head.approvals, *confirmed_since) if a.wanted_at > changed_at)
    until = min(now, changed_at)
    before = former(head.live, until)
    return dataclasses.replace(
        head,
        live=Live(config=endpoint.config, since=now, approval=served, by_hand_at=changed_at),
        previous_config=head.live.config if head.live else None,
        good=newest_good((*before, *head.good), MAXIMUM_GOOD),
        approvals=later,
        notice=None,
        disturbed_at=None,
    )


def dropped_versions(before: Head, after: Head) -> list[str]:
    kept = {approval.order for approval in after.approvals}
    return [approval.version for approval in before.approvals if approval.order not in kept]


def _is_from_before(head: Head, endpoint: Endpoint | None, now: float) -> bool:
    """True if DescribeEndpoint still answers from before a change that was seen, or before the end of a rollout."""
    known = (head.disturbed_at or 0.0, _ended_at(head))
    return endpoint is not None and any(endpoint.modified_at < at and now < at + LOCK for at in known)


def _ended_at(head: Head) -> float:
    """When the last rollout was over: when it went live, or when a reconcile saw that it was rolled back. Another
    config counts as live from the reconcile that found it, and a further change may have been under way already."""
    live, failed_at = head.live, head.clears_at - CLEARING_SECONDS
    if live is None or failed_at > live.since:
        return failed_at
    return live.since if live.settings is not None else 0.0
