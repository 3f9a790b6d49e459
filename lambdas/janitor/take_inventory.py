"""Taking the inventory: the janitor's reads. Lists are read to their last page, and names that a filter found are
checked again.

The endpoints come from ListEndpoints and not from the ledger, because any endpoint that serves one of the gate's
configs needs it, tagged or not. Heads are read for these, and for the endpoints that the tags of models and configs
name, which may no longer exist. So the ledger's table needs neither a scan nor an index of endpoints.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.paging import paged
from lambdas.gate.rollout import alarms
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import EndpointStatus
from lambdas.janitor.garbage import needed_configs
from lambdas.janitor.inventory import Failure, Hosted, Inventory, Kind, Thing
from lambdas.janitor.policy import DAY, Policy

PAGE = 100
UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""The exceptions of reading an item that is not as the ledger writes it. No error of AWS is one of these."""


class InventoryReader:
    def __init__(self, sagemaker: Any, cloudwatch: Any, ledger: Ledger) -> None:
        self._sagemaker = sagemaker
        self._cloudwatch = cloudwatch
        self._ledger = ledger

    def take(self, policy: Policy, now: float) -> Inventory:
        """Return the inventory at `now`, in seconds since 1970. Raises AwsError and botocore's errors if anything could
        not be read."""
        before = now - policy.retention_days * DAY
        endpoints = tuple(self._endpoints())
        configs = list(self._configs())
        old_configs = [each for each in configs if _seconds(each["CreationTime"]) <= before]
        old_models = list(self._models_before(before))
        things = (
            *self._alarms(before),
            *(self._thing(Kind.CONFIG, "EndpointConfig", each) for each in old_configs),
            *(self._thing(Kind.MODEL, "Model", each) for each in old_models),
        )
        known = {each.name for each in endpoints} | {each.endpoint for each in things if each.endpoint}
        unread: dict[str, str] = {}
        heads = {name: self._head(name, unread) for name in sorted(known)}
        served = (config for each in endpoints for config in (each.config, each.pending_config) if config)
        listed = (each["EndpointConfigName"] for each in configs)
        every = {*served, *_known_to(heads, policy, now), *listed} if old_models else ()
        failed = (each for each in endpoints if _is_suspect(each, heads[each.name], policy, now))
        return Inventory(
            endpoints=endpoints,
            things=things,
            heads=heads,
            named_models=frozenset(model for config in sorted(every) for model in self._models(config)),
            failures={each.name: failure for each in failed if (failure := self._failure(each, now, unread))},
            unread=unread,
        )

    def _head(self, endpoint: str, unread: dict[str, str]) -> Head | None:
        try:
            return self._ledger.head(endpoint)
        except UNREADABLE as error:
            unread[endpoint] = repr(error)
            return None

    def endpoint(self, name: str) -> Hosted | None:
        """Return the endpoint; None if it does not exist."""
        try:
            with translated():
                answer = self._sagemaker.describe_endpoint(EndpointName=name)
        except NotFound:
            return None
        last = answer.get("LastDeploymentConfig", {})
        guards = last.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        return Hosted(
            name=answer["EndpointName"],
            arn=answer["EndpointArn"],
            status=answer["EndpointStatus"],
            config=answer.get("EndpointConfigName", ""),
            made_at=_seconds(answer["CreationTime"]),
            modified_at=_seconds(answer["LastModifiedTime"]),
            pending_config=answer.get("PendingDeploymentSummary", {}).get("EndpointConfigName"),
            alarms=tuple(alarm["AlarmName"] for alarm in guards),
            is_updated="LastDeploymentConfig" in answer,
        )

    def _endpoints(self) -> Iterator[Hosted]:
        for summary in paged(self._sagemaker.list_endpoints, "Endpoints", MaxResults=PAGE):
            found = self.endpoint(summary["EndpointName"])
            if found is not None:
                yield found

    def _configs(self) -> Iterator[dict[str, Any]]:
        """Return the summaries of the gate's configs of any age."""
        found = paged(
            self._sagemaker.list_endpoint_configs, "EndpointConfigs", NameContains=names.OWNED, MaxResults=PAGE
        )
        return (each for each in found if names.is_owned(each["EndpointConfigName"]))

    def _models_before(self, before: float) -> Iterator[dict[str, Any]]:
        found = paged(
            self._sagemaker.list_models,
            "Models",
            NameContains=names.OWNED,
            CreationTimeBefore=_time(before),
            MaxResults=PAGE,
        )
        return (each for each in found if names.is_owned(each["ModelName"]))

    def _thing(self, kind: Kind, aws_kind: str, summary: dict[str, Any]) -> Thing:
        endpoint = self._tags(summary[f"{aws_kind}Arn"]).get(names.ENDPOINT_TAG)
        return Thing(kind, summary[f"{aws_kind}Name"], _seconds(summary["CreationTime"]), endpoint)

    def _alarms(self, before: float) -> Iterator[Thing]:
        """Yield the rollout alarms that were last put at `before` or earlier. DescribeAlarms does not say when an alarm
        was created."""
        found = paged(
            self._cloudwatch.describe_alarms,
            "MetricAlarms",
            AlarmNamePrefix=f"{names.PREFIX}/",
            AlarmTypes=["MetricAlarm"],
            MaxRecords=PAGE,
        )
        for alarm in found:
            endpoint = names.rollout_alarm_endpoint(alarm["AlarmName"])
            put_at = _seconds(alarm["AlarmConfigurationUpdatedTimestamp"])
            if endpoint is not None and put_at <= before:
                yield Thing(Kind.ALARM, alarm["AlarmName"], put_at, endpoint)

    def _tags(self, arn: str) -> dict[str, str]:
        """Return a resource's tags; none if it no longer exists."""
        found = paged(self._sagemaker.list_tags, "Tags", ResourceArn=arn)
        try:
            return {tag["Key"]: tag["Value"] for tag in found}
        except NotFound:
            return {}

    def _variants(self, config: str) -> list[dict[str, Any]]:
        """Return a config's variants; none if it no longer exists."""
        try:
            with translated():
                answer = self._sagemaker.describe_endpoint_config(EndpointConfigName=config)
        except NotFound:
            return []
        return [*answer["ProductionVariants"], *answer.get("ShadowProductionVariants", [])]

    def _models(self, config: str) -> Iterator[str]:
        return (variant["ModelName"] for variant in self._variants(config) if "ModelName" in variant)

    def _failure(self, endpoint: Hosted, now: float, unread: dict[str, str]) -> Failure | None:
        try:
            rows = self._ledger.rows(endpoint.name)
        except UNREADABLE as error:
            unread[endpoint.name] = repr(error)
            return None
        return Failure(
            rows=rows,
            is_opted_in=self._tags(endpoint.arn).get(names.TAG_KEY) == names.TAG_VALUE,
            requests=sum(
                self._requests(endpoint, variant["VariantName"], now) for variant in self._variants(endpoint.config)
            ),
        )

    def _requests(self, endpoint: Hosted, variant: str, now: float) -> int:
        """Return how many requests the endpoint ever answered, from one datapoint a day. Endpoints of every kind have a
        ModelLatency for each answer."""
        with translated():
            answer = self._cloudwatch.get_metric_statistics(
                Namespace=alarms.NAMESPACE,
                MetricName="ModelLatency",
                Dimensions=[
                    {"Name": "EndpointName", "Value": endpoint.name},
                    {"Name": "VariantName", "Value": variant},
                ],
                StartTime=_time(endpoint.made_at // DAY * DAY),
                EndTime=_time(now),
                Period=DAY,
                Statistics=["SampleCount"],
            )
        return sum(round(point["SampleCount"]) for point in answer["Datapoints"])


def _known_to(heads: Mapping[str, Head | None], policy: Policy, now: float) -> Iterator[str]:
    """Yield the configs that are needed according to the heads. A list may miss them, because resources are created and
    deleted while its pages are read."""
    return (config for head in heads.values() if head for config in needed_configs(head, policy, now))


def _is_suspect(endpoint: Hosted, head: Head | None, policy: Policy, now: float) -> bool:
    """True if more has to be read to decide whether the endpoint is garbage."""
    old = now - endpoint.modified_at >= policy.failed_endpoint_days * DAY
    return old and endpoint.status == EndpointStatus.FAILED and head is not None and head.live is None


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(time: datetime) -> float:
    return time.timestamp()
