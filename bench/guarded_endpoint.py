"""The endpoint on which rollouts are played: the first one of a file, if alarms guard its rollouts."""

from dataclasses import dataclass
from pathlib import Path

import click

from infra.config.load import load
from infra.config.plan import rollout
from infra.config.sections.variant import ServerlessVariant
from infra.config.spec import spec
from lambdas.gate.spec.spec import Rollout, Spec


@dataclass(frozen=True)
class GuardedEndpoint:
    """`shape`: its entry's rollout."""

    spec: Spec
    shape: Rollout
    instance_count: int


def first_endpoint(endpoints: Path) -> GuardedEndpoint:
    """Return the file's first endpoint. Raises click.UsageError if it is serverless."""
    first = load(endpoints).endpoints[0]
    variant = first.entry.variant
    if isinstance(variant, ServerlessVariant):
        raise click.UsageError(f"{first.name} is serverless, so no alarm guards its rollouts.")
    count = variant.instance_count
    return GuardedEndpoint(spec(first.name, first.entry, "role"), rollout(first.entry.rollout, count), count)
