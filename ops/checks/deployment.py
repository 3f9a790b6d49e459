"""Does the deployed stack fit its code?"""

from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.gate import names
from lambdas.gate.timing import FUNCTION_TIMEOUT, LOCK
from ops.checks.expectation import Answer, Expectation, compared, not_seen, required

DAYS = 14


class DeploymentCheck:
    """`clients` returns the boto3 client of a service. `now` is in seconds since 1970."""

    def __init__(self, clients: Any, now: float) -> None:
        self._clients = clients
        self._now = now

    def assumptions(self) -> list[Expectation]:
        """Return what the code relies on."""
        return [
            required("the deployer's timeout is shorter than its lock", self._timeout),
            required(
                "Lambda ends the deployer at its timeout, before its lock expires",
                self._ended,
                assumption="functions_end_in_time",
            ),
            required("the deployer runs where Lambda enforces its timeout", self._instances),
            required("the inbox hides a message for at least six timeouts of the deployer", self._visibility),
            required("only the messages that failed are delivered again, not their whole batch", self._batch),
            required("the ledger's table has its keys, its stream and deletion protection", self._table),
        ]

    def _timeout(self) -> Answer:
        timeout = self._function()["Timeout"]
        seen = f"timeout {timeout} s (expected {FUNCTION_TIMEOUT} s), lock {LOCK} s from the intent on"
        return compared(timeout < LOCK, seen)

    def _ended(self) -> Answer:
        """https://docs.aws.amazon.com/whitepapers/latest/serverless-architectures-lambda/timeout.html"""
        end = datetime.fromtimestamp(self._now, UTC)
        answer = self._clients("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Duration",
            Dimensions=[{"Name": "FunctionName", "Value": names.DEPLOYER}],
            StartTime=end - timedelta(days=DAYS),
            EndTime=end,
            Period=86400,
            Statistics=["Maximum"],
        )
        longest = max((point["Maximum"] / 1000 for point in answer["Datapoints"]), default=None)
        if longest is None:
            return not_seen(f"the deployer did not run in the last {DAYS} days")
        return compared(longest < LOCK, f"the longest run in the last {DAYS} days took {longest:.1f} s")

    def _instances(self) -> Answer:
        """Return whether Lambda ends the function. Lambda Managed Instances let it run on.
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html"""
        shared = "CapacityProviderConfig" in self._function()
        return compared(not shared, "it runs on Lambda Managed Instances" if shared else "it runs on Lambda")

    def _visibility(self) -> Answer:
        """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
        sqs = self._clients("sqs")
        url = sqs.get_queue_url(QueueName=names.INBOX)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        hidden, timeout = int(attributes["VisibilityTimeout"]), self._function()["Timeout"]
        return compared(hidden >= 6 * timeout, f"VisibilityTimeout {hidden} s, timeout {timeout} s")

    def _batch(self) -> Answer:
        answer = self._clients("lambda").list_event_source_mappings(FunctionName=names.DEPLOYER)
        mappings = answer["EventSourceMappings"]
        if not mappings:
            return not_seen("no event source is mapped to the deployer")
        types = [", ".join(mapping.get("FunctionResponseTypes", ())) or "none" for mapping in mappings]
        return compared(set(types) == {"ReportBatchItemFailures"}, f"FunctionResponseTypes: {'; '.join(types)}")

    def _table(self) -> Answer:
        table = self._clients("dynamodb").describe_table(TableName=names.LEDGER)["Table"]
        keys = {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]}
        stream = table.get("StreamSpecification", {}).get("StreamViewType", "none")
        protected = table.get("DeletionProtectionEnabled", False)
        return compared(
            (keys, stream, protected) == ({"pk": "HASH", "sk": "RANGE"}, "NEW_IMAGE", True),
            f"keys {', '.join(keys)}; stream {stream}; deletion protection {'on' if protected else 'off'}",
        )

    def _function(self) -> dict[str, Any]:
        configuration: dict[str, Any] = self._clients("lambda").get_function_configuration(FunctionName=names.DEPLOYER)
        return configuration
