"""What a FailureReason blames."""

import pytest

from lambdas.gate.decide.failure import Cause, cause_of

REASONS = [
    (
        "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
        "CloudWatch logs for this endpoint.",
        Cause.MODEL,
    ),
    ("The container container_2 for production variant blue failed its health checks", Cause.MODEL),
    (
        "Unable to successfully stand up your model within the allotted 180 second timeout. Please ensure that "
        "downloading your model artifacts, starting your model container and passing the ping health checks can be "
        "completed within 180 seconds.",
        Cause.MODEL,
    ),
    (
        "CannotStartContainerError. Please ensure the model container for variant AllTraffic starts correctly when "
        "invoked with 'docker run <image> serve'",
        Cause.MODEL,
    ),
    ("CannotCreateContainerError: no space left on device", Cause.MODEL),
    ("OutOfMemoryError: Container killed due to memory usage", Cause.MODEL),
    ("Image size 10737418240 is greater than supported size 10737418239", Cause.MODEL),
    (
        'Failed to extract model data archive for container "container_1" from URL "s3://models/model.tar.gz". Please '
        "ensure that the object located at the URL is a valid tar.gz archive.",
        Cause.MODEL,
    ),
    (
        'Failed to download model data for container "container_1" from URL: "s3://models/model.tar.gz". Please ensure '
        "that there is an object located at the URL and that the role passed to CreateModel has permissions to "
        "download the object.",
        Cause.PERMISSION,
    ),
    ("Could not access model data at s3://models/model.tar.gz", Cause.PERMISSION),
    (
        "Please make sure all images included in the model for the production variant AllTraffic exist, and that the "
        "execution role used to create the model has permissions to access them.",
        Cause.PERMISSION,
    ),
    ("CannotPullContainerError: repository does not exist", Cause.PERMISSION),
    ("User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ecr:BatchGetImage", Cause.PERMISSION),
    (
        "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance "
        "type.",
        Cause.CAPACITY,
    ),
    ("Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.", Cause.CAPACITY),
    (
        "EC2InsufficientCapacityError: Instance type 'ml.g5.48xlarge' is temporarily unavailable in supported "
        "availability zones [euw1-az1]. Try again in a few minutes, or try a different instance type.",
        Cause.CAPACITY,
    ),
    (
        "The account-level service limit 'ml.p2.xlarge for endpoint usage' is 0 Instances, with current utilization of "
        "0 Instances and a request delta of 1 Instances.",
        Cause.QUOTA,
    ),
    ("ResourceLimitExceeded", Cause.QUOTA),
    ("You have exceeded the quota of your account", Cause.QUOTA),
    ("The specified subnet does not have enough free addresses to satisfy the request.", Cause.NETWORK),
    ("InsufficientFreeAddressesInSubnet: subnet-1", Cause.NETWORK),
    ("Request to service failed. If failure persists after retry, contact customer support.", Cause.INTERNAL),
    ("An internal server error occurred", Cause.INTERNAL),
    ("ThrottlingException: Rate exceeded", Cause.INTERNAL),
    ("The variant did not become ready.", Cause.UNKNOWN),
    ("", Cause.UNKNOWN),
    (None, Cause.UNKNOWN),
]


@pytest.mark.parametrize(("reason", "cause"), REASONS)
def test_the_words_tell_the_cause(reason: str | None, cause: Cause) -> None:
    assert cause_of(reason) is cause


@pytest.mark.parametrize("reason", [reason for reason, _ in REASONS if reason])
def test_letters_and_line_breaks_do_not_matter(reason: str) -> None:
    assert cause_of(reason.upper().replace(" ", "\n")) is cause_of(reason)


@pytest.mark.parametrize("name", ["quota", "healthcheck-quota", "CapacityError"])
def test_names_that_users_chose_tell_nothing(name: str) -> None:
    assert cause_of(f"The production variant {name} of the model failed") is Cause.UNKNOWN
    assert cause_of(f"The model at s3://{name}/{name} failed") is Cause.UNKNOWN
    assert cause_of(f'The model "{name}" failed, see 1.dkr.ecr.eu-west-1.amazonaws.com/{name}:1') is Cause.UNKNOWN
