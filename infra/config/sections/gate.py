"""The gate section of endpoints.yaml: what an approval has to fulfil beyond being given."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.config import limits
from infra.config.sections.section import Section
from lambdas.gate import names

PREFIX_PATTERN = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([A-Za-z0-9!_.'()=+@-]+/)*$"
PREFIX_RULE = "s3://BUCKET/PREFIX/ ending in a slash, of letters, digits and !_.'()=+@-"
NAME_RULE = "1 to 63 letters, digits and single or repeated hyphens inside, as SageMaker allows"

Name = Annotated[str, StringConstraints(pattern=f"^{names.ENDPOINT_NAME}$", max_length=63)]
Mode = Literal["enforce", "advise"]

# What follows is matched by fnmatch, so its wildcards are allowed in the names.
APPROVER = Field(
    pattern=r"^((role|user)/[A-Za-z0-9_+=,.@*?\[\]!-]+|user-profile/[A-Za-z0-9*?\[\]!-]+/[A-Za-z0-9*?\[\]!-]+)$",
    max_length=256,
    description="role/NAME, user/NAME or user-profile/DOMAIN/NAME, where * stands for any characters",
    examples=["role/model-risk-*"],
)
IMAGE = Field(
    pattern=r"^[A-Za-z0-9*?\[][A-Za-z0-9._:/@*?\[\]!-]*$",
    max_length=255,
    description="a container image as a model package names it, at most 255 characters, where * stands for any",
    examples=["123456789012.dkr.ecr.us-east-1.amazonaws.com/models/*"],
)
REPORTS = Field(
    pattern=PREFIX_PATTERN, max_length=1024, description=PREFIX_RULE, examples=["s3://my-reports/monitoring/"]
)


class Condition(Section):
    """One of `require`: an expression that has to be true."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
            max_length=63,
            description="the condition's name: 1 to 63 lower-case letters, digits and hyphens inside",
            examples=["risk-review"],
        ),
    ]
    that: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2048,
            description="a JMESPath expression that gives true or false, at most 2048 characters",
            examples=["customer_metadata.risk_review == 'passed'"],
        ),
    ]
    mode: Annotated[
        Mode,
        Field(description="enforce, or advise: only record what this condition says", examples=["advise"]),
    ] = "enforce"


def _hours(what: str, example: int) -> object:
    high = limits.HOURS
    return Field(
        gt=0, le=high, allow_inf_nan=False, description=f"a number above 0, at most {high}: {what}", examples=[example]
    )


class Soak(Section):
    """Live and quiet on another endpoint first."""

    endpoint: Annotated[
        Name,
        Field(description=f"the name of another endpoint of this file: {NAME_RULE}", examples=["fraud-staging"]),
    ]
    hours: Annotated[float, _hours("hours live and quiet on the other endpoint", 24)]


class Stage(Section):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelLifeCycle.html"""

    name: Annotated[Name, Field(description=f"ModelLifeCycle's Stage: {NAME_RULE}", examples=["Production"])]
    status: Annotated[Name, Field(description=f"ModelLifeCycle's StageStatus: {NAME_RULE}", examples=["Approved"])]


class Freeze(Section):
    """One of `freeze`: a window in which nothing new goes live."""

    cron: Annotated[
        str,
        Field(
            pattern=r"^\S+( +\S+){4}$",
            max_length=256,
            description="when windows begin: five fields, minute, hour, day of month, month and day of week",
            examples=["0 17 * * FRI"],
        ),
    ]
    hours: Annotated[float, _hours("hours that each window lasts", 64)]
    time_zone: Annotated[
        str,
        Field(min_length=1, description="a time zone of the IANA database, in which cron counts", examples=["UTC"]),
    ] = "UTC"


class Gate(Section):
    """What an approval must fulfil beyond being given."""

    mode: Annotated[
        Mode,
        Field(
            description="enforce, or advise: record what the checks say and let the version pass, but for pin and the "
            "place of the artifacts",
            examples=["advise"],
        ),
    ] = "enforce"
    four_eyes: Annotated[
        bool, Field(description="true or false: whoever registered a version may not approve it", examples=[False])
    ] = False
    approvers: Annotated[
        list[Annotated[str, APPROVER]],
        Field(
            max_length=50,
            description="a list of at most 50 patterns of who may approve; empty for anybody",
            examples=[["role/model-risk-*"]],
        ),
    ] = Field(default_factory=list)
    require: Annotated[
        list[Condition],
        Field(
            max_length=50,
            description="a list of at most 50 conditions, each with a name and an expression that has to be true",
            examples=[[{"name": "risk-review", "that": "customer_metadata.risk_review == 'passed'"}]],
        ),
    ] = Field(default_factory=list)
    pin: Annotated[
        bool,
        Field(description="true or false: artifacts and images must be those that were approved", examples=[True]),
    ] = True
    images: Annotated[
        list[Annotated[str, IMAGE]],
        Field(max_length=50, description="a list of at most 50 patterns of images; empty for any image", examples=[[]]),
    ] = Field(default_factory=list)
    soak: Annotated[
        Soak | None,
        Field(
            description="the other endpoint on which a version has to be first, and how long; null for none",
        ),
    ] = None
    stage: Annotated[
        Stage | None,
        Field(
            description="the ModelLifeCycle stage that a version needs to count as approved; null for none",
        ),
    ] = None
    freeze: Annotated[
        list[Freeze],
        Field(max_length=50, description="a list of at most 50 windows in which nothing new goes live", examples=[[]]),
    ] = Field(default_factory=list)
    reports: Annotated[
        list[Annotated[str, REPORTS]],
        Field(
            max_length=50,
            description="a list of at most 50 prefixes, besides model_artifacts, that ModelMetrics reports are read "
            "from",
            examples=[[]],
        ),
    ] = Field(default_factory=list)
