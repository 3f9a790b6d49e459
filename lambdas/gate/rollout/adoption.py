"""What an endpoint has that Approval Gate did not make, as keys of an entry. Pure.

`settings` reads AWS's descriptions of the live config and its models. `lacking` gives those settings that the next
rollout would drop, because the entry has no such key.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.gate import names
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.observed import Package
from lambdas.gate.timing import PUBLISH_SECONDS

_CONFIG = frozenset(
    {
        "AsyncInferenceConfig",
        "CreationTime",
        "DataCaptureConfig",
        "EndpointConfigArn",
        "EndpointConfigName",
        "KmsKeyId",
        "MetricsConfig",
        "ProductionVariants",
        "ResponseMetadata",
        "ShadowProductionVariants",
    }
)
"""Fields of an endpoint config that are read here, or that every config has. Any other is a setting without a key."""
_VARIANT = frozenset(
    {
        "ContainerStartupHealthCheckTimeoutInSeconds",
        "InitialInstanceCount",
        "InitialVariantWeight",
        "InstanceType",
        "ModelDataDownloadTimeoutInSeconds",
        "ModelName",
        "ServerlessConfig",
        "VariantName",
    }
)
"""The same for a production variant."""
_CAPTURE = frozenset({"CaptureOptions", "DestinationS3Uri", "EnableCapture", "InitialSamplingPercentage", "KmsKeyId"})
"""The same for DataCaptureConfig."""
_CONTAINER = ("ImageConfig", "Mode", "MultiModelConfig")
"""Fields of a model's container that are no content of a version."""
_DEFAULTS: Mapping[str, Any] = {
    "ImageConfig": {"RepositoryAccessMode": "Platform"},
    "Mode": "SingleModel",
    "RoutingConfig": {"RoutingStrategy": "RANDOM"},
}
"""What these fields mean if they are left out."""
QUOTED = ("environment", "tags")
"""Keys whose names below are the user's own."""
OWN_TAGS = ("application", names.TAG_KEY, names.ENDPOINT_TAG)
"""Tags that Approval Gate sets."""
TAG_KEY = re.compile(r"[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]*[A-Za-z0-9_.:/=+@-])?")
TAG_VALUE = re.compile(r"[A-Za-z0-9 _.:/=+@-]*")
"""Keys and values of tags that endpoints.yaml takes."""
_PREFIX = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([A-Za-z0-9!_.'()=+@-]+/)*")
"""An S3 prefix that endpoints.yaml takes."""


@dataclass(frozen=True)
class Adopted:
    """DescribeEndpointConfig's answer, and DescribeModel's for each of its models. `config`: None if the config does
    not exist any more. `missing`: the names of the models that do not exist any more. `tags`: those of the config and
    of its models."""

    config: Mapping[str, Any] | None
    models: tuple[Mapping[str, Any], ...] = ()
    missing: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """`text`: the setting as AWS calls it. `key`: the path of the entry's key that keeps it; empty if no key does.
    `value`: what to write there; None if AWS's description does not tell."""

    text: str
    key: tuple[str, ...] = ()
    value: Any = None

    @property
    def is_kept(self) -> bool:
        """True if a line of the entry keeps it."""
        return bool(self.key) and self.value is not None


def settings(adopted: Adopted) -> tuple[Setting, ...]:
    """Return every setting of an endpoint config and its models, except what each version brings itself."""
    config = adopted.config
    if config is None:
        return (Setting("its endpoint config was deleted, so its settings cannot be read"),)
    gone = (f"the model {name} was deleted, so its settings cannot be read" for name in adopted.missing)
    first, *others = config.get("ProductionVariants") or [{}]
    shadows = config.get("ShadowProductionVariants", ())
    others = (
        *(f"the variant {each.get('VariantName', '')}" for each in others),
        *(f"the shadow variant {each.get('VariantName', '')}" for each in shadows),
    )
    return (
        *map(Setting, gone),
        *map(Setting, others),
        *_of_variant(first),
        *_of_models(adopted.models),
        *_of_config(config),
        *_of_tags(adopted.tags),
    )


def lacking(adopted: Adopted, spec: Spec, package: Package | None) -> tuple[Setting, ...]:
    """Return the settings that the entry of the spec lacks. A key that the entry has is left as it is, whatever its
    value. So are variables that the version to be rolled out brings itself."""
    present = {setting.key for setting in settings(_requested(spec))}
    brought = {name for each in (package.environments if package else ()) for name in each}
    return tuple(
        setting
        for setting in settings(adopted)
        if not setting.key or (setting.key not in present and not _is_brought(setting, brought))
    )


def entry(found: Iterable[Setting]) -> dict[str, Any]:
    """Return the part of an entry that keeps these settings, as far as a key keeps them."""
    made: dict[str, Any] = {}
    for setting in found:
        if setting.is_kept:
            *above, last = setting.key
            section = made
            for name in above:
                section = section.setdefault(name, {})
            section[last] = setting.value
    return made


def unkept(found: Iterable[Setting]) -> tuple[str, ...]:
    """Return in words the settings that no line keeps."""
    return tuple(
        setting.text if not setting.key else f"{setting.text}, which {'.'.join(setting.key)} can keep"
        for setting in found
        if not setting.is_kept
    )


def written(value: Any, *, quoted: bool = False) -> str:
    """Return a part of an entry as YAML on one line. `quoted`: True for the user's own names, which YAML might read as
    numbers."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    pairs = (
        f"{json.dumps(name) if quoted else name}: {written(each, quoted=name in QUOTED)}"
        for name, each in value.items()
    )
    return f"{{{', '.join(pairs)}}}"


def _requested(spec: Spec) -> Adopted:
    """Return what the gate would ask for, in the form of AWS's descriptions."""
    serverless = spec.variant.serverless
    capacity = (
        {"ServerlessConfig": serverless.config}
        if serverless
        else {"InstanceType": spec.variant.instance_type, "InitialInstanceCount": spec.variant.instance_count}
    )
    variant = {"VariantName": spec.variant.name, **capacity, **spec.serving.variant}
    often = spec.publish_seconds
    metrics = {"EnableEnhancedMetrics": often != PUBLISH_SECONDS, "MetricPublishFrequencyInSeconds": often}
    config = {"ProductionVariants": [variant], "MetricsConfig": metrics, **spec.serving.config}
    tags = {tag.key: tag.value for tag in spec.tags or ()}
    return Adopted(config, ({"Containers": [spec.serving.container], **spec.serving.model},), tags=tags)


def _is_brought(setting: Setting, brought: set[str]) -> bool:
    return setting.key[:2] == ("serving", "environment") and setting.key[-1] in brought


def _of_variant(variant: Mapping[str, Any]) -> Iterator[Setting]:
    yield from _keys(
        variant,
        {
            "VariantName": ("variant", "name"),
            "InstanceType": ("variant", "instance_type"),
            "InitialInstanceCount": ("variant", "instance_count"),
            "ContainerStartupHealthCheckTimeoutInSeconds": ("serving", "container_startup_seconds"),
            "ModelDataDownloadTimeoutInSeconds": ("serving", "model_download_seconds"),
        },
    )
    yield from _keys(
        variant.get("ServerlessConfig", {}),
        {
            "MemorySizeInMB": ("variant", "serverless", "memory_mb"),
            "MaxConcurrency": ("variant", "serverless", "max_concurrency"),
            "ProvisionedConcurrency": ("variant", "serverless", "provisioned_concurrency"),
        },
    )
    yield from _others(variant, _VARIANT)


def _of_models(models: tuple[Mapping[str, Any], ...]) -> Iterator[Setting]:
    for model in models[:1]:
        yield from _keys(
            model.get("VpcConfig", {}),
            {"Subnets": ("serving", "vpc", "subnets"), "SecurityGroupIds": ("serving", "vpc", "security_groups")},
        )
        if model.get("EnableNetworkIsolation"):
            yield Setting("EnableNetworkIsolation", ("serving", "network_isolation"), value=True)
        containers = model.get("Containers") or [model.get("PrimaryContainer", {})]
        yield from _of_environments([each.get("Environment", {}) for each in containers])
        for container in containers:
            yield from _others({name: container.get(name) for name in _CONTAINER}, frozenset())
        if (how := model.get("InferenceExecutionConfig", {}).get("Mode", "Serial")) != "Serial":
            yield Setting(f"InferenceExecutionConfig.Mode {how}")


def _of_environments(environments: list[dict[str, str]]) -> Iterator[Setting]:
    """An entry's variables are those of every container."""
    for name in dict.fromkeys(name for each in environments for name in each):
        values = {each.get(name) for each in environments}
        value = values.pop() if len(values) == 1 else None
        # SSM refuses two braces in a parameter.
        fits = value is not None and "{{" not in value
        text = f"Environment.{name}" if fits else f"Environment.{name} of one container, or with two braces"
        yield Setting(text, ("serving", "environment", name) if fits else (), value)


def _of_config(config: Mapping[str, Any]) -> Iterator[Setting]:
    if key := config.get("KmsKeyId"):
        yield Setting(f"KmsKeyId {key}", ("serving", "kms_key"), _key_arn(key, config))
    yield from _of_capture(config.get("DataCaptureConfig", {}), config)
    yield from _of_queue(config.get("AsyncInferenceConfig", {}), config)
    metrics = config.get("MetricsConfig", {})
    seconds = metrics.get("MetricPublishFrequencyInSeconds", PUBLISH_SECONDS)
    if metrics.get("EnableEnhancedMetrics"):
        yield Setting(
            f"MetricsConfig with {seconds} s",
            ("metrics", "publish_seconds") if seconds in (10, 30) else (),
            seconds,
        )
    yield from _others(config, _CONFIG)


def _of_capture(capture: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Setting]:
    if not capture or capture.get("EnableCapture") is False or capture.get("InitialSamplingPercentage") == 0:
        return
    at = ("serving", "data_capture")
    yield from _keys(capture, {"InitialSamplingPercentage": (*at, "percent")})
    uri = capture.get("DestinationS3Uri", "")
    yield Setting(f"DestinationS3Uri {uri}", (*at, "destination"), prefix(uri))
    options = (each["CaptureMode"] for each in capture.get("CaptureOptions", ()))
    modes = {mode for each in options for mode in (("Input", "Output") if each == "InputAndOutput" else (each,))}
    if modes:
        yield Setting("CaptureOptions", (*at, "modes"), sorted(modes))
    if key := capture.get("KmsKeyId"):
        yield Setting(f"DataCaptureConfig.KmsKeyId {key}", (*at, "kms_key"), _key_arn(key, config))
    yield from _others(capture, _CAPTURE)


def _of_queue(queue: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Setting]:
    output, at = queue.get("OutputConfig", {}), ("serving", "asynchronous")
    topics = output.get("NotificationConfig", {})
    for path, name in (("S3OutputPath", "output"), ("S3FailurePath", "failures")):
        if uri := output.get(path):
            yield Setting(f"{path} {uri}", (*at, name), prefix(uri))
    if key := output.get("KmsKeyId"):
        yield Setting(f"OutputConfig.KmsKeyId {key}", (*at, "kms_key"), _key_arn(key, config))
    yield from _keys(topics, {"SuccessTopic": (*at, "success_topic"), "ErrorTopic": (*at, "error_topic")})
    client = queue.get("ClientConfig", {})
    yield from _keys(client, {"MaxConcurrentInvocationsPerInstance": (*at, "max_concurrent_invocations")})
    yield from _others(topics, frozenset({"SuccessTopic", "ErrorTopic"}))


def _of_tags(tags: Mapping[str, str]) -> Iterator[Setting]:
    for key, value in sorted(tags.items()):
        # AWS makes its own tags again, such as those of CloudFormation.
        if not key.startswith("aws:") and key not in OWN_TAGS:
            fits = TAG_KEY.fullmatch(key) and TAG_VALUE.fullmatch(value)
            yield Setting(f"the tag {key}", ("tags", key) if fits else (), value)


def _keys(found: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> Iterator[Setting]:
    """Return the fields that have a key of the same value."""
    return (Setting(field, key, found[field]) for field, key in keys.items() if found.get(field))


def _others(found: Mapping[str, Any], known: frozenset[str]) -> Iterator[Setting]:
    """Return the fields without a key. One that AWS adds later is among them. A field that is empty or off is none."""
    for name, value in found.items():
        if name not in known and value and value != _DEFAULTS.get(name):
            yield Setting(f"{name} {json.dumps(value, default=str)}")


def prefix(uri: str) -> str | None:
    """Return the S3 prefix as endpoints.yaml takes it; None if endpoints.yaml takes no such prefix."""
    ended = uri if uri.endswith("/") else f"{uri}/"
    return ended if _PREFIX.fullmatch(ended) else None


def _key_arn(key: str, config: Mapping[str, Any]) -> str | None:
    """Return the ARN of a KMS key that AWS names by its id; None if it is an alias, which does not tell its key."""
    if ":key/" in key:
        return key
    if "alias/" in key or not config.get("EndpointConfigArn"):
        return None
    partition, _, region, account = config["EndpointConfigArn"].split(":")[1:5]
    return f"arn:{partition}:kms:{region}:{account}:key/{key}"
