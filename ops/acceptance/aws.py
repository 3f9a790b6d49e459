"""Every AWS call of an acceptance run but those of its removal and of `doctor`'s checks."""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate import names
from lambdas.gate.aws.ledger import REGISTRATION, Ledger, partition
from lambdas.gate.aws.paging import queried
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Row
from ops.acceptance import model
from ops.acceptance.model import Answers
from ops.acceptance.run import Run
from ops.checks.expectation import is_missing
from ops.policies import is_denial
from ops.rows import read_rows, rows_after

Clients = Callable[[str], Any]
"""Returns the boto3 client of a service."""
NO_BUCKET_CONSTRAINT = "us-east-1"
"""The Region in which CreateBucket takes no LocationConstraint.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""


class Aws:
    """Calls AWS for one run, as its caller."""

    def __init__(self, clients: Clients, run: Run) -> None:
        self.clients = clients
        self._run = run
        self._sagemaker = clients("sagemaker")

    def make_group(self) -> str:
        group = self._run.group
        _unless_there(partial(self._sagemaker.create_model_package_group, ModelPackageGroupName=group))
        return group

    def make_bucket(self) -> str:
        place = {"CreateBucketConfiguration": {"LocationConstraint": self._run.region}}
        request = {} if self._run.region == NO_BUCKET_CONSTRAINT else place
        _unless_there(partial(self.clients("s3").create_bucket, Bucket=self._run.bucket, **request))
        return self._run.bucket

    def upload(self, name: str, content: bytes) -> str:
        """Store a version's model.tar.gz, and return its S3 URI."""
        key = f"models/{name}/model.tar.gz"
        self.clients("s3").put_object(Bucket=self._run.bucket, Key=key, Body=content)
        return f"s3://{self._run.bucket}/{key}"

    def register(self, name: str, artifact: str, answers: Answers) -> str:
        """Register a version, and return its ARN."""
        metadata = model.PLAYED[answers]
        answer = self._sagemaker.create_model_package(
            ModelPackageGroupName=self._run.group,
            ModelPackageDescription=f"{name} of an acceptance run of Approval Gate",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=model.specification(self._run.image, artifact, answers),
            **({"CustomerMetadataProperties": metadata} if metadata else {}),
        )
        return str(answer["ModelPackageArn"])

    def decide(self, version: str, status: str) -> str:
        """Set a version's approval status, and return it."""
        self._sagemaker.update_model_package(
            ModelPackageArn=version, ModelApprovalStatus=status, ApprovalDescription="An acceptance run"
        )
        return status

    def version(self, version: str) -> dict[str, Any]:
        found: dict[str, Any] = self._sagemaker.describe_model_package(ModelPackageName=version)
        return found

    def is_registered(self, version: str) -> bool:
        """True if Approval Gate has recorded what the version is."""
        of_version = {":pk": partition(self._run.endpoint), ":sk": f"{REGISTRATION}{version_label(version).lower()}#"}
        condition = "pk = :pk AND begins_with(sk, :sk)"
        return any(True for _ in queried(self.clients("dynamodb"), names.LEDGER, condition, of_version))

    def is_deployed(self) -> bool:
        """True if the endpoint's stack has written its spec."""
        return self._parameter(names.spec_parameter(self._run.endpoint))

    def is_reconciled(self) -> bool:
        """True if Approval Gate has reconciled the endpoint once."""
        return Ledger(self.clients("dynamodb"), names.LEDGER).unchecked_head(self._run.endpoint) is not None

    def rows(self, after: int = 0) -> list[Row]:
        dynamodb = self.clients("dynamodb")
        return list(
            rows_after(dynamodb, self._run.endpoint, after) if after else read_rows(dynamodb, self._run.endpoint)
        )

    def endpoint(self) -> dict[str, Any] | None:
        """Return what DescribeEndpoint answers; None if there is no such endpoint."""
        try:
            found: dict[str, Any] = self._sagemaker.describe_endpoint(EndpointName=self._run.endpoint)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return found

    def ask(self, requests: int) -> dict[str, int]:
        """Send requests to the endpoint, and return how many were answered and how many were not. Raises ClientError if
        the caller may not send any."""
        runtime, counted = self.clients("sagemaker-runtime"), {"answered": 0, "failed": 0}
        for number in range(requests):
            body = model.REQUESTS[number % len(model.REQUESTS)]
            try:
                answer = runtime.invoke_endpoint(
                    EndpointName=self._run.endpoint, ContentType=model.CONTENT_TYPE, Body=body.encode()
                )
                answer["Body"].read()
                counted["answered"] += 1
            except (BotoCoreError, ClientError) as error:
                if isinstance(error, ClientError) and is_denial(error):
                    raise
                counted["failed"] += 1
        return counted

    def served_model(self) -> dict[str, Any]:
        """Return what DescribeModel answers for the model that is live."""
        config = self.config(str((self.endpoint() or {})["EndpointConfigName"]))
        found: dict[str, Any] = self._sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
        return found

    def config(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._sagemaker.describe_endpoint_config(EndpointConfigName=name)
        return found

    def copy_config(self, name: str) -> str:
        """Make the run's own endpoint config with the variants of another one, and return its name."""
        variants = self.config(name)["ProductionVariants"]
        own = self._run.manual_config
        make = partial(self._sagemaker.create_endpoint_config, EndpointConfigName=own, ProductionVariants=variants)
        _unless_there(make)
        return own

    def update(self, config: str, alarm: str | None = None) -> str | None:
        """Update the endpoint, as somebody does who bypasses Approval Gate. Return why SageMaker refuses that; None if
        it takes it. `alarm`: a rollback alarm."""
        guarded = {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
        }
        deployment = {} if alarm is None else {"DeploymentConfig": guarded}
        try:
            self._sagemaker.update_endpoint(EndpointName=self._run.endpoint, EndpointConfigName=config, **deployment)
        except ClientError as error:
            if error.response["Error"].get("Code") not in ("ValidationException", "ResourceInUse"):
                raise
            return str(error.response["Error"].get("Message", "")) or "it gives no reason"
        return None

    def delete_endpoint(self) -> bool:
        self._sagemaker.delete_endpoint(EndpointName=self._run.endpoint)
        return True

    def _parameter(self, name: str) -> bool:
        ssm = self.clients("ssm")
        try:
            ssm.get_parameter(Name=name)
        except ClientError as error:
            if error.response["Error"].get("Code") == "ParameterNotFound":
                return False
            raise
        return True


def _unless_there(make: Callable[[], Any]) -> None:
    """Make something, unless a run that was killed made it already."""
    try:
        make()
    except ClientError as error:
        told = error.response["Error"]
        if told.get("Code") != "BucketAlreadyOwnedByYou" and "already exist" not in told.get("Message", ""):
            raise
