"""CloudTrail's records of calls that approved, as a second source for the approver. Pure.

A record that fits no approval is ignored.
"""

import dataclasses

from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import Witness
from lambdas.gate.state.history import RecordedCall
from lambdas.gate.state.identity import Identity

TOLERANCE_SECONDS = 2.0
"""CloudTrail's and SageMaker's events have whole seconds, each of its own clock."""
EVENT_SECONDS = 120
"""How long the event may still come that says who approved or revoked a version, after that was found without it."""


def approves(witness: Witness, stage: Stage | None) -> bool:
    """True if the call approved the version, or moved it to the stage that counts as approved."""
    to_stage = witness.status is None and stage is not None and witness.stage == stage
    return witness.status == "Approved" or to_stage


def witnesses(calls: tuple[RecordedCall, ...]) -> tuple[Witness, ...]:
    """Return the calls of the event history that set a status or a stage, or deleted a version."""
    acts = (call for call in calls if call.status is not None or call.stage is not None or call.deleted)
    return tuple(
        Witness(call.version, call.identity, call.at, call.status, call.stage, call.deleted)
        for call in acts
        if call.version is not None
    )


def disagrees(head: Head, witness: Witness, stage: Stage | None) -> Approval | None:
    """Return the approval whose approver is not the one that the witness names, or is not known; None if there is no
    such approval."""
    approval = _seen_by(witness, head) if approves(witness, stage) else None
    return approval if approval is not None and _weighed(approval, witness, 0.0)[1] is not None else None


def confirms(head: Head, witness: Witness, approval: Approval, stage: Stage | None) -> bool:
    """True if the witness names the approver of this approval."""
    found = _seen_by(witness, head) if approves(witness, stage) else None
    is_it = found is not None and (found.order, found.version) == (approval.order, approval.version)
    return is_it and approval.approver is not None and _is_one(approval.approver, witness.identity)


def settle(
    head: Head, witnesses: tuple[Witness, ...], stage: Stage | None, now: float
) -> tuple[Head, tuple[Fact, ...]]:
    """Return the head with the approvers that CloudTrail confirmed, named or disputed, and a fact for each that
    changed.

    If the registry and CloudTrail name different approvers, the approver is disputed. Only another approval settles it.
    """
    facts: list[Fact] = []
    for witness in sorted(witnesses, key=lambda w: w.at):
        approval = _seen_by(witness, head) if approves(witness, stage) else None
        if approval is None:
            continue
        revised, fact = _weighed(approval, witness, now)
        if fact is not None:
            head = head.with_revised(revised)
            facts.append(fact)
    return head, tuple(facts)


def _seen_by(witness: Witness, head: Head) -> Approval | None:
    version = witness.version.lower()
    near = [
        approval
        for approval in head.known_approvals
        if approval.version.lower() == version and abs(approval.at - witness.at) <= TOLERANCE_SECONDS
    ]
    return min(near, key=lambda approval: abs(approval.at - witness.at), default=None)


def _weighed(approval: Approval, witness: Witness, now: float) -> tuple[Approval, Fact | None]:
    label, named, caller = version_label(approval.version), approval.approver, witness.identity
    detail = {
        "approval": approval.order,
        "registry": dataclasses.asdict(named) if named else None,
        "trail": dataclasses.asdict(caller),
    }
    if named is not None and not approval.uncertain:
        if _is_one(named, caller):
            return approval, None
        others = f"{caller.label} according to CloudTrail, {named.label} according to the registry"
        summary = f"{label} has two approvers: {others}"
        disputed = dataclasses.replace(approval, approver=None, uncertain=True)
        return disputed, Fact(Kind.APPROVER_DISPUTED, now, summary, version=approval.version, detail=detail)
    if approval.is_disputed:
        return approval, None
    summary = f"{label} was approved by {caller.label}, according to CloudTrail"
    settled = dataclasses.replace(approval, approver=caller, by=caller.label, uncertain=False)
    fact = Fact(Kind.APPROVER_WITNESSED, now, summary, who=caller.label, version=approval.version, detail=detail)
    return settled, fact


def _is_one(named: Identity, caller: Identity) -> bool:
    """True if all that both name agrees. CloudTrail knows no Studio user profile."""
    pairs = ((named.arn, caller.arn), (named.principal_id, caller.principal_id))
    return all(left == right for left, right in pairs if left and right)
