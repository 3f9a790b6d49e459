"""The notifications about alarms: a rule hands each change of an alarm's state to the publisher, which says what the
alarm means. If the publisher itself fails, an alarm of its own reaches people without it."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.permissions import arns
from lambdas.gate import names
from lambdas.publisher.alarm import DETAIL_TYPE

_OWN = (names.DEAD_LETTERS, names.ORDERS_DEAD_LETTERS_ALARM, names.LEDGER_CHANGED)


class AlarmNotifications(Construct):
    def __init__(self, scope: Construct, id: str, *, publisher: lambda_.IFunction, topic: sns.ITopic) -> None:
        super().__init__(scope, id)
        events.Rule(
            self,
            "Rule",
            rule_name=names.ALARM_RULE,
            description="Sends a notification when an alarm of Approval Gate fires, and when it is OK again.",
            event_pattern=events.EventPattern(
                account=[Stack.of(self).account],
                source=["aws.cloudwatch"],
                detail_type=[DETAIL_TYPE],
                detail={
                    "alarmName": [*_OWN, {"wildcard": names.standing_alarm("*", "*")}],
                    "state": {"value": ["ALARM", "OK"]},
                },
            ),
            targets=[
                targets.LambdaFunction(
                    publisher,
                    dead_letter_queue=sqs.Queue.from_queue_arn(self, "DeadLetters", arns.dead_letters(self)),
                    max_event_age=Duration.hours(1),
                )
            ],
        )
        self._alarm(publisher, topic)

    def _alarm(self, publisher: lambda_.IFunction, topic: sns.ITopic) -> None:
        """Alarm if the publisher fails again and again. A sweep fails every 5 minutes while a row cannot be published,
        so one failure that a retry made good does not count."""
        alarm = cloudwatch.Alarm(
            self,
            "PublisherFailing",
            alarm_name=names.PUBLISHER_FAILING,
            alarm_description=(
                "Approval Gate's publisher fails, so that notifications and events may be late. Its log "
                f"/aws/lambda/{names.PUBLISHER} says why. See docs/runbooks.md."
            ),
            metric=publisher.metric_errors(period=Duration.minutes(5), statistic="Sum"),
            threshold=1,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
        alarm.add_ok_action(actions.SnsAction(topic))
