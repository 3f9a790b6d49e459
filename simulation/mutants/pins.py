"""Mutants of what was pinned, against what is there."""

from dataclasses import replace
from typing import Any

from lambdas.gate.aws import ledger
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.decide import revert
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Check, Result
from lambdas.gate.reconcile import pinning, roll_out
from lambdas.gate.reconcile.compare import Comparison
from lambdas.gate.reconcile.history import HistoryReader
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.reconcile.roll_out import Prepared, RolloutStarter
from lambdas.gate.state import pin, versions_seen
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.certainty import Certain
from lambdas.gate.state.pin import Pin
from lambdas.gate.state.registration import Content, Registration
from lambdas.gate.transitions import revert_targets
from simulation.mutants.mutant import Mutant, Original, answers, answers_with, given, never, nothing


def _first(pinned: Pin) -> Pin:
    return replace(pinned, artifacts=pinned.artifacts[:1])


def _undated(pinned: Pin) -> Pin:
    return replace(pinned, artifacts=tuple(replace(artifact, modified_at=0.0) for artifact in pinned.artifacts))


def _overwritten(register: Original, edge: Ledger, endpoint: str, registration: Registration) -> None:
    edge._dynamodb.put_item(TableName=edge._table, Item=ledger.registration_item(endpoint, registration))


def _content_overwritten(register: Original, edge: Ledger, endpoint: str, content: Content) -> None:
    edge._dynamodb.put_item(TableName=edge._table, Item=ledger.content_item(endpoint, content))


def _unpinned_revert(call: Original, attempting: RolloutStarter, prepared: Prepared, *rest: Any) -> Any:
    attempt = prepared.attempt
    if attempt.purpose is Purpose.REVERT:
        prepared = replace(prepared, attempt=replace(attempt, approval=replace(attempt.approval, pin=None)))
    return call(attempting, prepared, *rest)


MUTANTS = (
    Mutant(
        "what was approved unseen is taken for what was approved",
        HistoryReader.certainty,
        answers(Certain()),
        ("respecified-after", "swapped-in-approval"),
    ),
    Mutant(
        "only the first container is pinned",
        Pinning._read,
        lambda read, pinning, spec, package, *pinned, **how: read(
            pinning, spec, replace(package, containers=package.containers[:1]), *pinned, **how
        ),
        ("swapped-second",),
    ),
    Mutant(
        "what the environment names is not pinned",
        pinning._uris,
        lambda uris, container, pinned: uris(replace(container, named=()), pinned),
        ("swapped-code",),
    ),
    Mutant(
        "a model of a hub is pinned without its revision",
        Pinning.read,
        lambda read, pins, spec, package: read(
            pins, spec, replace(package, containers=tuple(replace(c, unfixed=()) for c in package.containers))
        ),
        ("from-a-hub",),
    ),
    Mutant(
        "only the first artifact is compared",
        pin.difference,
        lambda difference, pinned, now: difference(_first(pinned), _first(now)),
        ("swapped-second",),
    ),
    Mutant(
        "what was pinned is not read again before the call",
        Pinning.again,
        lambda again, pinning, spec, pinned, package, **how: pinned,
        ("pinned",),
    ),
    Mutant(
        "what was pinned is read again before the call, and not compared",
        roll_out._changed,
        nothing,
        ("swapped-way-back",),
    ),
    Mutant(
        "the specification is not compared before the call",
        pinning.with_specification,
        lambda with_specification, pinned, package: pinned,
        ("approved-unseen: HeadObject 6 sp",),
    ),
    Mutant(
        "a version is not registered before its approval",
        Reconciler._register,
        answers(frozenset()),
        ("respecified-before",),
    ),
    Mutant(
        "a version is registered after its approval, too",
        versions_seen.settle,
        given(approved={}),
        ("respecified-unseen",),
    ),
    Mutant(
        "an approval is not compared with what was registered",
        Observer._described,
        answers_with(changed=None),
        ("respecified-before",),
    ),
    Mutant(
        "what was registered is not compared before the call",
        roll_out._changed,
        given(registration=None),
        ("respecified-adopted",),
    ),
    Mutant(
        "what was registered is written again",
        Ledger.register,
        _overwritten,
        ("registered",),
    ),
    Mutant(
        "what a version loads is not recorded before its approval",
        Pinning.register,
        answers(frozenset()),
        ("registered",),
    ),
    Mutant(
        "an approval is pinned to what the version loads now",
        Ledger.content,
        nothing,
        ("swapped-before",),
    ),
    Mutant(
        "what a version loads is written again",
        Ledger.register_content,
        _content_overwritten,
        ("registered",),
    ),
    Mutant(
        "a version that S3 was silent about is done with",
        Reconciler._register,
        lambda register, reconciler, spec, packages, now: register(reconciler, spec, packages, now) & frozenset(),
        ("registered-anew: HeadObject 5 lo",),
    ),
    Mutant(
        "what could not be read at the approval is pinned later",
        checks._is_void,
        never,
        ("unreadable-unrecorded",),
    ),
    Mutant(
        "an artifact that is gone voids the approval",
        Pinning.again,
        lambda again, pins, spec, pinned, package, **how: again(pins, spec, pinned, package, without_missing=True),
        ("artifact-gone",),
    ),
    Mutant(
        "a revert is to what the version names now",
        RolloutStarter._call,
        _unpinned_revert,
        ("swapped-way-back",),
    ),
    Mutant(
        "the good versions are not compared",
        Comparison._with_good,
        lambda with_good, comparison, head, *rest, **how: head,
        ("target-overwritten",),
    ),
    Mutant(
        "an image that is gone is no difference",
        Pinning.missing_image,
        nothing,
        ("target-image-gone",),
    ),
    Mutant(
        "a revert takes a version that is known to differ",
        revert.targets,
        lambda targets, settings, head, live: revert.candidates(settings, head, live),
        ("target-overwritten",),
    ),
    Mutant(
        "nobody hears that a revert takes another version",
        revert_targets._lost,
        answers(()),
        ("target-overwritten",),
    ),
    Mutant(
        "what could not be pinned is taken as it is",
        checks._pin,
        lambda judged, question: (
            judged(question) if question.approval.pin else Check(checks.PIN, Result.PASSED, "as it is", "")
        ),
        ("unreadable-unrecorded",),
    ),
    Mutant(
        "what is approved is pinned anew at each reconcile",
        pinning._is_pinned,
        never,
        ("tag-moved",),
    ),
    Mutant(
        "an artifact may be later than its approval",
        Pin.changed_after,
        nothing,
        ("swapped-unseen",),
    ),
    Mutant(
        "the same bytes written again are the same artifact",
        pin.difference,
        lambda difference, pinned, now: difference(_undated(pinned), _undated(now)),
        ("swapped",),
    ),
    Mutant(
        "what is live is what is approved, whatever it is made of",
        pin.is_what_runs,
        lambda is_what_runs, served, approved, *, pinned: is_what_runs(served, approved and served, pinned=pinned),
        ("swapped-in-flight",),
    ),
    Mutant(
        "what is live is what is approved where that cannot be read",
        pin.is_what_runs,
        lambda is_what_runs, served, approved, *, pinned: (
            approved is None or is_what_runs(served, approved, pinned=pinned)
        ),
        ("swapped-in-flight",),
    ),
)
