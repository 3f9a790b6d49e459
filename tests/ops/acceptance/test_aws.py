"""The calls of an acceptance run and of its removal, held against botocore's models."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from ops.acceptance.aws import Aws
from ops.acceptance.removal import Removal
from ops.acceptance.story import Surroundings, Unexpected
from tests.lambdas.stubbed import stubbed
from tests.ops.acceptance.fake_aws import RUN, fresh

UPDATE, INVOKE = "update_endpoint", "invoke_endpoint"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/acceptance-ab12"


def answer() -> dict[str, Any]:
    return {"Body": StreamingBody(io.BytesIO(b"{}"), 2)}


@pytest.mark.parametrize(
    ("alarm", "code", "refused"),
    [
        (None, None, None),
        ("missing", None, None),
        ("missing", "ValidationException", "no such alarm"),
        (None, "ResourceInUse", "no such alarm"),
    ],
)
def test_an_update_is_taken_or_refused_with_the_reason(
    alarm: str | None, code: str | None, refused: str | None
) -> None:
    with stubbed("sagemaker") as stub:
        if code is None:
            stub.add_response(UPDATE, {"EndpointArn": ARN})
        else:
            stub.add_client_error(UPDATE, code, "no such alarm")
        assert Aws(lambda service: stub.client, fresh()).update("config", alarm) == refused


def test_a_denied_update_is_no_answer_of_sagemaker() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error(UPDATE, "AccessDeniedException", "No.")
        with pytest.raises(ClientError):
            Aws(lambda service: stub.client, fresh()).update("config")


def test_requests_are_counted_and_a_failed_one_ends_nothing() -> None:
    with stubbed("sagemaker-runtime") as stub:
        stub.add_response(INVOKE, answer())
        stub.add_client_error(INVOKE, "ModelError", "It failed.")
        stub.add_response(INVOKE, answer())
        assert Aws(lambda service: stub.client, fresh()).ask(3) == {"answered": 2, "failed": 1}


def test_requests_that_the_caller_may_not_send_are_no_failures_of_the_model() -> None:
    with stubbed("sagemaker-runtime") as stub:
        stub.add_client_error(INVOKE, "AccessDeniedException", "No.")
        with pytest.raises(ClientError):
            Aws(lambda service: stub.client, fresh()).ask(3)


@pytest.mark.parametrize(
    ("service", "operation", "code", "message", "make"),
    [
        ("s3", "create_bucket", "BucketAlreadyOwnedByYou", "It is yours.", Aws.make_bucket),
        ("sagemaker", "create_model_package_group", "ValidationException", "It already exists.", Aws.make_group),
    ],
)
def test_what_a_killed_run_made_is_made_once(
    service: str, operation: str, code: str, message: str, make: Callable[[Aws], str]
) -> None:
    with stubbed(service) as stub:
        stub.add_client_error(operation, code, message)
        assert make(Aws(lambda _: stub.client, fresh())) in (RUN.bucket, RUN.group)
    with stubbed(service) as stub:
        stub.add_client_error(operation, "BucketAlreadyExists", "It is somebody else's.")
        with pytest.raises(ClientError):
            make(Aws(lambda _: stub.client, fresh()))


def removal(client: Any) -> Removal:
    times = iter(range(0, 100_000, 3600))
    return Removal(lambda service: client, fresh(), Surroundings(lambda: next(times), lambda seconds: None, print))


def stack(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": RUN.stack, "StackStatus": status, "CreationTime": "2026-11-30T00:00:00Z"}]}


def test_a_stack_that_cannot_be_deleted_is_named() -> None:
    with stubbed("cloudformation") as stub:
        stub.add_response("describe_stacks", stack("CREATE_COMPLETE"))
        stub.add_response("delete_stack", {})
        stub.add_response("describe_stacks", stack("DELETE_FAILED"))
        with pytest.raises(Unexpected, match=f"^the stack {RUN.stack} could not be deleted: see its events"):
            removal(stub.client)._remove_stack()


def test_a_stack_that_does_not_go_away_ends_the_removal() -> None:
    with stubbed("cloudformation") as stub:
        stub.add_response("describe_stacks", stack("CREATE_COMPLETE"))
        stub.add_response("delete_stack", {})
        for _ in range(2):
            stub.add_response("describe_stacks", stack("DELETE_IN_PROGRESS"))
        with pytest.raises(Unexpected, match=r"^it did not happen within 120 minutes that the stack is gone$"):
            removal(stub.client)._remove_stack()


@pytest.mark.parametrize(
    ("service", "operation", "code", "message", "remove"),
    [
        ("cloudformation", "describe_stacks", "ValidationError", "Stack with id x does not exist", "_remove_stack"),
        ("sagemaker", "describe_model_package_group", "ValidationException", "x does not exist.", "_remove_group"),
        ("s3", "list_objects_v2", "NoSuchBucket", "There is none.", "_remove_bucket"),
        ("iam", "get_role", "NoSuchEntity", "There is none.", "_remove_role"),
    ],
)
def test_what_is_not_there_is_not_removed(service: str, operation: str, code: str, message: str, remove: str) -> None:
    with stubbed(service) as stub:
        stub.add_client_error(operation, code, message)
        getattr(removal(stub.client), remove)()


def test_what_may_not_be_read_is_not_taken_for_gone() -> None:
    with stubbed("iam") as stub:
        stub.add_client_error("get_role", "AccessDenied", "No.")
        with pytest.raises(ClientError):
            removal(stub.client)._remove_role()
