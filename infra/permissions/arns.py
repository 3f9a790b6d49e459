"""ARNs made from the fixed names, in the stack's partition, Region and account, so that no stack exports anything."""

from aws_cdk import ArnFormat, Stack
from constructs import Construct

from lambdas.gate import names


def arn(scope: Construct, service: str, resource: str, name: str | None = None, *, region: str | None = None) -> str:
    """Return `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE[/NAME]`. `region` is empty for IAM and S3."""
    return Stack.of(scope).format_arn(
        service=service,
        resource=resource,
        resource_name=name,
        region=region,
        arn_format=ArnFormat.NO_RESOURCE_NAME if name is None else ArnFormat.SLASH_RESOURCE_NAME,
    )


def sagemaker(scope: Construct, kind: str, name: str) -> str:
    return arn(scope, "sagemaker", kind, name)


def alarm(scope: Construct, name: str) -> str:
    return arn(scope, "cloudwatch", f"alarm:{name}")


def inbox(scope: Construct) -> str:
    return arn(scope, "sqs", names.INBOX)


def dead_letters(scope: Construct) -> str:
    return arn(scope, "sqs", names.DEAD_LETTERS)


def function(scope: Construct, name: str) -> str:
    return arn(scope, "lambda", f"function:{name}")


def log_groups(scope: Construct) -> str:
    """Return the ARNs of the log groups of all functions of this product, and of their streams."""
    return arn(scope, "logs", f"log-group:/aws/lambda/{names.PREFIX}-*")


def topic(scope: Construct) -> str:
    return arn(scope, "sns", names.TOPIC)


def function_role(scope: Construct, function: str) -> str:
    return arn(scope, "iam", "role", names.function_role(Stack.of(scope).region, function), region="")


def reader_roles(scope: Construct) -> str:
    """Return what the ARNs of all endpoints' reader roles begin with."""
    return function_role(scope, names.READER)


def rules(scope: Construct) -> str:
    """Return the ARNs of all rules of this product, in any stack."""
    return arn(scope, "events", "rule", f"{names.PREFIX}-*")
