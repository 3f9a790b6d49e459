"""Dead letters: the queue for messages that could not be handled, and the alarm that tells of the first."""

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct


def dead_letter_queue(scope: Construct, name: str, *, fifo: bool | None = None) -> sqs.Queue:
    """Return the queue. It keeps messages for 14 days, which is the longest."""
    queue = sqs.Queue(
        scope,
        "DeadLetters",
        queue_name=name,
        fifo=fifo,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
    )
    Validations.of(queue).acknowledge(
        Acknowledgment(id="Serverless::Serverless-SQSRedrivePolicy", reason="It is the dead-letter queue.")
    )
    return queue


def dead_letter_alarm(scope: Construct, queue: sqs.Queue, name: str, description: str) -> cloudwatch.Alarm:
    """Return the alarm that fires while a message waits in the dead-letter queue."""
    return cloudwatch.Alarm(
        scope,
        "DeadLettersAlarm",
        alarm_name=name,
        alarm_description=description,
        metric=queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(5), statistic="Maximum"),
        threshold=1,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
