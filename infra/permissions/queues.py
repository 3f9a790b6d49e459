"""Who may send to a queue that functions trust."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from infra.permissions import arns


def only_functions_may_send(queue: sqs.Queue, functions: Sequence[str]) -> iam.PolicyStatement:
    """Return the denial for everybody but services and the roles of these functions, whatever else allows them to send.
    `functions`: their names, which may end with `*`."""
    roles = [arns.function_role(queue, each) for each in functions]
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
