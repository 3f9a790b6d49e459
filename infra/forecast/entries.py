"""The cases of a plan, made from an entry of endpoints.yaml."""

import dataclasses

from infra.config.entry import Entry
from infra.config.plan import rollout
from infra.config.sections.traffic import Traffic
from infra.config.sections.variant import ServerlessVariant
from infra.forecast.alarm import ErrorAlarm
from infra.forecast.alternatives import alternatives
from infra.forecast.outcomes import Case, Load


def case(entry: Entry, traffic: Traffic) -> Case:
    """Return the case of the entry's own rollout."""
    if isinstance(entry.variant, ServerlessVariant):
        raise ValueError("There is no plan for a serverless variant, which has no steps, no bake and no old fleet.")
    count = entry.variant.instance_count
    return Case(
        rollout(entry.rollout, count),
        count,
        ErrorAlarm(entry.rollback_on.error_rate_percent / 100),
        Load(
            traffic.requests_per_second,
            traffic.bad_version_error_rate_percent / 100,
            traffic.background_error_rate_percent / 100,
        ),
    )


def cases(own: Case) -> tuple[Case, ...]:
    """Return the case of each strategy with the same waits, the entry's own first."""
    rollouts = alternatives(own.rollout, own.instance_count)
    return tuple(dataclasses.replace(own, rollout=each) for each in rollouts)
