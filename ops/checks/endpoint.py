"""Can the gate do its work for an endpoint: is it reconciled, do its alarms guard it, can SageMaker start a fleet?"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.ledger import Altered
from lambdas.gate.decide.revert import targets
from lambdas.gate.rollout import alarms
from lambdas.gate.rollout.deployment_config import steps
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.head import Head
from lambdas.gate.text import counted, time_text
from ops.checks import keys
from ops.checks.expectation import Answer, Expectation, Verdict, advised, compared, is_missing, not_seen, required
from ops.checks.gate import Clients, as_deployed, can_fire, enabled, sources
from ops.errors import Refused

MISSED = 3
"""So many times the schedule may pass without a reconcile in the log."""
DAY = timedelta(days=1)


class EndpointCheck:
    """`clients` returns the boto3 client of a service. `head` reads the head; None before the first reconcile. `spec`:
    None if another release wrote it. `others`: the specs of all endpoints here. `now` is in seconds since
    1970."""

    def __init__(
        self,
        clients: Clients,
        endpoint: str,
        head: Callable[[], Head | None],
        spec: Spec | None,
        others: Sequence[Spec],
        now: float,
    ) -> None:
        self._clients = clients
        self._name = endpoint
        self._stack = f"{names.STACK}-{endpoint}"
        self._head = head
        self._spec = spec
        self._others = others
        self._now = now

    def expectations(self) -> list[Expectation]:
        """Return what must be so for a version to go live, and to be rolled back."""
        name, rule = self._name, names.rule(self._name)
        reconcile = f"approval-gate reconcile {name} --reason WHY"
        return [
            required(
                "the endpoint's rule is enabled and has a schedule",
                partial(enabled, self._clients, rule),
                as_deployed(self._stack),
            ),
            required("its head fits its rows", self._ledger, f"approval-gate verify {name}, then `restore`"),
            required("it is reconciled by its schedule", self._reconciled, reconcile),
            advised("EventBridge delivers its events", self._delivered, "approval-gate dead-letters"),
            *self._of_spec(),
            required(
                "what is live is what was approved",
                self._content,
                "Restore the object or image that it names, or approve another version.",
            ),
            advised(
                "a revert finds a good version",
                self._revert,
                f"approval-gate status {name} names what keeps each former version out.",
            ),
            required(
                "SageMaker can start its fleet again, as a patch does",
                self._patched,
                "Approve another version: its rollout makes a new endpoint config.",
            ),
        ]

    def _of_spec(self) -> Iterator[Expectation]:
        spec = self._spec
        if spec is None:
            yield required("its spec can be read", self._no_spec, "make deploy")
            return
        yield required("its standing alarms can fire", partial(self._standing, spec))
        if spec.rollback_on.alarms:
            yield required("its own alarms exist", partial(self._own_alarms, spec.rollback_on.alarms))
        if spec.golden:
            prober, rule = names.prober(self._name), names.prober_rule(self._name)
            is_on = partial(enabled, self._clients, rule, scheduled=False)
            yield required(f"the rule {rule} is enabled", is_on, as_deployed(self._stack))
            yield required(
                f"{prober} gets its tasks", partial(sources, self._clients, prober, {prober: f":{prober}"}, self._stack)
            )
        if spec.comparer:
            comparer = names.comparer(self._name)
            tasks = {comparer: f":{comparer}"}
            yield required(f"{comparer} gets its tasks", partial(sources, self._clients, comparer, tasks, self._stack))
        yield required("SageMaker may assume its execution role", partial(self._role, spec.execution_role_arn))
        yield from keys.of_endpoint(self._clients, spec)
        if spec.variant.instance_type is not None:
            yield required(
                "the quota is enough for a second fleet",
                partial(self._quota, spec, spec.variant.instance_type),
                "Ask for more in the console of Service Quotas, or use `rollout.strategy: rolling`, which needs less.",
            )

    def _no_spec(self) -> Answer:
        return compared(False, "another release of Approval Gate wrote it")

    def _ledger(self) -> Answer:
        try:
            head = self._head()
        except (Altered, Refused) as error:
            return compared(False, str(error))
        if head is None:
            return not_seen("there is no head before the first reconcile")
        return compared(True, f"{counted(head.rows, 'row')}; `verify` follows their chain")

    def _reconciled(self) -> Answer:
        """Read the deployer's log for the last reconcile, in the time in which the schedule must have caused some."""
        rule = self._clients("events").describe_rule(Name=names.rule(self._name))
        found = re.fullmatch(r"rate\((\d+) minutes?\)", rule.get("ScheduleExpression", ""))
        period = int(found[1]) * 60 if found else 300
        since = self._now - MISSED * period - 60
        pages = (
            self._clients("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=f"/aws/lambda/{names.DEPLOYER}",
                filterPattern=f'"{self._name}"',
                startTime=int(since * 1000),
            )
        )
        times = [event["timestamp"] / 1000 for page in pages for event in page["events"] if self._is_reconcile(event)]
        if not times:
            return compared(False, f"no reconcile is in the deployer's log since {time_text(since)}")
        return compared(True, f"last at {time_text(max(times))}")

    def _is_reconcile(self, event: dict[str, Any]) -> bool:
        try:
            line = json.loads(event["message"])
            return (line["message"], line["endpoint"]) == ("reconciled", self._name)
        except (KeyError, TypeError, ValueError):
            return False

    def _delivered(self) -> Answer:
        """EventBridge sends this metric only if it is not zero.
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html"""
        end = datetime.fromtimestamp(self._now, UTC)
        points = self._clients("cloudwatch").get_metric_statistics(
            Namespace="AWS/Events",
            MetricName="FailedInvocations",
            Dimensions=[{"Name": "RuleName", "Value": names.rule(self._name)}],
            StartTime=end - DAY,
            EndTime=end,
            Period=3_600,
            Statistics=["Sum"],
        )["Datapoints"]
        failed = round(sum(point["Sum"] for point in points))
        return compared(failed == 0, f"{counted(failed, 'event')} not delivered in the last day")

    def _standing(self, spec: Spec) -> Answer:
        wanted = alarms.standing_names(spec)
        found = self._clients("cloudwatch").describe_alarms(AlarmNames=list(wanted), AlarmTypes=["MetricAlarm"])
        return can_fire(found["MetricAlarms"], wanted, self._stack)

    def _own_alarms(self, wanted: Sequence[str]) -> Answer:
        kinds = ["MetricAlarm", "CompositeAlarm"]
        found = self._clients("cloudwatch").describe_alarms(AlarmNames=list(wanted), AlarmTypes=kinds)
        return can_fire([*found["MetricAlarms"], *found.get("CompositeAlarms", ())], wanted, None)

    def _role(self, arn: str) -> Answer:
        try:
            role = self._clients("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
        except ClientError as error:
            if not is_missing(error):
                raise
            return Answer(Verdict.DIFFERS, f"there is no role {arn}", as_deployed(self._stack))
        trusts = "sagemaker.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
        return Answer(
            Verdict.AGREES if trusts else Verdict.DIFFERS,
            arn if trusts else f"the trust policy of {arn} does not name sagemaker.amazonaws.com",
            as_deployed(self._stack),
        )

    def _content(self) -> Answer:
        """Return what the deployer found, which compares the live version at each schedule with its own role."""
        head = self._head()
        if head is None or head.live is None:
            return not_seen("no version is live")
        live = head.live
        label = version_label(live.version) if live.version else live.config
        return compared(live.differs is None, live.differs or f"{label}, as the deployer's last comparison found")

    def _revert(self) -> Answer:
        head = self._head()
        if head is None or head.live is None or not head.good:
            return not_seen("no version was live before the live one")
        settings = self._spec.settings if self._spec else head.live.settings or ""
        found = [version_label(good.version) for good in targets(settings, head, head.live) if good.version]
        return compared(bool(found), found[0] if found else "a revert takes none of the former versions")

    def _patched(self) -> Answer:
        """SageMaker patches an endpoint with a new fleet of the same config, so config and models have to exist."""
        sagemaker = self._clients("sagemaker")
        try:
            config = sagemaker.describe_endpoint(EndpointName=self._name)["EndpointConfigName"]
        except ClientError as error:
            if not is_missing(error):
                raise
            return not_seen("there is no endpoint yet")
        try:
            described = sagemaker.describe_endpoint_config(EndpointConfigName=config)
        except ClientError as error:
            if not is_missing(error):
                raise
            return compared(False, f"its endpoint config {config} was deleted")
        for variant in described["ProductionVariants"]:
            model = variant.get("ModelName")
            try:
                role = sagemaker.describe_model(ModelName=model).get("ExecutionRoleArn") if model else None
            except ClientError as error:
                if not is_missing(error):
                    raise
                return compared(False, f"the model {model} of {config} was deleted")
            if role and self._is_gone(role):
                return compared(False, f"the role {role} of the model {model} was deleted")
        return compared(True, f"{config}, its models and their roles exist")

    def _is_gone(self, role: str) -> bool:
        try:
            self._clients("iam").get_role(RoleName=role.rpartition("/")[2])
        except ClientError as error:
            if is_missing(error):
                return True
            raise
        return False

    def _quota(self, spec: Spec, instance_type: str) -> Answer:
        """SageMaker's own errors name the quota so. Only the endpoints that have a spec are counted."""
        wanted = f"{instance_type} for endpoint usage"
        pages = self._clients("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
        quota = next((each["Value"] for page in pages for each in page["Quotas"] if each["QuotaName"] == wanted), None)
        if quota is None:
            return not_seen(f"Service Quotas does not list `{wanted}`")
        running = [
            each.variant.instance_count or 0 for each in self._others if each.variant.instance_type == instance_type
        ]
        count, rollout = spec.variant.instance_count or 0, spec.rollout
        more = count if rollout.strategy.traits.keeps_old_fleet else math.ceil(count / steps(rollout, count))
        needed = sum(running) + more
        managed = f"{counted(len(running), 'managed endpoint')} of this type {'has' if len(running) == 1 else 'have'} "
        return compared(quota >= needed, f"quota {quota:g}; {managed}{sum(running)}, a rollout here needs {more} more")
