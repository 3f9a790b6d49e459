import pytest
from botocore.exceptions import ClientError

from lambdas.gate.aws.errors import AlreadyExists, Denied, InProgress, Limited, NotFound, Refused, Throttled, translated


def _error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "UpdateEndpoint")


def _raise(code: str, message: str) -> None:
    with translated():
        raise _error(code, message)


@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        ("ThrottlingException", "Rate exceeded", Throttled),
        ("Throttling", "Rate exceeded", Throttled),
        ("TooManyRequestsException", "", Throttled),
        ("ProvisionedThroughputExceededException", "", Throttled),
        ("AccessDeniedException", "User: x is not authorized to perform: sagemaker:CreateModel", Denied),
        ("AccessDenied", "", Denied),
        ("ResourceLimitExceeded", "The account-level service limit is 4 Instances", Limited),
        # CloudWatch's LimitExceededFault and Application Auto Scaling's: quotas, which no waiting cures.
        ("LimitExceeded", "The maximum limit of alarms has been reached", Limited),
        ("LimitExceededException", "", Limited),
        ("ResourceNotFound", "", NotFound),
        ("ParameterNotFound", "", NotFound),
        ("RepositoryNotFoundException", "The repository with name 'fraud' does not exist", NotFound),
        # S3, whose HeadObject answers with a status and nothing else.
        ("NoSuchKey", "", NotFound),
        ("NoSuchBucket", "", NotFound),
        ("404", "Not Found", NotFound),
        ("403", "Forbidden", Denied),
        ("503", "Service Unavailable", Throttled),
        ("SlowDown", "Please reduce your request rate.", Throttled),
        ("ValidationException", 'Could not find endpoint "arn:aws:sagemaker:us-east-1:1:endpoint/x".', NotFound),
        ("ValidationException", 'Could not find endpoint configuration "arn:x".', NotFound),
        ("ValidationException", "ModelPackage arn:x does not exist.", NotFound),
        ("ValidationException", 'Cannot update in-progress endpoint "arn:x".', InProgress),
        ("ValidationException", 'Cannot create already existing model "arn:x".', AlreadyExists),
        ("ValidationException", 'Cannot create already existing endpoint configuration "arn:x".', AlreadyExists),
        ("ValidationException", "ModelPackageGroup arn:x does not exist.", NotFound),
        ("ValidationException", "Resource does not exist.", NotFound),
        ("ValidationError", "Endpoint x of account 123456789012 not found.", NotFound),
        ("ValidationException", "Model package arn:x is not approved; its ModelApprovalStatus is Rejected.", Refused),
        ("ValidationException", 'Cannot update failed endpoint "arn:x"; it can only be deleted.', Refused),
        ("ValidationException", 'Cannot update the real-time endpoint "arn:x" to a serverless one.', Refused),
        ("ValidationException", 'The variant "x" of endpoint "arn:x" is a target for auto scaling; ...', Refused),
        ("ValidationException", "1 validation error detected: Value '51' at 'canarySize'", Refused),
        ("ValidationError", "StorageResolution", Refused),
    ],
)
def test_what_an_error_of_aws_means(code: str, message: str, meaning: type[Exception]) -> None:
    with pytest.raises(meaning) as caught:
        _raise(code, message)
    assert type(caught.value) is meaning
    assert str(caught.value) == message
    assert isinstance(caught.value.__cause__, ClientError)


OTHERS = ["InternalFailure", "ServiceUnavailable", "500", "ConflictException", "TransactionCanceledException"]


@pytest.mark.parametrize("code", [*OTHERS, "PreconditionFailed"])
def test_an_error_that_says_nothing_of_what_was_done_propagates_as_it_is(code: str) -> None:
    with pytest.raises(ClientError):
        _raise(code, "Cannot update in-progress endpoint")


def test_an_error_without_a_message_is_translated_too() -> None:
    with pytest.raises(Throttled), translated():
        raise ClientError({"Error": {"Code": "Throttling"}}, "UpdateEndpoint")
