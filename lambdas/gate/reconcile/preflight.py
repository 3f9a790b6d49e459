"""Preflight: what would make SageMaker refuse a rollout, or make it end before it began, asked before the intent.

What UpdateEndpoint does with an alarm that is missing or already in ALARM is not documented, so neither gets that far.
Asked in two parts: `check` before anything is made, so that a held rollout leaves nothing behind; `verify` after.
"""

from dataclasses import dataclass

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.attempt import Fleet, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint

HIDING_SECONDS = 300
"""So long a scalable target that was taken off may still be described."""


@dataclass(frozen=True)
class Clearance:
    """`hold`: why the rollout may not start now; else `alarms` are the user's to roll back on, `left_out` those that it
    goes without and why, and `keep_count` whether the present instance count is kept. `wait`: what passes by itself
    soon. `unscale`: what the gate registered for autoscaling has to be taken off first."""

    hold: str | None = None
    alarms: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    keep_count: bool = True
    wait: str | None = None
    unscale: bool = False


def opting_in(arn: str) -> str:
    """The command that opts an endpoint in."""
    return f"aws sagemaker add-tags --resource-arn {arn} --tags Key={names.TAG_KEY},Value={names.TAG_VALUE}"


class Preflight:
    def __init__(self, hosting: Hosting, watch: CloudWatch) -> None:
        self._hosting = hosting
        self._watch = watch

    def check(
        self,
        spec: Spec,
        head: Head,
        endpoint: Endpoint,
        fleet: Fleet,
        purpose: Purpose,
        now: float,
        *,
        without_unfit_alarms: bool = False,
    ) -> Clearance:
        """What was there before: the endpoint's tag, the user's alarms, autoscaling. A revert goes without the alarms
        that would end it at once, and so does what an operator let pass. A serverless update carries none anyway."""
        if not self._hosting.is_opted_in(endpoint.arn):
            return Clearance(hold=f"the endpoint is not opted in: {opting_in(endpoint.arn)}")
        unfit = self._unfit(spec.rollback_on.alarms)
        if unfit and purpose is not Purpose.REVERT and not without_unfit_alarms:
            why = "your alarms could not guard it" if fleet.serverless else "the rollout would end at once"
            return Clearance(hold=f"{why}: " + "; ".join(unfit.values()))
        if fleet.serverless:
            return Clearance()
        resized = _is_resized(head, fleet)
        retyped = head.live is not None and head.live.instance_type not in (fleet.instance_type, None)
        # AWS refuses another instance type for a scalable target.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-update.html
        same = head.live is not None and head.live.instance_type == fleet.instance_type
        unscale = not same and head.scaling is not None and head.scaling.may_be_registered
        autoscaled = resized and not unscale and self._hosting.is_autoscaled(spec.endpoint, spec.variant.name)
        if autoscaled and retyped:
            if head.scaling and now < head.scaling.begun_at + HIDING_SECONDS:
                return Clearance(wait="the scalable target that was taken off is still to be seen")
            return Clearance(
                hold=f"the instance type changes to {fleet.instance_type} on an autoscaled variant; "
                "AWS refuses that until its scalable target is deregistered"
            )
        return Clearance(
            alarms=tuple(name for name in spec.rollback_on.alarms if name not in unfit),
            left_out=tuple(unfit.values()),
            keep_count=autoscaled or not resized or spec.autoscaling is not None,
            unscale=unscale,
        )

    def verify(self, config: str, own_alarms: tuple[str, ...]) -> str | None:
        """Why what was just made cannot be used yet: AWS shows a new config or alarm with a delay."""
        if not self._hosting.config_exists(config):
            return f"the endpoint config {config} is not visible yet"
        return next(iter(self._unfit(own_alarms).values()), None)

    def _unfit(self, alarm_names: tuple[str, ...]) -> dict[str, str]:
        """The alarms that cannot guard a rollout, and why."""
        states = self._watch.states(alarm_names)
        return {
            name: f"alarm {name} does not exist" if name not in states else f"alarm {name} is in ALARM"
            for name in alarm_names
            if name not in states or states[name] is not None
        }


def _is_resized(head: Head, fleet: Fleet) -> bool:
    """The spec's own count or type changed. An adopted config's are not known, so its present count is kept."""
    live = head.live
    if live is None or live.instance_count is None:
        return False
    return (live.instance_type, live.instance_count) != (fleet.instance_type, fleet.instance_count)
