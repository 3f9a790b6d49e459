"""Reads the history of an endpoint from its rows, never from its head. Pure.

A version is live from the LastModifiedTime that the endpoint itself gives. A manual change has the time of the
reconcile that saw it.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Fact, Kind, Row
from ops.audit.history import ADOPTED, MANUAL, Consent, History, Period, Remark, Rollout


def read_history(rows: Iterable[Row]) -> History:
    """Return the history that these rows of one endpoint show. `rows` are in order."""
    history = History()
    for row in rows:
        _follow(history, row)
    return history


def _follow(history: History, row: Row) -> None:
    fact, detail = row.fact, row.fact.detail
    match fact.kind:
        case Kind.BASELINE:
            _serve(history, row, detail.get("endpoint_config"), fact.version, ADOPTED)
        case Kind.CHANGED_BY_HAND:
            _serve(history, row, detail.get("endpoint_config"), fact.version, MANUAL)
        case Kind.ATTEMPT_OPENED:
            _open(history, row)
        case Kind.ATTEMPT_CLOSED:
            _close(history, row)
        case Kind.HELD | Kind.ALERT if detail.get("endpoint_status", "") is None:
            _end(history, fact.at)
        case Kind.APPROVAL_SEEN:
            history.consents.append(_consent(row))
        case Kind.APPROVAL_PINNED:
            _revise(history, fact, pin=detail["pin"])
        case Kind.APPROVER_WITNESSED:
            _revise(history, fact, by=fact.who, certain=True, approver=detail.get("trail"), remark=_remark(row))
        case Kind.APPROVER_DISPUTED:
            _revise(history, fact, certain=False, remark=_remark(row))
        case Kind.OVERRIDDEN | Kind.PROMOTION_ORDERED:
            _revise(history, fact, remark=_remark(row))
        case Kind.RETRY_REQUESTED:
            _try_again(history, row)
        case _:
            pass


def _open(history: History, row: Row) -> None:
    fact, detail = row.fact, row.fact.detail
    approval = detail["approval"]
    if detail["purpose"] == Purpose.CREATE:
        # The endpoint is created because it does not exist.
        _end(history, fact.at)
    if not any((c.order, c.version) == (approval["order"], approval["version"]) for c in history.consents):
        # An approval from before the first reconcile has no row of its own.
        history.consents.append(_consent_of_attempt(approval, row))
    history.rollouts.append(
        Rollout(
            attempt=detail["attempt"],
            version=approval["version"],
            purpose=detail["purpose"],
            order=approval["order"],
            opened_at=fact.at,
            row=row.number,
            reason=fact.summary,
            gate=detail.get("gate"),
        )
    )


def _close(history: History, row: Row) -> None:
    fact, detail = row.fact, row.fact.detail
    opened = history.rollout(detail["attempt"])
    if opened is not None:
        history.rollouts[history.rollouts.index(opened)] = dataclasses.replace(
            opened,
            outcome=detail["outcome"],
            closed_at=fact.at,
            closing_row=row.number,
            closing_reason=fact.summary,
        )
    match detail["outcome"]:
        case Outcome.SUCCEEDED:
            since = detail["live_since_at"]
            _end(history, since)
            history.periods.append(
                Period(
                    version=fact.version,
                    config=detail["endpoint_config"],
                    since=since,
                    how=detail["purpose"],
                    row=row.number,
                    attempt=detail["attempt"],
                )
            )
        case Outcome.SHADOWED:
            _relaunch(history, row)
        case Outcome.SUPERSEDED:
            _serve(history, row, detail["live_endpoint_config"], None, MANUAL)


def _relaunch(history: History, row: Row) -> None:
    """Note that the live version serves from another config, with a shadow beside it."""
    detail, last = row.fact.detail, history.periods[-1] if history.periods else None
    if last is None:
        return
    since = detail["live_since_at"]
    _end(history, since)
    config, attempt = detail["endpoint_config"], detail["attempt"]
    history.periods.append(Period(last.version, config, since, detail["purpose"], row.number, attempt))


def _serve(history: History, row: Row, config: str | None, version: str | None, how: str) -> None:
    """Note that the endpoint serves `config` now. None: there is no endpoint."""
    last = history.periods[-1] if history.periods else None
    if config is not None and last and last.until is None and last.config == config:
        return
    _end(history, row.fact.at)
    if config is not None:
        history.periods.append(Period(version, config, row.fact.at, how, row.number))


def _end(history: History, at: float) -> None:
    if history.periods and history.periods[-1].until is None:
        history.periods[-1] = dataclasses.replace(history.periods[-1], until=at)


def _consent(row: Row) -> Consent:
    fact, detail = row.fact, row.fact.detail
    return Consent(
        order=detail["approval"],
        version=fact.version or "",
        at=detail["approved_at"],
        by=fact.who,
        comment=detail["comment"],
        inferred=detail["inferred"],
        certain=not detail["approver_uncertain"],
        row=row.number,
        seen_at=fact.at,
        approver=detail.get("approver"),
    )


def _consent_of_attempt(approval: dict[str, Any], row: Row) -> Consent:
    return Consent(
        order=approval["order"],
        version=approval["version"],
        at=approval["at"],
        by=approval["by"] or "unknown",
        comment=approval["comment"],
        inferred=approval["inferred"],
        certain=not approval.get("uncertain", False),
        row=row.number,
        seen_at=row.fact.at,
        approver=approval.get("approver"),
        pin=approval.get("pin"),
    )


def _remark(row: Row) -> Remark:
    return Remark(row.fact.at, row.fact.who, row.fact.summary, row.number, row.fact.kind.value)


def _revise(history: History, fact: Fact, remark: Remark | None = None, **changes: Any) -> None:
    for place, consent in enumerate(history.consents):
        if (consent.order, consent.version) == (fact.detail["approval"], fact.version):
            remarks = (*consent.remarks, remark) if remark else consent.remarks
            history.consents[place] = dataclasses.replace(consent, remarks=remarks, **changes)


def _try_again(history: History, row: Row) -> None:
    """Give the version's last approval a new order."""
    before = [consent for consent in history.consents if consent.version == row.fact.version]
    if before:
        again = dataclasses.replace(before[-1], order=row.fact.detail["approval"])
        history.consents.remove(before[-1])
        history.consents.append(dataclasses.replace(again, remarks=(*again.remarks, _remark(row))))
