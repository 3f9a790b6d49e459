"""Alarms, dashboards and log groups.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_CloudWatch.html
"""

from typing import Any

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, supported
from sandbox.cloudformation.services import Services


class Alarm(ResourceType):
    """Its properties are the parameters of PutMetricAlarm."""

    type = "AWS::CloudWatch::Alarm"
    name_property = "AlarmName"
    longest_name = 255

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        services.client("cloudwatch").put_metric_alarm(**_alarm(properties) | {"AlarmName": name})
        return self._physical(services, name)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        return self.create(services, physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        services.client("cloudwatch").delete_alarms(AlarmNames=[physical.id])

    def find(self, services: Services, name: str) -> Physical | None:
        found = services.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return self._physical(services, name) if found else None

    def _physical(self, services: Services, name: str) -> Physical:
        return Physical(name, {"Arn": services.arn("cloudwatch", f"alarm:{name}")})


class Dashboard(ResourceType):
    type = "AWS::CloudWatch::Dashboard"
    name_property = "DashboardName"
    longest_name = 255

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        body = supported(properties, "DashboardBody", ignored=("DashboardName",))["DashboardBody"]
        services.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
        return Physical(name)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        return self.create(services, physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        services.client("cloudwatch").delete_dashboards(DashboardNames=[physical.id])


class LogGroup(ResourceType):
    type = "AWS::Logs::LogGroup"
    name_property = "LogGroupName"
    longest_name = 512

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(properties, "KmsKeyId", "LogGroupClass", "Tags", ignored=("LogGroupName", "RetentionInDays"))
        request: dict[str, Any] = {"logGroupName": name}
        request |= {key[0].lower() + key[1:]: given[key] for key in ("KmsKeyId", "LogGroupClass") if key in given}
        if tags := {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}:
            request["tags"] = tags
        services.client("logs").create_log_group(**request)
        return self.update(services, self._physical(services, name), properties, {})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client = services.client("logs")
        if days := properties.get("RetentionInDays"):
            client.put_retention_policy(logGroupName=physical.id, retentionInDays=int(days))
        elif "RetentionInDays" in before:
            client.delete_retention_policy(logGroupName=physical.id)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        if self.find(services, physical.id):
            services.client("logs").delete_log_group(logGroupName=physical.id)

    def find(self, services: Services, name: str) -> Physical | None:
        groups = services.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return self._physical(services, name) if any(group["logGroupName"] == name for group in groups) else None

    def _physical(self, services: Services, name: str) -> Physical:
        return Physical(name, {"Arn": services.arn("logs", f"log-group:{name}:*")})


_NUMBERS = {"Period": int, "EvaluationPeriods": int, "DatapointsToAlarm": int, "Threshold": float}


def _alarm(value: Any) -> Any:
    """Return the properties with numbers in place of text. CloudFormation accepts numbers as text."""
    if isinstance(value, list):
        return [_alarm(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {key: _NUMBERS[key](element) if key in _NUMBERS else _alarm(element) for key, element in value.items()}
