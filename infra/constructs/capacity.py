"""What every function may have besides, if the file asks for it: concurrency of its own, and a key for its logs."""

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from infra.constructs.deployer import CONCURRENCY, ORDERS_CONCURRENCY
from lambdas.gate import names

RESERVED = {names.DEPLOYER: CONCURRENCY + ORDERS_CONCURRENCY, names.PUBLISHER: 5, names.JANITOR: 1}
"""Function → its reserved concurrency. The deployer needs what its queues invoke at the same time, or messages would be
throttled and go to the dead letters. The publisher needs one for each shard of the table's stream, and its sweep."""


def reserve_concurrency(stack: Stack) -> None:
    """Reserve the concurrency of the functions in the stack.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""
    for child in stack.node.find_all():
        if isinstance(child, lambda_.CfnFunction) and child.function_name in RESERVED:
            child.reserved_concurrent_executions = RESERVED[child.function_name]


def encrypt_logs(stack: Stack, key: str) -> None:
    """Encrypt all log groups of the stack with the key.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
    for child in stack.node.find_all():
        if isinstance(child, logs.CfnLogGroup):
            child.kms_key_id = key
