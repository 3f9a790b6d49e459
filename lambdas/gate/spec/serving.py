"""The settings of a variant besides its fleet, and the fields of CreateModel and CreateEndpointConfig for them.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from lambdas.gate import codec


@dataclass(frozen=True)
class Variable:
    """A variable of a container's environment."""

    name: str
    value: str


@dataclass(frozen=True)
class Capture:
    """Data capture. `percent`: the share of the requests to capture; 0 if only those of a shadow are captured.
    `destination`: the S3 prefix to write them to. `modes`: SageMaker's CaptureMode. `kms_key`: a key's ARN, or empty
    for the bucket's own encryption."""

    percent: int
    destination: str
    modes: tuple[str, ...]
    kms_key: str = ""

    @property
    def whole(self) -> Self:
        """The capture of every request and every answer, to the same place."""
        return replace(self, percent=100, modes=("Input", "Output"))

    @property
    def config(self) -> dict[str, Any]:
        """CreateEndpointConfig's DataCaptureConfig."""
        return {
            "EnableCapture": True,
            "InitialSamplingPercentage": self.percent,
            "DestinationS3Uri": self.destination,
            "CaptureOptions": [{"CaptureMode": mode} for mode in self.modes],
            **({"KmsKeyId": self.kms_key} if self.kms_key else {}),
        }


@dataclass(frozen=True)
class Asynchronous:
    """An endpoint whose requests wait in a queue. `output`, `failures`: the S3 prefixes of answers and of errors.
    `kms_key`: the ARN of a key for both. `success_topic`, `error_topic`: ARNs. An empty field is left out of the
    request.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceConfig.html"""

    output: str
    failures: str = ""
    kms_key: str = ""
    max_concurrent_invocations: int | None = None
    success_topic: str = ""
    error_topic: str = ""

    @property
    def config(self) -> dict[str, Any]:
        """CreateEndpointConfig's AsyncInferenceConfig."""
        topics = {"SuccessTopic": self.success_topic, "ErrorTopic": self.error_topic}
        output: dict[str, Any] = {
            "S3OutputPath": self.output,
            "S3FailurePath": self.failures,
            "KmsKeyId": self.kms_key,
            "NotificationConfig": {name: topic for name, topic in topics.items() if topic},
        }
        fields: dict[str, Any] = {"OutputConfig": {name: value for name, value in output.items() if value}}
        if self.max_concurrent_invocations:
            fields["ClientConfig"] = {"MaxConcurrentInvocationsPerInstance": self.max_concurrent_invocations}
        return fields


@dataclass(frozen=True)
class Vpc:
    """Ids of subnets and security groups."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


@dataclass(frozen=True)
class Serving:
    """`kms_key`: the ARN of the key for the instances' storage volumes. `container_startup_seconds`,
    `model_download_seconds`: time limits; None for SageMaker's defaults. `asynchronous`: None if it answers at once."""

    environment: tuple[Variable, ...] = ()
    vpc: Vpc | None = None
    network_isolation: bool = False
    kms_key: str = ""
    data_capture: Capture | None = None
    container_startup_seconds: int | None = None
    model_download_seconds: int | None = None
    asynchronous: Asynchronous | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def digest_parts(self) -> tuple[str, ...]:
        """The parts of the digest of a spec's settings. Empty without such settings, so that digests from before these
        settings existed stay the same."""
        return () if self == Serving() else (codec.encode(self),)

    @property
    def model_parts(self) -> tuple[str, ...]:
        """The parts of the digest in a model's name: as `digest_parts`, but only of the settings of a model."""
        made = Serving(environment=self.environment, vpc=self.vpc, network_isolation=self.network_isolation)
        return made.digest_parts

    @property
    def variables(self) -> dict[str, str]:
        """The Environment that each container gets."""
        return {each.name: each.value for each in self.environment}

    @property
    def container(self) -> dict[str, Any]:
        """Fields of ContainerDefinition. SageMaker refuses an Environment if the model package has one too."""
        return {"Environment": self.variables} if self.environment else {}

    @property
    def model(self) -> dict[str, Any]:
        """Fields of CreateModel."""
        fields: dict[str, Any] = {}
        if self.vpc:
            fields["VpcConfig"] = {
                "Subnets": list(self.vpc.subnets),
                "SecurityGroupIds": list(self.vpc.security_groups),
            }
        if self.network_isolation:
            fields["EnableNetworkIsolation"] = True
        return fields

    @property
    def variant(self) -> dict[str, Any]:
        """Fields of ProductionVariant."""
        seconds = {
            "ContainerStartupHealthCheckTimeoutInSeconds": self.container_startup_seconds,
            "ModelDataDownloadTimeoutInSeconds": self.model_download_seconds,
        }
        return {field: value for field, value in seconds.items() if value is not None}

    @property
    def config(self) -> dict[str, Any]:
        """Fields of CreateEndpointConfig."""
        fields: dict[str, Any] = {}
        if self.kms_key:
            fields["KmsKeyId"] = self.kms_key
        if self.asynchronous:
            fields["AsyncInferenceConfig"] = self.asynchronous.config
        if self.data_capture and self.data_capture.percent:
            fields["DataCaptureConfig"] = self.data_capture.config
        return fields

    @property
    def capturing(self) -> Self:
        """The settings while answers are compared: everything is captured, if it is said where to."""
        return replace(self, data_capture=self.data_capture.whole) if self.data_capture else self


def differs(found: Any, asked: Any) -> bool:
    """True if AWS's description `found` lacks something that the request `asked` for. Additional fields do not
    count."""
    if isinstance(asked, dict):
        return not isinstance(found, dict) or any(differs(found.get(key), value) for key, value in asked.items())
    if isinstance(asked, list):
        return not isinstance(found, list) or sorted(map(repr, found)) != sorted(map(repr, asked))
    return bool(found != asked)
