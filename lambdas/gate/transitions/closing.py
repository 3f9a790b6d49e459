"""Closing an attempt: its outcome, what it makes of the head, and its evidence. Pure."""

import dataclasses
from typing import Any

from lambdas.gate import codec
from lambdas.gate.decide.action import Close
from lambdas.gate.decide.resize import changes_settings_only, stays_with_new_settings
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Outcome
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.state.watch import Watch
from lambdas.gate.transitions import golden, rung, watching
from lambdas.gate.transitions.manual_change import began, dropped_versions, overtaken
from lambdas.gate.transitions.promotion import promoted
from lambdas.gate.transitions.transition import Transition, evidence, without

_SERVING = (Outcome.SUCCEEDED, Outcome.SHADOWED)
"""The outcomes after which the endpoint serves the attempt's config."""


def closed(
    head: Head,
    attempt: Attempt,
    decision: Close,
    endpoint: Endpoint | None,
    now: float,
    served: Approval | None = None,
    watch: Watch | None = None,
) -> Transition:
    """Return the head without the attempt, and the rows about its end.

    After a success the version that was live before becomes a good version to revert to. `served`: an approval of the
    version that somebody else put there. `watch`: the watch of the new live version, whose alarm was put.
    """
    outcome = decision.outcome
    approval = attempt.approval
    previous = head.live.version if head.live else None
    is_of_settings = changes_settings_only(head, attempt)
    head = dataclasses.replace(head, attempt=None, notice=None)
    if decision.retry is not None and not decision.quarantine:
        head = head.with_retry(decision.retry)
    elif decision.quarantine or outcome in _SERVING:
        head = head.without_retries(approval)
    is_later = outcome is Outcome.SUPERSEDED and endpoint is not None and approval.wanted_at > began(head, endpoint)
    goes_on = is_later or outcome is Outcome.SHADOWED
    leaves = decision.quarantine or (decision.retry is None and not goes_on)
    if leaves:
        head = head.without_overrides(approval)
    if decision.quarantine or decision.restores_settings:
        # The version was good before. An approval that was given before its settings were found worse keeps them no
        # more than the entry does.
        tried, until = Quarantined(approval, attempt.fleet.settings, decision.reason), attempt.opened_at
        head = head.with_quarantined(tried, now if decision.restores_settings else until)
    elif leaves and outcome is not Outcome.ABORTED:
        # An aborted approval stays until a reconcile sees it revoked or refused, because it may be Approved again by
        # then. An approval that was given after a manual change began is meant to replace that change.
        head = without(head, approval)
    if outcome is Outcome.SUCCEEDED:
        better = _better_settings(head, decision)
        head = promoted(head, attempt, endpoint, _condemned_at(attempt, decision, now), now, watch, better)
        head = watching.begun(head, watch)
    elif outcome is Outcome.SHADOWED:
        head = watching.begun(rung.begun(head, attempt, endpoint, now, watch), watch)
    elif attempt.accepted_at is not None or decision.fired or outcome is Outcome.ROLLED_BACK:
        head = dataclasses.replace(head, clears_at=now + alarms.CLEARING_SECONDS)
    if decision.shadow_goes and head.rung is not None:
        head = dataclasses.replace(head, rung=dataclasses.replace(head.rung, unguarded=True))
    is_unheard = outcome is Outcome.SUCCEEDED and attempt.is_unheard
    before = head
    ended: tuple[Fact, ...] = ()
    if outcome is Outcome.SUPERSEDED and endpoint is not None:
        head, ended = rung.gone(overtaken(head, endpoint, served, now), now)
    fact = Fact(
        Kind.ATTEMPT_CLOSED,
        now,
        decision.reason,
        version=approval.version,
        detail={
            "attempt": attempt.number,
            "outcome": outcome,
            "purpose": attempt.purpose,
            "endpoint_config": attempt.fleet.config,
            "previous_version": previous,
            "live_endpoint_config": endpoint.config if endpoint else None,
            "live_since_at": head.live.since if head.live and outcome in _SERVING else None,
            "accepted": attempt.accepted_at is not None,
            **evidence(decision.fired),
            "failure_reason": endpoint.failure_reason if endpoint else None,
            "quarantined": decision.quarantine,
            **({"restores_settings": True} if decision.restores_settings else {}),
            "tried_again_at": decision.retry.not_before if decision.retry and not decision.quarantine else None,
            "overtaken": dropped_versions(before, head),
            **_counted(attempt, decision),
            **_compared(attempt),
            **_golden(attempt),
            **({"inconclusive": True} | _unheard(attempt) if is_unheard else {}),
            **({"watch_alarm": {"above_percent": watch.above, "until_at": watch.until}} if watch else {}),
        },
    )
    if decision.alert is None:
        return head, (fact, *ended)
    summary = decision.alert
    blames_settings = is_of_settings and not decision.restores_settings and not attempt.purpose.keeps_live
    if outcome is Outcome.SUCCEEDED and decision.fired and blames_settings:
        summary += f"; {stays_with_new_settings(attempt.previous_config, attempt.fleet.config)}"
    parts = _golden(attempt) if outcome is Outcome.SUCCEEDED else {}
    parts |= _unheard(attempt) if is_unheard else {}
    detail = {"attempt": attempt.number, **parts}
    alert = Fact(Kind.ALERT, now, summary, version=approval.version, detail=detail)
    notice = decision.notice or Notice(Code.ATTEMPT_ENDED, str(attempt.number))
    return dataclasses.replace(head, notice=decision.alert, notice_key=notice.key), (fact, alert, *ended)


def _condemned_at(attempt: Attempt, decision: Close, now: float) -> float | None:
    """When people could first know that the new live version does not stay. An earlier approval does not keep it, even
    if a later reconcile learns of that approval."""
    if not decision.quarantine:
        return None
    reverted = attempt.enough is not None and attempt.enough.otherwise is Otherwise.REVERT
    return attempt.abort.at if attempt.abort and not reverted else now


def _better_settings(head: Head, decision: Close) -> str | None:
    """Return the settings that the live version gets back; None if it does not. If it was to get earlier ones back
    already, it gets those."""
    live = head.live
    if live is None or not decision.restores_settings:
        return None
    return live.settings if live.better_settings is None else live.better_settings


def _golden(attempt: Attempt) -> dict[str, Any]:
    """Part of a row's detail: the wrong answers to golden requests. Empty if there were none."""
    return golden.evidence(attempt.golden) if attempt.golden and attempt.golden.failed else {}


def _unheard(attempt: Attempt) -> dict[str, Any]:
    """Part of a row's detail: golden requests were sent, and no result came."""
    return {"golden_requests": {"digest": attempt.golden_set, "heard": False}}


def _compared(attempt: Attempt) -> dict[str, Any]:
    """Part of a row's detail: what the judge found. Empty if there is no verdict."""
    found = attempt.judging.comparison if attempt.judging else None
    return {"comparison": codec.written(found)} if found else {}


def _counted(attempt: Attempt, decision: Close) -> dict[str, Any]:
    """Part of a row's detail: how many requests reached the new fleet, if a minimum was asked for and it went live."""
    if attempt.enough is None or decision.outcome is not Outcome.SUCCEEDED:
        return {}
    wanted, requests = attempt.enough.min_requests, decision.requests
    return {"requests": requests, "requests_wanted": wanted, "inconclusive": requests is None or requests < wanted}
