"""An entry of endpoints.yaml as the cases its plan is about."""

import dataclasses

from infra.config.entry import Entry
from infra.config.plan import rollout
from infra.config.sections.traffic import Traffic
from infra.config.sections.variant import ServerlessVariant
from infra.forecast.alarm import ErrorAlarm
from infra.forecast.alternatives import alternatives
from infra.forecast.outcomes import Case, Load


def case(entry: Entry, traffic: Traffic) -> Case:
    """The entry's own rollout. Its two error alarms count the same failures by the same bound: they fire as one."""
    if isinstance(entry.variant, ServerlessVariant):
        raise ValueError("A serverless variant has no steps, no bake and no old fleet to reckon with.")
    count = entry.variant.instance_count
    return Case(
        rollout(entry.rollout, count),
        count,
        ErrorAlarm(entry.rollback_on.error_rate_percent / 100),
        Load(traffic.requests_per_second, traffic.bad_version_error_rate_percent / 100),
    )


def cases(own: Case) -> tuple[Case, ...]:
    """Every strategy with the same waits, its own first."""
    rollouts = alternatives(own.rollout, own.instance_count)
    return tuple(dataclasses.replace(own, rollout=each) for each in rollouts)
