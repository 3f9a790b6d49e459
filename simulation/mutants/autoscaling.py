"""Mutants of autoscaling: when it is registered, and taken off."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.decide.action import Scale
from lambdas.gate.reconcile import reconciler
from lambdas.gate.reconcile.autoscale import AutoscalingUpdater
from lambdas.gate.reconcile.preflight import Preflight
from lambdas.gate.reconcile.roll_out import RolloutStarter
from lambdas.gate.state import autoscaling_change
from lambdas.gate.state.autoscaling_change import AutoscalingChange
from simulation.mutants.mutant import Mutant, Original, answers, never


def _with_alarms_deleted(prepare: Original, rollouts: RolloutStarter, *asked: Any) -> Any:
    prepared = prepare(rollouts, *asked)
    if isinstance(prepared, Scale):
        rollouts.cloudwatch.delete(prepared.unused_alarms)
    return prepared


MUTANTS = (
    Mutant(
        "autoscaling is registered once and for all",
        autoscaling_change.is_due,
        lambda is_due, last, wanted, now: last is None and is_due(last, wanted, now),
        ("scaled",),
    ),
    Mutant(
        "an endpoint has the autoscaling of the one that was there before",
        autoscaling_change.of_endpoint,
        lambda of_endpoint, last, created_at: last,
        ("scaled-recreated",),
    ),
    Mutant(
        "an intent of autoscaling is taken for its outcome",
        autoscaling_change.is_due,
        lambda is_due, last, wanted, now: is_due(last and replace(last, done=True), wanted, now),
        ("scaled-approve",),
    ),
    Mutant(
        "autoscaling is not taken off for another instance type",
        AutoscalingChange.may_be_registered,
        never,
        ("scaled-retyped",),
    ),
    Mutant(
        "alarms that are not used are deleted before the lock is held",
        RolloutStarter.prepare,
        _with_alarms_deleted,
        ("scaled-retyped",),
    ),
    Mutant(
        "the count that autoscaling has set is not kept",
        Preflight.check,
        lambda check, preflight, spec, *asked, **how: check(preflight, replace(spec, autoscaling=None), *asked, **how),
        ("scaled-retyped",),
    ),
    Mutant(
        "what others put on the target is taken off",
        ScalableTarget._of_others,
        answers([]),
        ("scaled-with-theirs",),
    ),
    Mutant(
        "autoscaling is registered without the tag",
        AutoscalingUpdater._refused,
        lambda refused, updater, spec, endpoint, wanted: refused(
            replace(updater, hosting=SimpleNamespace(is_opted_in=lambda arn: True)), spec, endpoint, wanted
        ),
        ("scaled-not-opted-in",),
    ),
    Mutant(
        "a rollout that has to wait leaves the variant without autoscaling",
        reconciler._may_be_off,
        never,
        ("scaled-held",),
    ),
)
