"""Removes everything that an acceptance run made, but the ledger's rows. It may be done again, and from anywhere on.

The stack goes first, so that Approval Gate does not act on what follows. The execution role goes after the endpoint
that runs with it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from ops.acceptance.aws import Clients
from ops.acceptance.run import Run
from ops.acceptance.story import ROLLOUT_LIMIT, Surroundings, Unexpected
from ops.checks.expectation import is_missing

POLL_SECONDS = 10
_GONE = (
    *("NoSuchEntity", "NoSuchBucket", "ResourceNotFoundException", "ResourceNotFound"),
    *("does not exist", "Could not find"),
)
"""What AWS says, in a code or a text, of what is not there."""


class Removal:
    def __init__(self, clients: Clients, run: Run, around: Surroundings) -> None:
        self._clients = clients
        self._run = run
        self._around = around
        self._sagemaker = clients("sagemaker")

    def remove(self) -> None:
        """Remove everything. Raises Unexpected if something does not go away in time."""
        for what, remove in self._parts().items():
            self._around.say(f"  removing {what}")
            remove()

    def left(self) -> list[str]:
        """Return what is still there."""
        found = {
            f"the stack {self._run.stack}": self._stack_status() is not None,
            f"the endpoint {self._run.endpoint}": self._endpoint_status() is not None,
            f"the model package group {self._run.group}": self._has_group(),
            f"the bucket {self._run.bucket}": self._has_bucket(),
            f"the role {self._role}": self._has_role(),
        }
        parts = (*self._configs(), *self._models(), *self._alarms())
        return [*(what for what, is_there in found.items() if is_there), *parts]

    def _parts(self) -> dict[str, Callable[[], None]]:
        return {
            f"the stack {self._run.stack}": self._remove_stack,
            f"the endpoint {self._run.endpoint}": self._remove_endpoint,
            "its endpoint configs": self._remove_configs,
            "its models": self._remove_models,
            f"the model package group {self._run.group} with its versions": self._remove_group,
            f"the bucket {self._run.bucket} with its objects": self._remove_bucket,
            "its alarms": self._remove_alarms,
            f"the role {self._role}": self._remove_role,
            "its logs": self._remove_logs,
        }

    @property
    def _role(self) -> str:
        return names.execution_role(self._run.region, self._run.endpoint)

    def _remove_stack(self) -> None:
        if self._stack_status() is not None:
            self._clients("cloudformation").delete_stack(StackName=self._run.stack)
            self._until("the stack is gone", lambda: self._stack_status() is None)

    def _stack_status(self) -> str | None:
        """Return the stack's status; None if there is none. Raises Unexpected if its deletion failed."""
        found = _read(lambda: self._clients("cloudformation").describe_stacks(StackName=self._run.stack)["Stacks"])
        status = str(found[0]["StackStatus"]) if found else "DELETE_COMPLETE"
        if status == "DELETE_FAILED":
            raise Unexpected(f"the stack {self._run.stack} could not be deleted: see its events in CloudFormation")
        return None if status == "DELETE_COMPLETE" else status

    def _remove_endpoint(self) -> None:
        """SageMaker deletes no endpoint that is being created or updated."""
        self._until("the endpoint is at rest", lambda: self._endpoint_status() in (None, "InService", "Failed"))
        if self._endpoint_status() is not None:
            self._sagemaker.delete_endpoint(EndpointName=self._run.endpoint)
        self._until("the endpoint is gone", lambda: self._endpoint_status() is None)

    def _endpoint_status(self) -> str | None:
        found = _read(lambda: self._sagemaker.describe_endpoint(EndpointName=self._run.endpoint)["EndpointStatus"])
        return None if found is None else str(found)

    def _remove_configs(self) -> None:
        for config in list(self._configs()):
            self._sagemaker.delete_endpoint_config(EndpointConfigName=config)

    def _configs(self) -> Iterator[str]:
        """Yield the endpoint configs of the run's endpoint, whose name nothing else has."""
        pages = self._sagemaker.get_paginator("list_endpoint_configs").paginate(NameContains=self._run.endpoint)
        for page in pages:
            yield from (each["EndpointConfigName"] for each in page["EndpointConfigs"])

    def _remove_models(self) -> None:
        for model in list(self._models()):
            self._sagemaker.delete_model(ModelName=model)

    def _models(self) -> Iterator[str]:
        """Yield the models of the run's versions, whose names begin with the group's."""
        pages = self._sagemaker.get_paginator("list_models").paginate(NameContains=self._run.group.lower())
        for page in pages:
            yield from (each["ModelName"] for each in page["Models"])

    def _remove_group(self) -> None:
        if not self._has_group():
            return
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=self._run.group)
        for version in [each["ModelPackageArn"] for page in pages for each in page["ModelPackageSummaryList"]]:
            self._sagemaker.delete_model_package(ModelPackageName=version)
        self._sagemaker.delete_model_package_group(ModelPackageGroupName=self._run.group)

    def _has_group(self) -> bool:
        group = self._run.group
        found = _read(lambda: self._sagemaker.describe_model_package_group(ModelPackageGroupName=group))
        return found is not None

    def _remove_bucket(self) -> None:
        if not self._has_bucket():
            return
        s3, bucket = self._clients("s3"), self._run.bucket
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for each in page.get("Contents", ()):
                s3.delete_object(Bucket=bucket, Key=each["Key"])
        s3.delete_bucket(Bucket=bucket)

    def _has_bucket(self) -> bool:
        s3, bucket = self._clients("s3"), self._run.bucket
        return _read(lambda: s3.list_objects_v2(Bucket=bucket, MaxKeys=1)) is not None

    def _remove_alarms(self) -> None:
        if alarms := list(self._alarms()):
            self._clients("cloudwatch").delete_alarms(AlarmNames=alarms)

    def _alarms(self) -> Iterator[str]:
        """Yield the alarms that Approval Gate made for rollouts. The stack took its own with it."""
        pages = self._clients("cloudwatch").get_paginator("describe_alarms")
        for page in pages.paginate(AlarmNamePrefix=names.alarm_prefix(self._run.endpoint)):
            yield from (each["AlarmName"] for each in page["MetricAlarms"])

    def _remove_role(self) -> None:
        if not self._has_role():
            return
        iam = self._clients("iam")
        for policy in iam.list_role_policies(RoleName=self._role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=self._role, PolicyName=policy)
        iam.delete_role(RoleName=self._role)

    def _has_role(self) -> bool:
        return _read(lambda: self._clients("iam").get_role(RoleName=self._role)) is not None

    def _remove_logs(self) -> None:
        """The prober's log group is the stack's. A last line of the function may make it again."""
        endpoint = self._run.endpoint
        for group in (f"/aws/sagemaker/Endpoints/{endpoint}", f"/aws/lambda/{names.prober(endpoint)}"):
            _read(partial(self._clients("logs").delete_log_group, logGroupName=group))

    def _until(self, what: str, is_so: Callable[[], bool]) -> None:
        end = self._around.now() + ROLLOUT_LIMIT
        while not is_so():
            if self._around.now() >= end:
                raise Unexpected(f"it did not happen within {ROLLOUT_LIMIT / 60:.0f} minutes that {what}")
            self._around.sleep(POLL_SECONDS)


def _read(read: Callable[[], Any]) -> Any:
    """Return what is read; None if AWS says that there is no such thing."""
    try:
        return read()
    except ClientError as error:
        told = error.response["Error"]
        if is_missing(error) or any(mark in f"{told.get('Code')}: {told.get('Message')}" for mark in _GONE):
            return None
        raise
