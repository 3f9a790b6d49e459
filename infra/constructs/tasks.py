"""What the functions of an endpoint's stack have that carry out one task at a time: a queue of their own."""

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.function import Function, acknowledge_its_queue
from infra.permissions import arns
from lambdas.gate import timing

CONCURRENCY = 2
"""The least that an SQS event source takes. A task need not wait for another one."""


def task_queue(scope: Construct, name: str) -> sqs.Queue:
    """Return a queue whose failed tasks end in the dead-letter queue of the gate, which has an alarm."""
    dead_letters = sqs.Queue.from_queue_arn(scope, "DeadLetters", arns.dead_letters(scope))
    return sqs.Queue(
        scope,
        "Queue",
        queue_name=name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        visibility_timeout=Duration.seconds(timing.VISIBILITY_TIMEOUT),
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=5),
    )


def carry_out_tasks(made: Function, queue: sqs.Queue) -> None:
    """Let the function take the tasks, one at a time, because a task may take most of its timeout."""
    made.function.add_event_source(
        sources.SqsEventSource(queue, batch_size=1, report_batch_item_failures=True, max_concurrency=CONCURRENCY)
    )
    acknowledge_its_queue(made.function)
