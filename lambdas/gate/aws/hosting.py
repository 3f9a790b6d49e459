"""Hosting's edge: models, endpoint configs and endpoints.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.container import container
from lambdas.gate.aws.errors import AlreadyExists, NotFound, Refused, translated
from lambdas.gate.aws.paging import paged
from lambdas.gate.rollout.adoption import Adopted
from lambdas.gate.spec.serving import differs
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, is_version
from lambdas.gate.state.attempt import Fleet
from lambdas.gate.state.observed import Container, Endpoint, Package, Served, ServedVariant
from lambdas.gate.state.rung import Copying
from lambdas.gate.text import encodable
from lambdas.gate.timing import PUBLISH_SECONDS

_OTHERS = ("ShadowProductionVariants", "DataCaptureConfig", "KmsKeyId", "AsyncInferenceConfig", "ExplainerConfig")
"""Fields that an endpoint config of the gate has only if the spec asks for them."""
_MANAGED = {"Key": names.TAG_KEY, "Value": names.TAG_VALUE}


@dataclass(frozen=True)
class ShadowVariant:
    """`model`: the name of the new version's model."""

    model: str
    copying: Copying


class Hosting:
    """`once`: a client without retries, see `clients.ONCE`."""

    def __init__(self, sagemaker: Any, once: Any, autoscaling: Any) -> None:
        self._sagemaker = sagemaker
        self._once = once
        self._autoscaling = autoscaling

    def endpoint(self, name: str) -> Endpoint | None:
        """Return the endpoint; None if it does not exist."""
        try:
            with translated():
                answer = self._sagemaker.describe_endpoint(EndpointName=name)
        except NotFound:
            return None
        answer = encodable(answer)
        rollback = answer.get("LastDeploymentConfig", {}).get("AutoRollbackConfiguration", {})
        return Endpoint(
            arn=answer["EndpointArn"],
            status=answer["EndpointStatus"],
            config=answer.get("EndpointConfigName", ""),
            created_at=answer["CreationTime"].timestamp(),
            modified_at=answer["LastModifiedTime"].timestamp(),
            variants=tuple(v["VariantName"] for v in answer.get("ProductionVariants", [])),
            pending_config=answer.get("PendingDeploymentSummary", {}).get("EndpointConfigName"),
            failure_reason=answer.get("FailureReason") or None,
            deployment_alarms=tuple(alarm["AlarmName"] for alarm in rollback.get("Alarms", [])),
            captures_data=answer.get("DataCaptureConfig", {}).get("EnableCapture", False),
            is_serverless=any("CurrentServerlessConfig" in v for v in answer.get("ProductionVariants", [])),
            is_asynchronous="AsyncInferenceConfig" in answer,
            shadows=tuple(v["VariantName"] for v in answer.get("ShadowProductionVariants", [])),
        )

    def served_by(self, config: str) -> Served:
        """Return what an endpoint config serves."""
        try:
            with translated():
                found = encodable(self._sagemaker.describe_endpoint_config(EndpointConfigName=config))
        except NotFound:
            return Served()
        production, shadows = found["ProductionVariants"], found.get("ShadowProductionVariants", [])
        variants = (
            *(self._served(variant, is_shadow=False) for variant in production),
            *(self._served(variant, is_shadow=True) for variant in shadows),
        )
        return Served(variants[0].version if len(production) == 1 else None, variants)

    def _served(self, variant: dict[str, Any], *, is_shadow: bool) -> ServedVariant:
        return ServedVariant(
            name=variant["VariantName"],
            is_shadow=is_shadow,
            version=self._version(variant["ModelName"]) if "ModelName" in variant else None,
            weight=variant.get("InitialVariantWeight", 1.0),
            instance_type=variant.get("InstanceType"),
            instance_count=variant.get("InitialInstanceCount"),
        )

    def _version(self, model: str) -> str | None:
        """Return the ARN of the version that a model serves; None if it is not made of one version."""
        try:
            with translated():
                found = self._sagemaker.describe_model(ModelName=model)
        except NotFound:
            return None
        made_of = {container.get("ModelPackageName", "") for container in _containers(found)}
        version = made_of.pop() if len(made_of) == 1 else ""
        return version if is_version(version) else None

    def adopted(self, config: str) -> Adopted:
        """Return an endpoint config and its models as AWS describes them."""
        try:
            with translated():
                found = encodable(self._sagemaker.describe_endpoint_config(EndpointConfigName=config))
        except NotFound:
            return Adopted(None)
        variants = (*found.get("ProductionVariants", ()), *found.get("ShadowProductionVariants", ()))
        models, missing = [], []
        for name in dict.fromkeys(each["ModelName"] for each in variants if "ModelName" in each):
            try:
                with translated():
                    models.append(encodable(self._sagemaker.describe_model(ModelName=name)))
            except NotFound:
                missing.append(name)
        arns = [found["EndpointConfigArn"], *(model["ModelArn"] for model in models)]
        tags = {tag["Key"]: tag["Value"] for arn in arns for tag in self._tags_of(arn)}
        return Adopted(found, tuple(models), tuple(missing), encodable(tags))

    def create_model(self, spec: Spec, approval: Approval, package: Package) -> str:
        """Create the version's model and return its name. Raises Refused if somebody else made the model of that name.

        The model is made of the package alone, so that exactly the approved content runs. The name contains the
        package's LastModifiedTime: a model that was made while the package was being changed is never used again.
        """
        version, specification = approval.version, approval.pin.specification if approval.pin else ""
        unique = f"{spec.execution_role_arn}{specification}", *spec.serving.model_parts, repr(package.modified_at)
        name = names.model(version, *unique)
        try:
            with translated():
                self._sagemaker.create_model(
                    ModelName=name,
                    Containers=[{"ModelPackageName": version, **spec.serving.container}],
                    ExecutionRoleArn=spec.execution_role_arn,
                    **spec.serving.model,
                    Tags=_tags(spec),
                )
        except AlreadyExists:
            self._require_own_model(name, package, spec)
        return name

    def loaded_by(self, model: str) -> tuple[Container, ...] | None:
        """Return what the model's containers load, as far as SageMaker shows it; None if the model is not visible yet.
        Whether it shows what it took from a package is not documented, so each field may be missing."""
        try:
            with translated():
                found = self._sagemaker.describe_model(ModelName=model)
        except NotFound:
            return None
        return tuple(map(container, _containers(found)))

    def create_config(self, spec: Spec, fleet: Fleet, model: str, shadow: ShadowVariant | None = None) -> None:
        """Create the fleet's endpoint config. Raises Refused if somebody else made the config of that name. `shadow`:
        the shadow variant; None without one. If its answers are compared, the config captures all of both variants."""
        variant = {
            "VariantName": spec.variant.name,
            "ModelName": model,
            **_capacity(fleet),
            **spec.serving.variant,
        }
        is_compared = shadow is not None and shadow.copying.shadow.differ is not None
        asked = (spec.serving.capturing if is_compared else spec.serving).config | _metrics(spec)
        if shadow is not None:
            asked["ShadowProductionVariants"] = [_shadowing(variant, shadow)]
        try:
            with translated():
                self._sagemaker.create_endpoint_config(
                    EndpointConfigName=fleet.config,
                    ProductionVariants=[variant],
                    Tags=_tags(spec),
                    **asked,
                )
        except AlreadyExists:
            self._require_own_config(fleet.config, variant, asked)

    def _require_own_model(self, name: str, package: Package, spec: Spec) -> None:
        # Anybody can derive the name. Somebody who may create models could have made another model of this name.
        try:
            with translated():
                found = self._sagemaker.describe_model(ModelName=name)
        except NotFound:
            # Another reconcile made it a moment ago. It is not visible yet, so it cannot be compared.
            return
        containers = _containers(found)
        made_of = {each.get("ModelPackageName", "").lower() for each in containers}
        # SageMaker may show the package's own Environment, which is empty if the entry has one.
        environments = [spec.serving.variables, *package.environments]
        altered = any(
            c.get("Environment", {}) not in environments or c.get("InferenceSpecificationName") for c in containers
        )
        asked = {"ExecutionRoleArn": spec.execution_role_arn, "EnableNetworkIsolation": False, **spec.serving.model}
        present = {"ExecutionRoleArn": spec.execution_role_arn, "EnableNetworkIsolation": False, **found}
        others = "VpcConfig" in found and "VpcConfig" not in asked
        if made_of != {package.version.lower()} or altered or others or differs(present, asked):
            reason = f"the model {name} is there already and is not Approval Gate's"
            raise Refused(f"{reason}: see who made it, and delete it")

    def _require_own_config(self, name: str, variant: dict[str, Any], asked: dict[str, Any]) -> None:
        try:
            with translated():
                found = self._sagemaker.describe_endpoint_config(EndpointConfigName=name)
        except NotFound:
            # It was made a moment ago and is not visible yet. The rollout waits for it.
            return
        variants = found["ProductionVariants"]
        others = any(found.get(field) for field in _OTHERS if field not in asked)
        # AWS may add fields to a variant, so the shadow is compared by itself.
        shadows, shadow = found.get("ShadowProductionVariants", []), asked.get("ShadowProductionVariants", [])
        asked = {field: value for field, value in asked.items() if field != "ShadowProductionVariants"}
        others = others or len(shadows) != len(shadow) or any(map(differs, shadows, shadow))
        published = {"EnableEnhancedMetrics": False, "MetricPublishFrequencyInSeconds": PUBLISH_SECONDS}
        made = {**found, "MetricsConfig": published | found.get("MetricsConfig", {})}
        altered = differs(made, {"MetricsConfig": published} | asked)
        if len(variants) != 1 or differs(variants[0], variant) or others or altered:
            reason = f"the endpoint config {name} is there already and is not Approval Gate's"
            raise Refused(f"{reason}: see who made it, and delete it")

    def config_exists(self, config: str) -> bool:
        """True if the config is visible. A new config may be invisible for some seconds, so AWS advises to describe it
        before UpdateEndpoint."""
        try:
            with translated():
                self._sagemaker.describe_endpoint_config(EndpointConfigName=config)
        except NotFound:
            return False
        return True

    def is_opted_in(self, arn: str) -> bool:
        """True if the endpoint has the tag without which the deployer's IAM policy allows no change."""
        return any((tag["Key"], tag["Value"]) == (names.TAG_KEY, names.TAG_VALUE) for tag in self._tags_of(arn))

    def _tags_of(self, arn: str) -> Iterator[dict[str, str]]:
        return paged(self._sagemaker.list_tags, "Tags", ResourceArn=arn)

    def is_autoscaled(self, endpoint: str, variant: str) -> bool:
        """True if the variant is a scalable target, whoever registered it."""
        with translated():
            answer = self._autoscaling.describe_scalable_targets(
                ServiceNamespace="sagemaker",
                ResourceIds=[f"endpoint/{endpoint}/variant/{variant}"],
                ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            )
        return bool(answer["ScalableTargets"])

    def create_endpoint(self, name: str, config: str, tags: list[dict[str, str]]) -> None:
        """Call CreateEndpoint. `tags`: those of the spec."""
        with translated():
            self._once.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=[_MANAGED, *tags])

    def switch_endpoint(self, name: str, config: str) -> None:
        """Call UpdateEndpoint without a DeploymentConfig, as AWS documents it for a serverless endpoint: no alarm
        watches the update, and no variant property is retained.
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html"""
        with translated():
            self._once.update_endpoint(EndpointName=name, EndpointConfigName=config)

    def update_endpoint(
        self, name: str, config: str, deployment: dict[str, Any] | None, *, keep_count: bool, keep_capture: bool = True
    ) -> None:
        """Call UpdateEndpoint. `deployment`: None for an update without guardrails. `keep_count`: True to keep the
        present instance count, which autoscaling may have set, instead of the config's. `keep_capture`: True to keep
        the present data capture instead of the config's."""
        kept = {"DesiredInstanceCount": keep_count, "DataCaptureConfig": keep_capture}
        excluded = [{"VariantPropertyType": kind} for kind, keep in kept.items() if not keep]
        with translated():
            self._once.update_endpoint(
                EndpointName=name,
                EndpointConfigName=config,
                RetainAllVariantProperties=True,
                **({} if deployment is None else {"DeploymentConfig": deployment}),
                **({"ExcludeRetainedVariantProperties": excluded} if excluded else {}),
            )


def _shadowing(production: dict[str, Any], shadow: ShadowVariant) -> dict[str, Any]:
    """Return the shadow variant of a config: the production variant's settings, with a model and a size of its own."""
    return production | {
        "VariantName": shadow.copying.variant,
        "ModelName": shadow.model,
        "InitialInstanceCount": shadow.copying.shadow.instance_count,
        "InitialVariantWeight": shadow.copying.shadow.weight,
    }


def _containers(model: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the containers of DescribeModel's answer."""
    return model.get("Containers") or [model.get("PrimaryContainer", {})]


def _tags(spec: Spec) -> list[dict[str, str]]:
    return [_MANAGED, {"Key": names.ENDPOINT_TAG, "Value": spec.endpoint}, *spec.tag_list]


def _capacity(fleet: Fleet) -> dict[str, Any]:
    """Return the fields of ProductionVariant that size the fleet."""
    if fleet.serverless:
        return {"ServerlessConfig": fleet.serverless.config}
    return {
        "InstanceType": fleet.instance_type,
        "InitialInstanceCount": fleet.instance_count,
        "InitialVariantWeight": 1.0,
    }


def _metrics(spec: Spec) -> dict[str, Any]:
    """Return CreateEndpointConfig's MetricsConfig, if the spec asks for another frequency than the default. Invocation
    metrics follow MetricPublishFrequencyInSeconds only with EnableEnhancedMetrics.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsConfig.html"""
    if spec.publish_seconds == PUBLISH_SECONDS:
        return {}
    often = {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": spec.publish_seconds}
    return {"MetricsConfig": often}
