"""The calls to SageMaker's hosting, as far as the simulation adds to them: what the policies of the functions' roles
deny, reads that are behind, and what people and AWS do without the gate."""

from typing import Any

from simulation.world import refusals
from simulation.world.ground_truth import Act
from simulation.world.registry import STALE_SECONDS
from simulation.world.resources import IMAGE, OPTING_TAG, ROLE, TEAM_TAG, VARIANT
from simulation.world.world import World
from world.call import Call
from world.hosting.endpoint import Endpoint
from world.hosting.endpoint_config import EndpointConfig
from world.hosting.fleet import Fleet
from world.hosting.guardrails import ACTIVATION_SECONDS, LAUNCH_SECONDS, TEARDOWN_SECONDS
from world.hosting.model import Model
from world.refusal import Refusal

Made = Model | EndpointConfig
MANUAL_SECONDS = LAUNCH_SECONDS + ACTIVATION_SECONDS + TEARDOWN_SECONDS
"""How long an update without guardrails takes."""


def is_opted_in(world: World, name: str) -> bool:
    endpoint = world.hosting.endpoints.get(name)
    return endpoint is not None and world.tags.of(endpoint.arn).get(OPTING_TAG["Key"]) == OPTING_TAG["Value"]


def is_serverless(config: EndpointConfig) -> bool:
    return "ServerlessConfig" in config.variants[0]


def is_asynchronous(config: EndpointConfig) -> bool:
    return "AsyncInferenceConfig" in config.fields


# -- calls of the functions


def create_endpoint(world: World, call: Call) -> dict[str, Any]:
    """Create an endpoint. The account's own automation adds a tag."""
    _authorise_creation(world, call)
    answer = world.hosting.create_endpoint(call)
    world.tags.create(answer["EndpointArn"], [TEAM_TAG, *call.request["Tags"]])
    return answer


def update_endpoint(world: World, call: Call) -> dict[str, Any]:
    _authorise(world, "UpdateEndpoint", call)
    return world.hosting.update_endpoint(call)


def delete_endpoint(world: World, call: Call) -> dict[str, Any]:
    _authorise(world, "DeleteEndpoint", call)
    answer = world.hosting.delete_endpoint(call)
    world.acts += (Act(world.now, "deleted"),)
    return answer


def delete_model(world: World, call: Call) -> dict[str, Any]:
    return _delete(world, "DeleteModel", call, world.hosting.models.get(call.request["ModelName"]))


def delete_endpoint_config(world: World, call: Call) -> dict[str, Any]:
    found = world.hosting.configs.get(call.request["EndpointConfigName"])
    return _delete(world, "DeleteEndpointConfig", call, found)


def _delete(world: World, operation: str, call: Call, found: Made | None) -> dict[str, Any]:
    answer = world.hosting.operations()[operation](call)
    if found is not None:
        world.hosted.removed[found.name] = found, world.now
    return answer


def _authorise_creation(world: World, call: Call) -> None:
    if OPTING_TAG not in call.request.get("Tags", []):
        raise refusals.denied("CreateEndpoint", _arn(world, call))


def _authorise(world: World, operation: str, call: Call) -> None:
    """Deny the call without the tag, which a missing endpoint lacks too, before anything else is checked."""
    if not is_opted_in(world, call.request["EndpointName"]):
        raise refusals.denied(operation, _arn(world, call))


def _arn(world: World, call: Call) -> str:
    return world.account.sagemaker(f"endpoint/{call.request['EndpointName'].lower()}")


ADDED = {
    "CreateEndpoint": create_endpoint,
    "DeleteEndpoint": delete_endpoint,
    "DeleteEndpointConfig": delete_endpoint_config,
    "DeleteModel": delete_model,
    "UpdateEndpoint": update_endpoint,
}
"""By operation: what takes the place of the model's."""

# -- reads that are behind

MAY_BE_BEHIND = frozenset(
    {
        "CreateEndpoint",
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "ListEndpointConfigs",
        "ListEndpoints",
        "ListModels",
        "UpdateEndpoint",
    }
)


def outdated(world: World, operation: str, call: Call) -> dict[str, Any]:
    """Answer as SageMaker does while it has not noticed the last changes."""
    hosting, request = world.hosting.copy(world, world.registry, world.tags), call.request
    match operation:
        case "DescribeEndpoint":
            before, _ = world.hosted.before[request["EndpointName"]]
            hosting.endpoints.pop(request["EndpointName"], None)
            if before is not None:
                hosting.endpoints[before.name] = before
        case "ListEndpoints":
            for endpoint in world.hosting.endpoints.values():
                if world.now - endpoint.created < STALE_SECONDS:
                    del hosting.endpoints[endpoint.name]
        case "ListModels":
            _put_back(world, hosting.models, Model)
        case "ListEndpointConfigs":
            _put_back(world, hosting.configs, EndpointConfig)
        case "CreateEndpoint":
            _authorise_creation(world, call)
            hosting.configs.pop(request["EndpointConfigName"], None)
        case "UpdateEndpoint":
            _authorise(world, operation, call)
            hosting.configs.pop(request["EndpointConfigName"], None)
        case _:
            hosting.configs.pop(request["EndpointConfigName"], None)
    return hosting.operations()[operation](call)


def is_behind(world: World, operation: str, request: dict[str, Any]) -> bool:
    """Return whether an outdated answer would differ."""
    hosting, now = world.hosting, world.now
    match operation:
        case "DescribeEndpoint":
            name = request["EndpointName"]
            return world.hosted.is_behind(hosting.endpoints.get(name), name, now)
        case "ListEndpoints":
            return any(now - endpoint.created < STALE_SECONDS for endpoint in hosting.endpoints.values())
        case "ListModels":
            return _is_listed_late(world, hosting.models, Model)
        case "ListEndpointConfigs":
            return _is_listed_late(world, hosting.configs, EndpointConfig)
        case _:
            config = hosting.configs.get(request["EndpointConfigName"])
            return config is not None and now - config.created < STALE_SECONDS


def _put_back(world: World, there: dict[str, Any], kind: type[Made]) -> None:
    """Let a list show nothing that was just made, and everything that was just deleted."""
    since = world.now - STALE_SECONDS
    for name in [name for name, each in there.items() if each.created > since]:
        del there[name]
    there |= {
        name: each
        for name, (each, at) in world.hosted.removed.items()
        if isinstance(each, kind) and at > since and each.created <= since
    }


def _is_listed_late(world: World, there: dict[str, Any], kind: type[Made]) -> bool:
    before = dict(there)
    _put_back(world, before, kind)
    return before.keys() != there.keys()


# -- what people and AWS do


def update_manually(world: World, name: str, config: str) -> bool:
    """A person updates the endpoint, without guardrails. Return False if SageMaker refuses."""
    world.hosted.is_by_hand = True
    try:
        world.hosting.update_endpoint(Call({"EndpointName": name, "EndpointConfigName": config}))
    except Refusal:
        return False
    finally:
        world.hosted.is_by_hand = False
    return True


def make_config(
    world: World, name: str, version: str = "", *, has_shadow: bool = False, **variant: Any
) -> EndpointConfig:
    """A person has made a config, and a model of the same name, long ago. `variant` changes the variant. The model
    names no package, or that of `version`, whatever its approval. A shadow serves the same model."""
    account, at = world.account, world.now - 9000
    container = {"Containers": [{"ModelPackageName": version}]} if version else {"PrimaryContainer": {"Image": IMAGE}}
    fields, packages = container | {"ExecutionRoleArn": ROLE}, (version,) if version else ()
    model = Model(account.sagemaker(f"model/{name}"), name, at, fields, packages, (), name)
    usual = {"VariantName": VARIANT, "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    shadows = [usual | {"VariantName": "Shadow", "InitialVariantWeight": 0.5}] if has_shadow else []
    made = {"ProductionVariants": [usual | variant], **({"ShadowProductionVariants": shadows} if shadows else {})}
    served = (model,), (model,) * len(shadows)
    config = EndpointConfig(account.sagemaker(f"endpoint-config/{name}"), name, at, made, *served)
    world.hosting.models[name], world.hosting.configs[name] = model, config
    for arn in (model.arn, config.arn):
        world.tags.create(arn, [])
    return config


def put_in_service(world: World, name: str, config: EndpointConfig, *, tagged: bool) -> None:
    """An endpoint serves the config since long ago."""
    arn, at = world.account.sagemaker(f"endpoint/{name}"), world.now - 5000
    fleet = Fleet.launch(config, at).settled()
    world.hosting.endpoints[name] = Endpoint(arn, name, fleet, created=at, modified=at, status="InService")
    tag(world, name, tagged)


def tag(world: World, name: str, tagged: bool) -> None:
    """Opt the endpoint in or out."""
    world.tags.create(world.hosting.endpoints[name].arn, [TEAM_TAG, *([OPTING_TAG] if tagged else [])])
