"""Alarm actions: the message that an alarm sends to an SNS topic when its state changes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import json
from typing import Any

from moto.sns.exceptions import TopicNotFound
from moto.sns.models import sns_backends

from sandbox.iam import resource_policy
from world.account import Account
from world.alarms.alarm import Alarm
from world.alarms.description import described, time_text
from world.alarms.evaluation import State

_MANAGED_KEY = "alias/aws/sns"


class AlarmActions:
    def __init__(self, account: Account) -> None:
        self._account = account

    def execute(self, alarm: Alarm, arn: str, old: State) -> str | None:
        """Execute the action with this ARN. Return the error if that fails: only the alarm's history shows it."""
        if arn.split(":")[2] != "sns":
            return f"The sandbox does not execute the action {arn}."
        region, account = arn.split(":")[3:5]
        backend = sns_backends[account][region]
        try:
            topic = backend.get_topic(arn)
        except TopicNotFound:
            return f"Resource {arn} does not exist"
        # The key policy of an AWS managed key cannot be changed, so CloudWatch can never use such a key.
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        if (topic.kms_master_key_id or "").endswith(_MANAGED_KEY):
            return "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
        context = {
            "aws:SourceArn": alarm.arn,
            "aws:SourceAccount": self._account.id,
            "aws:SourceOwner": self._account.id,
            "aws:SecureTransport": "true",
        }
        if not resource_policy.allows(
            topic._policy_json["Statement"],
            service="cloudwatch.amazonaws.com",
            action="sns:Publish",
            resource=arn,
            context=context,
        ):
            return (
                "CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: "
                f"{arn} because no resource-based policy allows the SNS:Publish action"
            )
        subject = f'{alarm.state}: "{alarm.name}" in {self._account.region}'
        backend.publish(json.dumps(_message(self._account, alarm, old)), arn=arn, subject=subject[:100])
        return None


def _message(account: Account, alarm: Alarm, old: State) -> dict[str, Any]:
    shown = described(alarm)
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": shown.get("AlarmDescription"),
        "AWSAccountId": account.id,
        "AlarmConfigurationUpdatedTimestamp": time_text(alarm.configured),
        "NewStateValue": str(alarm.state),
        "NewStateReason": alarm.status.reason,
        "StateChangeTime": time_text(alarm.status.at),
        "Region": account.region,
        "AlarmArn": alarm.arn,
        "OldStateValue": str(old),
        **{name: shown[name] for name in ("OKActions", "AlarmActions", "InsufficientDataActions")},
        "Trigger": _trigger(alarm, shown),
    }


def _trigger(alarm: Alarm, shown: dict[str, Any]) -> dict[str, Any]:
    configuration = alarm.configuration
    rule = configuration.rule
    common = {
        "Period": configuration.period,
        "EvaluationPeriods": rule.evaluation_periods,
        "DatapointsToAlarm": rule.datapoints_to_alarm,
        "ComparisonOperator": rule.comparison,
        "Threshold": rule.threshold,
        "TreatMissingData": shown.get("TreatMissingData", ""),
        "EvaluateLowSampleCountPercentile": shown.get("EvaluateLowSampleCountPercentile", ""),
    }
    if "Metrics" in shown:
        return common | {"Metrics": shown["Metrics"]}
    query = configuration.queries[0]
    extended = "ExtendedStatistic" in shown
    kind = "ExtendedStatistic" if extended else "Statistic"
    return common | {
        "MetricName": query.name,
        "Namespace": query.namespace,
        "StatisticType": kind,
        kind: query.statistic if extended else query.statistic.upper(),
        "Unit": shown.get("Unit"),
        "Dimensions": [{"name": name, "value": value} for name, value in sorted(query.dimensions)],
    }
