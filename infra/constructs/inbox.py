"""The deployer's queue, and the dead-letter queue for messages that could not be handled."""

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Duration, Stack, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.permissions import arns
from lambdas.gate import names, timing


class Inbox(Construct):
    """The queue's policy admits the rules of all stacks by the prefix of their names, so that it never grows.
    `senders`: the functions of this stack, whose roles may send."""

    def __init__(self, scope: Construct, id: str, *, notify: sns.ITopic, senders: Sequence[str]) -> None:
        super().__init__(scope, id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=names.DEAD_LETTERS,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        Validations.of(self.dead_letters).acknowledge(
            Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason="It is the dead-letter queue.")
        )
        self.queue = sqs.Queue(
            self,
            "Inbox",
            queue_name=names.INBOX,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(timing.VISIBILITY_TIMEOUT),
            # AWS recommends at least 5, because throttled deliveries count too.
            # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=5),
        )
        for queue in (self.queue, self.dead_letters):
            queue.add_to_resource_policy(self._rules_may_send(queue))
            queue.add_to_resource_policy(self._only_functions_may_send(queue, senders))
        self.alarm = cloudwatch.Alarm(
            self,
            "DeadLettersAlarm",
            alarm_name=names.DEAD_LETTERS,
            alarm_description="Approval Gate could not handle a message. It waits in the dead-letter queue, 14 days.",
            metric=self.dead_letters.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.alarm.add_alarm_action(actions.SnsAction(notify))
        self.alarm.add_ok_action(actions.SnsAction(notify))

    def _rules_may_send(self, queue: sqs.Queue) -> iam.PolicyStatement:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
        return iam.PolicyStatement(
            sid="RulesOfThisGate",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={
                "ArnLike": {"aws:SourceArn": arns.rules(self)},
                "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
            },
        )

    def _only_functions_may_send(self, queue: sqs.Queue, senders: Sequence[str]) -> iam.PolicyStatement:
        """Return the denial for everybody but services and the functions' roles, whatever else allows them to send. The
        probers are in stacks of their own, so their roles are known by the pattern of their names."""
        roles = [arns.function_role(self, each) for each in (*senders, names.prober("*"))]
        return iam.PolicyStatement(
            sid="OnlyFunctionsOfThisGate",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                "ArnNotLike": {"aws:PrincipalArn": roles},
            },
        )
