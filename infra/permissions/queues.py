"""Who may send to a queue that functions trust."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from infra.permissions import arns
from lambdas.gate import names


def only_functions_may_send(queue: sqs.Queue, functions: Sequence[str]) -> iam.PolicyStatement:
    """Return the denial for everybody but services and the roles of these functions, whatever else allows them to send.
    `functions`: their names, which may end with `*`."""
    region = Stack.of(queue).region
    roles = [arns.arn(queue, "iam", "role", names.function_role(region, each), region="") for each in functions]
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
