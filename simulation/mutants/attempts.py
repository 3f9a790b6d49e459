"""Mutants of an attempt: its intent, its call, its end, and its publication."""

from dataclasses import replace
from typing import Any

from lambdas.deployer.batch import Batch
from lambdas.gate import names
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.inbox import approval_hint
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.decide import failure, judgement, revert
from lambdas.gate.decide.failure import Cause
from lambdas.gate.reconcile.roll_out import RolloutStarter
from lambdas.gate.reconcile.write import Change, LedgerWriter
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import EndpointStatus
from lambdas.gate.transitions import opening
from lambdas.gate.transitions.transition import Transition
from lambdas.publisher.publisher import Publisher
from simulation.mutants.mutant import FirstPages, Mutant, Original, answers_with, given, never, nothing


def _not_written(write: Original, writer: LedgerWriter, change: Change, reconcile_at: float | None) -> Any:
    is_intent = any(fact.kind is Kind.ATTEMPT_OPENED for fact in change.facts)
    return Change(change.head, change.head, change.now) if is_intent else write(writer, change, reconcile_at)


def _unconditional(put_head: Original, ledger: Ledger, before: Head | None, after: Head) -> Any:
    put = put_head(ledger, before, after)["Put"]
    return {"Put": {"TableName": put["TableName"], "Item": put["Item"]}}


def _keeping_approvals(changed: Original, head: Head, *args: Any, **kwargs: Any) -> Head:
    after: Head = changed(head, *args, **kwargs)
    return replace(after, approvals=head.approvals)


def _superseding_nothing(opened: Original, head: Head, attempt: Attempt, *rest: Any) -> Transition:
    after, facts = opened(head, attempt, *rest)
    return replace(after, approvals=head.approvals), facts


def _as_an_approval(approval_hint: Original, event: dict[str, Any]) -> Any:
    detail = event.get("detail", {}) | {"UpdatedModelPackageFields": ["ModelApprovalStatus"]}
    return approval_hint(event | {"detail": detail})


def _as_internal(cause_of: Original, reason: str | None) -> Cause:
    cause: Cause = cause_of(reason)
    return Cause.INTERNAL if cause is Cause.UNKNOWN else cause


def _removed_first(tell: Original, publisher: Publisher, row: Any) -> None:
    publisher.outbox.remove(row)
    tell(publisher, row)


MUTANTS = (
    Mutant("no intent before the call", LedgerWriter.write, _not_written),
    Mutant(
        "the approval is not read again before the call",
        RolloutStarter._described,
        answers_with(approval_status="Approved"),
        ("approve: GetItem 5 rv", "approve"),
    ),
    Mutant(
        "an old config is always a rollback",
        judgement._judge_old_config,
        lambda judge, observed, endpoint, head, attempt, now: judgement._rolled_back("rolled back", observed, now),
    ),
    Mutant(
        "an old config is never a rollback",
        judgement._judge_old_config,
        lambda judge, observed, endpoint, head, attempt, now: judgement.failed(head, attempt, "", now, unseen=True),
        ("errs",),
    ),
    Mutant("a quarantined approval stays a candidate", Head.with_quarantined, _keeping_approvals, ("errs",)),
    Mutant("no approval is known to be quarantined", Head.is_quarantined, never, ("settings-errs",)),
    Mutant(
        "quarantine is ignored by the way back",
        revert._is_at_fault,
        never,
        ("kpi-burns-revert", "revoke-live", "resize-errs"),
    ),
    Mutant(
        "a revert takes a version with the settings that failed with it",
        revert.own_settings,
        nothing,
        ("settings-worse-then-revoked",),
    ),
    Mutant(
        "settings that failed with a version condemn it",
        revert._is_at_fault,
        lambda is_at_fault, quarantined, good, settings: is_at_fault(
            quarantined, replace(good, settings=None), settings
        ),
        ("resize-errs-then-revoked",),
    ),
    Mutant(
        "the head's revision is not checked",
        Ledger._put_head,
        _unconditional,
        ("approve: ListModelPackages 14 av, DescribeAlarms 4 se",),
    ),
    Mutant(
        "only the first page of versions is read",
        Registry._listed,
        lambda listed, registry, group, **request: listed(Registry(FirstPages(registry._sagemaker)), group, **request),
        ("while-updating",),
    ),
    Mutant(
        "only the first page of tags is read",
        Hosting.is_opted_in,
        lambda is_opted_in, hosting, arn: is_opted_in(Hosting(FirstPages(hosting._sagemaker), None, None), arn),
    ),
    Mutant(
        "InService is success",
        judgement.is_live,
        lambda is_live, endpoint, attempt: endpoint.status == EndpointStatus.IN_SERVICE,
        ("errs",),
    ),
    Mutant("an edit of metadata is an approval", approval_hint, _as_an_approval, ("edit",)),
    Mutant("the lock is ignored", judgement._may_be_calling, never),
    Mutant("an unknown reason is SageMaker's own fault", failure.cause_of, _as_internal, ("odd",)),
    Mutant(
        "an obstacle that passes by itself drops the approval",
        judgement.failed_for_now,
        answers_with(retry=None),
        ("approve", "two-at-once"),
    ),
    Mutant("an approval's event is lost on a throttle", Batch._send_again, nothing, ("errs-approved-again",)),
    Mutant("the outbox is emptied before the row is told", Publisher._notify, _removed_first),
    Mutant("people are told, and the bus is not", Publisher._put_event, nothing),
    Mutant(
        "UpdateEndpoint is repeated by its client",
        Hosting.update_endpoint,
        lambda update, hosting, *args, **kwargs: update(
            Hosting(hosting._sagemaker, hosting._sagemaker, None), *args, **kwargs
        ),
    ),
    Mutant(
        "a config is named without its version and settings",
        names.endpoint_config,
        given(version_arn="", settings=""),
        ("revoke-launching: PutMetricAlarm 4 ca, GetItem 5 av",),
    ),
    Mutant("opening an attempt supersedes nothing", opening.opened, _superseding_nothing, ("two-at-once",)),
    Mutant(
        "what failed once is given up",
        judgement.failed,
        answers_with(quarantine=True, alert="given up"),
        ("unlucky",),
    ),
)
