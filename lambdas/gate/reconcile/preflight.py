"""Preflight: before the intent, check whether SageMaker would refuse the rollout, or end it at once.

It is not documented what UpdateEndpoint does with an alarm that is missing or already in ALARM, so such a rollout is
held. There are two steps: `check` before model, config and alarms are made, so that a held rollout leaves nothing
behind, and `verify` after that.
"""

from dataclasses import dataclass
from enum import Enum

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide import background
from lambdas.gate.decide.action import Hold
from lambdas.gate.decide.hold import HOLD_RECONCILE_SECONDS
from lambdas.gate.rollout import adoption, alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Fleet, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint, Package

HIDING_SECONDS = 300
"""How long AWS may still describe a scalable target that was deregistered."""


class Unfit(Enum):
    """Why an alarm cannot guard a rollout. The value is the text that people read."""

    MISSING = "does not exist"
    IN_ALARM = "is in ALARM"


@dataclass(frozen=True)
class Clearance:
    """The result of `check`. `hold`: why the rollout is on hold; None if it is not. `alarms`: the user's alarms that
    guard the rollout. `left_out`: the user's alarms that do not, and why. `keep_count`: True to keep the present
    instance count. `wait`: an obstacle that goes away soon. `unscale`: True if the autoscaling has to be deregistered
    first. `background`: which share of its requests the live version failed in its last day, in percent; None if that
    was not read. `is_noisy`: True if the rollout goes without the alarm that its error rate would make fire."""

    hold: Hold | None = None
    alarms: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    keep_count: bool = True
    wait: str | None = None
    unscale: bool = False
    background: float | None = None
    is_noisy: bool = False


def not_opted_in(arn: str) -> str:
    """Return that the endpoint is not opted in, with the command that opts it in."""
    tag = f"Key={names.TAG_KEY},Value={names.TAG_VALUE}"
    return f"the endpoint is not opted in: aws sagemaker add-tags --resource-arn {arn} --tags {tag}"


class Preflight:
    def __init__(self, hosting: Hosting, cloudwatch: CloudWatch) -> None:
        self._hosting = hosting
        self._cloudwatch = cloudwatch

    def check(
        self,
        spec: Spec,
        head: Head,
        endpoint: Endpoint,
        fleet: Fleet,
        purpose: Purpose,
        now: float,
        *,
        package: Package | None = None,
        without_unfit_alarms: bool = False,
        drops_settings: bool = False,
        replaces_failing: bool = False,
    ) -> Clearance:
        """Check the endpoint's tag, what the live config has, the user's alarms and the autoscaling.

        Settings of a config that Approval Gate did not make, and that the entry lacks, are dropped by a revert, and if
        an operator allowed it (`drops_settings`). `package`: the version to roll out. Alarms that would end the rollout
        at once are left out of a revert, and if an operator allowed it (`without_unfit_alarms`). An update of a
        serverless endpoint has no alarms at all. The error alarm of the rollout itself would end it if the live version
        has always failed too much, unless that version is replaced because it fails (`replaces_failing`).
        """
        again = now + HOLD_RECONCILE_SECONDS
        if not self._hosting.is_opted_in(endpoint.arn):
            reason = not_opted_in(endpoint.arn)
            return Clearance(hold=Hold(reason, again, notice=Notice(Code.NOT_OPTED_IN)))
        is_adopted = head.live is not None and head.live.settings is None
        if is_adopted and not purpose.is_back and not drops_settings:
            lacking = adoption.lacking(self._hosting.adopted(endpoint.config), spec, package)
            if lacking:
                notice = Notice(Code.ADOPTION_INCOMPLETE, "; ".join(each.text for each in lacking))
                return Clearance(hold=Hold(_incomplete(spec.endpoint, lacking), again, notice=notice))
        unfit = self._unfit(spec.rollback_on.alarms)
        if unfit and not purpose.is_back and not without_unfit_alarms:
            why = "your alarms could not guard it" if fleet.serverless else "the rollout would end at once"
            subject = "; ".join(f"{name}: {state.name}" for name, state in unfit.items())
            notice = Notice(Code.ALARMS_UNFIT, f"serverless | {subject}" if fleet.serverless else subject)
            unfit_text = "; ".join(_text(name, state) for name, state in unfit.items())
            return Clearance(hold=Hold(f"{why}: {unfit_text}", again, notice=notice))
        if fleet.serverless:
            return Clearance()
        hours = self._hours(spec, head, purpose, now)
        is_noisy = not replaces_failing and background.is_above(hours, spec, now)
        if is_noisy and not without_unfit_alarms:
            notice = Notice(Code.BACKGROUND_ABOVE, f"{spec.rollback_on.error_rate_percent:g}")
            return Clearance(hold=Hold(_noisy(spec, head), again, notice=notice))
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
            reason = (
                f"the instance type changes to {fleet.instance_type} on an autoscaled variant; "
                "AWS refuses that until its scalable target is deregistered"
            )
            notice = Notice(Code.AUTOSCALED_ELSEWHERE, fleet.instance_type or "")
            return Clearance(hold=Hold(reason, again, notice=notice))
        return Clearance(
            alarms=tuple(name for name in spec.rollback_on.alarms if name not in unfit),
            left_out=(*(_text(name, state) for name, state in unfit.items()), *((NOISY,) if is_noisy else ())),
            keep_count=autoscaled or not resized or spec.autoscaling is not None,
            unscale=unscale,
            background=background.percent(hours, now),
            is_noisy=is_noisy,
        )

    def _hours(self, spec: Spec, head: Head, purpose: Purpose, now: float) -> tuple[Hour, ...]:
        """Return the live version's requests by hour; nothing for a revert and the end of a shadow, which do
        not wait for that."""
        if head.live is None or purpose.is_back:
            return ()
        metric = alarms.ERROR_METRICS[alarms.errors(spec)]
        return self._cloudwatch.failures_by_hour(spec.endpoint, spec.variant.name, metric, head.live.since, now)

    def verify(self, config: str, own_alarms: tuple[str, ...]) -> str | None:
        """Return why the new config or alarms cannot be used yet; None if they can. AWS shows them with a delay."""
        if not self._hosting.config_exists(config):
            return f"the endpoint config {config} is not visible yet"
        return next((_text(name, state) for name, state in self._unfit(own_alarms).items()), None)

    def _unfit(self, alarm_names: tuple[str, ...]) -> dict[str, Unfit]:
        """Return the alarms that cannot guard a rollout, and why."""
        states = self._cloudwatch.states(alarm_names)
        return {
            name: Unfit.MISSING if name not in states else Unfit.IN_ALARM
            for name in alarm_names
            if name not in states or states[name] is not None
        }


def _incomplete(endpoint: str, lacking: tuple[adoption.Setting, ...]) -> str:
    """Return that the rollout would drop settings, with the lines of the entry that keep them."""
    lines = "; ".join(f"{name}: {adoption.written(each)}" for name, each in adoption.entry(lacking).items())
    others = "; ".join(adoption.unkept(lacking))
    parts = [f"add to its entry: {lines}"] if lines else []
    parts += [f"no line of an entry keeps this: {others}"] if others else []
    return (
        "the endpoint has settings that its entry lacks, and the rollout would drop them; "
        f"{'; '.join(parts)}; to drop them: approval-gate override {endpoint} VERSION --check adoption --reason WHY"
    )


NOISY = "its error alarm, as the live version has always failed more"


def _noisy(spec: Spec, head: Head) -> str:
    """Return why the rollout would end, whatever version it brings, and what to do."""
    live, bound = head.live, f"{spec.rollback_on.error_rate_percent:g} %"
    label = version_label(live.version or live.config) if live else "the live version"
    return (
        f"the rollout would end at once, whatever the new version does: {label} has failed more than {bound} of its "
        "requests in each hour of its first and of its last day; raise error_rate_percent in the entry above that, "
        "or stop what fails the requests; to roll out without the error alarm: "
        f"approval-gate override {spec.endpoint} VERSION --check alarms --reason WHY"
    )


def _text(alarm: str, state: Unfit) -> str:
    return f"alarm {alarm} {state.value}"


def _is_resized(head: Head, fleet: Fleet) -> bool:
    """True if the spec's instance count or type changed. Those of an adopted config are not known, so the present count
    is kept."""
    live = head.live
    if live is None or live.instance_count is None:
        return False
    return (live.instance_type, live.instance_count) != (fleet.instance_type, fleet.instance_count)
