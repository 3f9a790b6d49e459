"""The rung of a shadow in the ledger: it begins, it ends with a row, and the endpoint loses its shadow. Pure."""

import dataclasses
from typing import Any

from lambdas.gate import codec
from lambdas.gate.decide import shadow
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint, Observed
from lambdas.gate.state.rung import Copied, Rung, RungEnd
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.state.watch import Watch
from lambdas.gate.transitions.promotion import relaunched
from lambdas.gate.transitions.transition import Transition
from lambdas.gate.transitions.verdict import evidence


def begun(head: Head, attempt: Attempt, endpoint: Endpoint | None, now: float, watch: Watch | None) -> Head:
    """Return the head whose live version has the attempt's version as its shadow. A rung before this one is over."""
    if attempt.copying is None:
        raise ValueError("The attempt brings no shadow.")
    head = relaunched(head, attempt, endpoint, now, watch)
    approval = attempt.approval
    rung = Rung(
        order=approval.order,
        version=approval.version,
        config=attempt.fleet.config,
        copying=attempt.copying,
        since=head.live.since if head.live else now,
        unguarded=attempt.unguarded,
        abort=attempt.abort,
    )
    return dataclasses.replace(head, rung=rung)


def settled(spec: Spec, observed: Observed, head: Head, now: float) -> Transition:
    """Return the head in which the running rung has ended, and its row, if it ends now. Nothing ends while the endpoint
    serves another config, because that is a manual change."""
    rung, live, endpoint = shadow.running(head), head.live, observed.endpoint
    if endpoint is None:
        return gone(head, now)
    if rung is None or live is None or endpoint.config != rung.config:
        return head, ()
    found = shadow.ended(spec, observed, head, rung, live, now)
    return (head, ()) if found is None else _over(head, rung, found, observed.copied, now)


def gone(head: Head, now: float) -> Transition:
    """Return the head of an endpoint that somebody changed or deleted, and the row about its rung, if one was
    running."""
    rung = shadow.running(head)
    head = dataclasses.replace(head, rung=None)
    if rung is None:
        return head, ()
    reason = f"the shadow of {version_label(rung.version)} ended: somebody changed the endpoint"
    return head, (_fact(rung, shadow.Ended(RungEnd.CHANGED_MANUALLY, reason), None, now),)


def left_behind(head: Head, endpoint: Endpoint | None, now: float) -> tuple[Fact, ...]:
    """Return the rows about the rung of an endpoint that is adopted anew, which forgets it: how it ended, if it was
    running, and that the endpoint still has its shadow, if it does. Nothing takes that shadow off any more."""
    rung = head.rung
    if rung is None:
        return ()
    facts: tuple[Fact, ...] = ()
    label = version_label(rung.version)
    if rung.end is None:
        reason = f"the shadow of {label} ended: the endpoint was adopted anew"
        facts = (_fact(rung, shadow.Ended(RungEnd.ADOPTED_ANEW, reason), None, now),)
    if endpoint is None or rung.copying.variant not in endpoint.shadows:
        return facts
    reason = (
        f"the endpoint was adopted anew, and still has the shadow variant {rung.copying.variant} with {label}; "
        "it costs its instances, and every rollout is on hold until somebody updates the endpoint to a config "
        "without it"
    )
    return (*facts, Fact(Kind.ALERT, now, reason, version=rung.version))


def condemned(head: Head, rung: Rung, reason: str) -> Head:
    """Return the head in which the rung's approval is quarantined, if it still waits."""
    approval = next((each for each in head.approvals if each.order == rung.order), None)
    if approval is None:
        return head
    tried = Quarantined(approval, (head.live.settings if head.live else None) or "", reason)
    return head.without_retries(approval).without_overrides(approval).with_quarantined(tried, until=rung.since)


def _over(head: Head, rung: Rung, found: shadow.Ended, copied: Copied | None, now: float) -> Transition:
    head = dataclasses.replace(head, rung=dataclasses.replace(rung, end=found.end))
    facts: tuple[Fact, ...] = (_fact(rung, found, copied, now),)
    if found.end in shadow.PASSING:
        head = dataclasses.replace(head, shadowed=rung.order)
    if found.end in shadow.CONDEMNING:
        head = condemned(head, rung, found.reason)
    if found.is_alert:
        facts += (Fact(Kind.ALERT, now, found.reason, version=rung.version),)
    return head, facts


def _fact(rung: Rung, found: shadow.Ended, copied: Copied | None, now: float) -> Fact:
    detail: dict[str, Any] = {
        "end": found.end,
        "approval": rung.order,
        "endpoint_config": rung.config,
        "variant": rung.copying.variant,
        "since_at": rung.since,
        "shadow": codec.written(rung.copying.shadow),
    }
    if found.answers is not None:
        detail |= {"answers": codec.written(found.answers.answers) | {"visible": found.answers.visible}}
    if found.found is not None and copied is not None:
        detail |= evidence(rung.copying.rules, copied.minutes, found.found)
        detail |= {"average_ms": {"live": copied.live_ms, "shadow": copied.shadow_ms}}
    who = {}
    if rung.abort and found.end is RungEnd.ABORTED:
        who = {"who": rung.abort.by}
    if rung.early and found.end is RungEnd.PROMOTED:
        who = {"who": rung.early.by}
        detail |= {"reason": rung.early.reason, "ordered_at": rung.early.at, "left_out_seconds": rung.until - now}
    return Fact(Kind.SHADOW_ENDED, now, found.reason, version=rung.version, detail=detail, **who)
