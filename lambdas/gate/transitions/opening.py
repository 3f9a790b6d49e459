"""Opening an attempt, and what is written while it is open: the intent, SageMaker's acceptance, a requested abort.
Pure."""

import dataclasses

from lambdas.gate.decide.action import RequestAbort, RollOut, Update
from lambdas.gate.decide.resize import restores_settings
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.fact import GATE, Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Observed
from lambdas.gate.transitions.transition import Transition, gate_detail, overtaken, with_failing_version
from lambdas.gate.version import VERSION

UNWATCHED = "it refused the alarms with metric math, so only the deployer watches them"
UNGUARDED = "it refused guardrails because of a shadow, so no alarm guards it"


def opened(
    head: Head, attempt: Attempt, decision: RollOut, observed: Observed, now: float, asset: str = ""
) -> Transition:
    """Return the head with the intent, and its row. Opening an attempt supersedes all older approvals, so the last
    approval wins. `asset`: the SHA-256 of the deployer's code and packages; empty if that is not known."""
    if isinstance(decision, Update):
        head = with_failing_version(head, decision)
    fact = Fact(
        Kind.ATTEMPT_OPENED,
        now,
        decision.reason,
        version=attempt.approval.version,
        detail={
            "attempt": attempt.number,
            "purpose": attempt.purpose,
            **({"restores_settings": True} if restores_settings(head, attempt) else {}),
            "approval": dataclasses.asdict(attempt.approval),
            "endpoint_config": attempt.fleet.config,
            "previous_endpoint_config": attempt.previous_config,
            "instance_type": attempt.fleet.instance_type,
            "instance_count": attempt.fleet.instance_count,
            **({"serverless": dataclasses.asdict(attempt.fleet.serverless)} if attempt.fleet.serverless else {}),
            "spec": {"version": head.spec.version, "digest": head.spec.digest},
            "deployer": {"version": VERSION, "asset": asset},
            "alarms": attempt.alarms,
            **({"golden_requests": {"digest": attempt.golden_set}} if attempt.golden_set is not None else {}),
            **gate_detail(decision.verdict, attempt.approval, observed),
        },
    )
    dropped = overtaken(head, attempt.approval, now)
    head = dataclasses.replace(
        head,
        attempt=attempt,
        attempts=attempt.number,
        approvals=tuple(a for a in head.approvals if a.rank >= attempt.approval.rank),
        notice=None,
        held=None,
    )
    return head, (*dropped, fact)


def accepted(head: Head, attempt: Attempt, how: str, now: float, refused: tuple[str, ...] = ()) -> Transition:
    """Return the head and the row once SageMaker accepted the call. `refused`: the alarms that it did not take."""
    lost = UNGUARDED if attempt.unguarded else UNWATCHED
    fact = Fact(
        Kind.ATTEMPT_ACCEPTED,
        now,
        f"SageMaker accepted the rollout of {attempt.fleet.config}: {how}" + (f"; {lost}" if refused else ""),
        version=attempt.approval.version,
        detail={
            "attempt": attempt.number,
            "endpoint_config": attempt.fleet.config,
            **({"alarms_refused": refused} if refused else {}),
            **({"guardrails_refused": True} if attempt.unguarded else {}),
        },
    )
    return dataclasses.replace(head, attempt=dataclasses.replace(attempt, accepted_at=now)), (fact,)


def abort_requested(head: Head, attempt: Attempt, decision: RequestAbort, now: float) -> Transition:
    """Return the head and the row once the abort was requested.

    A request is not an abort: AWS watches the abort alarm while the new fleet takes traffic, and never during the first
    creation of an endpoint or on a serverless one.
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    kind, what = Kind.ALERT, "the first creation of an endpoint cannot be aborted; it is judged when it is done"
    if attempt.is_guarded:
        kind = Kind.ABORT_REQUESTED
        what = "its abort is requested; AWS acts on it once the new fleet has traffic"
    elif attempt.purpose is not Purpose.CREATE:
        what = "an update of a serverless endpoint cannot be aborted; the new version is judged once it is live"
    fact = Fact(
        kind,
        now,
        f"{decision.reason}; {what}",
        who=attempt.abort.by if attempt.abort else GATE,
        version=attempt.approval.version,
        detail={
            "attempt": attempt.number,
            "endpoint_config": attempt.fleet.config,
            "reason": attempt.abort.reason if attempt.abort else None,
            "cause": decision.cause,
            **({} if decision.alarm is None else {"alarm": decision.alarm}),
        },
    )
    attempt = dataclasses.replace(
        attempt, abort_reason=decision.reason, abort_alarm=decision.alarm, abort_cause=decision.cause
    )
    return dataclasses.replace(head, attempt=attempt), (fact,)
