"""Why a rollout failed, by SageMaker's FailureReason. Pure.

FailureReason is free text of at most 1,024 characters. AWS does not document its words, and words one cause in many
ways.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    MODEL = "model"
    """The container, or what it loads. The version can never start, so it is rolled back and quarantined."""

    PERMISSION = "permission"
    """Something does not exist, or the execution role may not read it. Another try would launch a fleet and fail in the
    same way, so it is given up at once."""

    CAPACITY = "capacity"
    """AWS has no instances. It is tried again until the spec's deadline."""

    QUOTA = "quota"
    """The account may have no more instances. It is tried again until the spec's deadline."""

    NETWORK = "network"
    """The subnets have no room. It is tried again until the spec's deadline."""

    INTERNAL = "internal"
    """SageMaker itself. It is tried again after growing waits."""

    UNKNOWN = "unknown"
    """No reason, or one that is not in the table. It may be temporary, so it is tried once more."""

    @property
    def is_scarcity(self) -> bool:
        return self in {Cause.CAPACITY, Cause.QUOTA, Cause.NETWORK}


@dataclass(frozen=True)
class Wording:
    """`words`: a regular expression for a part of FailureReason, in any letters. `source`: the public report of it."""

    cause: Cause
    words: str
    source: str


WORDINGS = (
    Wording(Cause.MODEL, r"health checks?\b", "aws/amazon-sagemaker-examples 210, 1113, 3062"),
    Wording(
        Cause.MODEL,
        r"Cannot(Start|Create|Inspect)ContainerError|starts correctly when invoked",
        "aws-samples/comfyui-on-amazon-sagemaker 2, aws/sagemaker-python-sdk 4615",
    ),
    Wording(Cause.MODEL, r"OutOfMemoryError|out of memory", "the error codes of stopped tasks in the guide of ECS"),
    Wording(Cause.MODEL, r"image size .* supported size", "aws/deep-learning-containers 4616"),
    Wording(Cause.MODEL, r"extract model data|valid tar\.gz archive", "aws/deep-learning-containers 569"),
    Wording(
        Cause.PERMISSION,
        r"(download|access) model (data|artifact)|has permissions? to",
        "aws-solutions-library-samples/fraud-detection-using-machine-learning 9",
    ),
    Wording(Cause.PERMISSION, r"make sure all images|CannotPull\w*Error", "aws/amazon-sagemaker-examples 275"),
    Wording(Cause.PERMISSION, r"AccessDenied|access denied|not authorized to", "IAM's words in any service's error"),
    Wording(
        Cause.CAPACITY,
        r"Insufficient(Instance)?Capacity|CapacityError|compute capacity|instance type .* temporarily unavailable",
        "DIAGNijmegen/rse-grand-challenge 2631, aws/amazon-sagemaker-feedback 99",
    ),
    Wording(Cause.QUOTA, r"service limit|LimitExceeded|limit exceeded|\bquota", "aws/amazon-sagemaker-examples 307"),
    Wording(
        Cause.NETWORK,
        r"subnets? .*(free|available) (IP )?addresses|InsufficientFreeAddresses",
        "the error codes in the reference of EC2",
    ),
    Wording(Cause.INTERNAL, r"request to service failed", "aws/amazon-sagemaker-custom-container 3"),
    Wording(
        Cause.INTERNAL,
        r"internal (server )?(error|failure)|Internal(Server|Failure)|ServiceUnavailable|Throttl|rate exceeded",
        "the errors that are common to all services of AWS",
    ),
)
"""The first that fits counts. Those of the container come first, because their texts give further advice."""

_NAMED = re.compile(r"\"[^\"]*\"|'[^']*'|s3://\S+|arn:\S+|\S+\.dkr\.ecr\.\S+|\bvariant \S+", re.IGNORECASE)
"""What users chose names for. A variant called `quota` says nothing about a quota."""


def cause_of(reason: str | None) -> Cause:
    """Return what a FailureReason blames."""
    text = _NAMED.sub("…", " ".join((reason or "").split()))
    fitting = (wording.cause for wording in WORDINGS if re.search(wording.words, text, re.IGNORECASE))
    return next(fitting, Cause.UNKNOWN)
