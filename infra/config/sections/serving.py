"""The serving section of endpoints.yaml: how the variant serves, besides its fleet."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.config import limits
from infra.config.sections.gate import PREFIX_PATTERN, PREFIX_RULE
from infra.config.sections.section import Section, whole

VARIABLE_NAME = "a variable's name: 1 to 1024 letters, digits and underscores that begin with no digit"
VARIABLE = Field(max_length=1024, description="text of at most 1024 characters, in quotes", examples=['"info"'])
MODE = Field(description="Input or Output", examples=["Input"])
SUBNET = Field(pattern=r"^subnet-[0-9a-f]{8,25}$", description="a subnet's ID", examples=["subnet-0123456789abcdef0"])
SECURITY_GROUP = Field(
    pattern=r"^sg-[0-9a-f]{8,29}$", description="a security group's ID", examples=["sg-0123456789abcdef0"]
)
Variable = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", min_length=1, max_length=1024)]


def _key(what: str) -> object:
    # IAM allows the functions this key alone, for which it has to be an ARN and no alias.
    return Field(
        pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$",
        max_length=2048,
        description=f"the ARN of a KMS key (no alias), which encrypts {what}; null for none",
        examples=["arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"],
    )


def _both() -> list[Literal["Input", "Output"]]:
    return ["Input", "Output"]


class DataCapture(Section):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html"""

    percent: Annotated[int, whole(1, 100, "percent of the requests that are captured", 20)]
    destination: Annotated[
        str, Field(pattern=PREFIX_PATTERN, max_length=512, description=PREFIX_RULE, examples=["s3://my-capture/fraud/"])
    ]
    modes: Annotated[
        list[Annotated[Literal["Input", "Output"], MODE]],
        Field(min_length=1, max_length=2, description="a list of Input, Output or both", examples=[["Input"]]),
    ] = Field(default_factory=_both)
    kms_key: Annotated[str | None, _key("what is captured")] = None


class Vpc(Section):
    """https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html"""

    subnets: Annotated[
        list[Annotated[str, SUBNET]],
        Field(
            min_length=1,
            max_length=limits.SUBNETS,
            description=f"a list of 1 to {limits.SUBNETS} subnet IDs, best in two Availability Zones or more",
            examples=[["subnet-0123456789abcdef0"]],
        ),
    ]
    security_groups: Annotated[
        list[Annotated[str, SECURITY_GROUP]],
        Field(
            min_length=1,
            max_length=limits.SECURITY_GROUPS,
            description=f"a list of 1 to {limits.SECURITY_GROUPS} security group IDs",
            examples=[["sg-0123456789abcdef0"]],
        ),
    ]


def _place(what: str) -> object:
    return Field(
        pattern=PREFIX_PATTERN,
        max_length=512,
        description=f"{PREFIX_RULE}: {what}",
        examples=["s3://my-inference/fraud/"],
    )


def _topic(what: str) -> object:
    return Field(
        pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_.-]+$",
        max_length=2048,
        description=f"the ARN of an SNS topic, which is told of {what}; null for none",
        examples=["arn:aws:sns:us-east-1:123456789012:inference"],
    )


class Asynchronous(Section):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceConfig.html"""

    input: Annotated[str, _place("where callers put their requests")]
    output: Annotated[str, _place("where answers are written")]
    failures: Annotated[str | None, _place("where the errors of failed requests are written; null for nowhere")] = None
    kms_key: Annotated[str | None, _key("answers and errors")] = None
    max_concurrent_invocations: Annotated[
        int | None, whole(*limits.INVOCATIONS, "requests at a time on one instance; SageMaker chooses if it is null", 4)
    ] = None
    success_topic: Annotated[str | None, _topic("each answer")] = None
    error_topic: Annotated[str | None, _topic("each failure")] = None


class Serving(Section):
    """How the variant serves. A change is rolled out by itself, guarded, with the version that is live."""

    environment: Annotated[
        dict[Variable, Annotated[str, VARIABLE]],
        Field(
            max_length=limits.VARIABLES,
            description=f"a mapping of at most {limits.VARIABLES} environment variables of the container; SageMaker "
            "refuses them where the model package has its own",
            examples=[{"LOG_LEVEL": "info"}],
        ),
    ] = Field(default_factory=dict)
    data_capture: Annotated[
        DataCapture | None, Field(description="which requests and answers are written to S3; null for none")
    ] = None
    asynchronous: Annotated[
        Asynchronous | None,
        Field(description="an endpoint whose requests wait in a queue and are answered in S3; null for real-time"),
    ] = None
    kms_key: Annotated[str | None, _key("the instances' storage volumes")] = None
    vpc: Annotated[Vpc | None, Field(description="the VPC that the containers reach; null for none")] = None
    network_isolation: Annotated[
        bool, Field(description="true or false: the containers reach no network at all", examples=[False])
    ] = False
    container_startup_seconds: Annotated[
        int | None, whole(*limits.STARTUP_SECONDS, "seconds until the container has to answer its ping", 600)
    ] = None
    model_download_seconds: Annotated[
        int | None, whole(*limits.STARTUP_SECONDS, "seconds for the download and unpacking of the artifact", 600)
    ] = None
