"""`plan`: what the rollout of an endpoint would see and lose, by what the live version answered in its last day."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.decide.background import DAY
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.shared_minute import NONE, Count
from ops import options
from ops.account import Account
from ops.errors import Exit, Refused
from ops.options import Options
from ops.render.output import Output
from ops.render.table import Table

if TYPE_CHECKING:
    from infra.forecast.outcomes import Load

BAD = 0.05
"""The share of requests that the bad version of the plan fails, as by default in an entry's `traffic`."""


@click.command()
@options.endpoint
@click.pass_obj
def plan(chosen: Options, endpoint: str) -> Output:
    """Compute what the next rollout of ENDPOINT would see and lose, from the requests of its last day. Only reads."""
    # What computes the plan reads the schema of the file, which is large. Help and completion do not wait for it.
    from infra.forecast.alarm import ErrorAlarm  # noqa: PLC0415
    from infra.forecast.entries import cases  # noqa: PLC0415
    from infra.forecast.outcomes import Case, Load  # noqa: PLC0415
    from infra.forecast.risks import risks  # noqa: PLC0415
    from infra.forecast.rows import rows  # noqa: PLC0415
    from infra.forecast.shadow import sentences  # noqa: PLC0415
    from infra.forecast.wording import count, rate  # noqa: PLC0415

    account = Account.of(chosen)
    account.require(endpoint)
    spec = account.spec(endpoint)
    if spec is None:
        raise Refused(f"The spec of {endpoint} cannot be read: another release wrote it.", Exit.UNREADABLE)
    if spec.variant.instance_count is None or spec.serving.asynchronous is not None:
        none = f"There is no plan for {endpoint}: only a real-time endpoint on instances has steps and a bake."
        return Output(none, values=[_values(endpoint, None, (), (), none)])
    seconds, total = _last_day(account, spec)
    if not total.requests:
        raise Refused(f"CloudWatch has no requests of {endpoint} in the last day, so there is nothing to compute with.")
    load = Load(total.requests / seconds, BAD, total.rate)
    alarm = ErrorAlarm(spec.rollback_on.error_rate_percent / 100, period_seconds=spec.publish_seconds)
    own = Case(spec.rollout, spec.variant.instance_count, alarm, load)
    headings, *lines = rows(cases(own))
    said = (
        f"{endpoint}: {count(load.requests_per_second)} requests a second in its last day, of which "
        f"{rate(total.rate)} failed. The plan is for a version that fails {rate(load.error_rate)}."
    )
    told = tuple(risks(own))
    if spec.shadow is not None:
        told += tuple(sentences(spec.shadow, spec.judged_by, own.rollout, own.instance_count, load))
    strategies = [dict(zip(headings, line, strict=True)) for line in lines]
    return Output(said, Table(headings, tuple(lines)), *told, values=[_values(endpoint, load, strategies, told, None)])


def _values(
    endpoint: str, load: "Load | None", strategies: Sequence[Any], risks: Sequence[str], none: str | None
) -> dict[str, Any]:
    """Return the plan for programs. `none`: why there is no plan, in words; None if there is one."""
    return {
        "endpoint": endpoint,
        "requests_per_second": load and load.requests_per_second,
        "failed_percent": load and 100 * load.background,
        "bad_percent": 100 * BAD,
        "strategies": strategies,
        "risks": risks,
        "none": none,
    }


def _last_day(account: Account, spec: Spec) -> tuple[float, Count]:
    """Return the requests of the last day, and how many seconds these cover."""
    cloudwatch, metric = CloudWatch(account.client("cloudwatch")), alarms.ERROR_METRICS[alarms.errors(spec)]
    now = account.now
    try:
        hours = cloudwatch.failures_by_hour(spec.endpoint, spec.variant.name, metric, now - DAY, now)
    except FAILURES as error:
        raise Refused(f"What {spec.endpoint} answered cannot be read: {error}", Exit.UNREADABLE) from error
    begun = max(now - DAY, hours[0].at) if hours else now - DAY
    return now - begun, sum((hour.count for hour in hours), NONE)
