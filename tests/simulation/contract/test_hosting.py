"""Models, endpoint configs and endpoints: what is answered and what is refused."""

import pytest

from lambdas.gate.rollout.deployment_config import deployment_config
from simulation.world.endpoint import Endpoint
from simulation.world.example import KPI, NAME, SPEC, arn
from simulation.world.registry import ARN
from simulation.world.resources import TEAM_TAG, Model
from tests.simulation.contract.cases import (
    ENDPOINT,
    TAGS,
    Case,
    Setup,
    approved,
    config_request,
    created,
    deployable,
    done,
    invalid,
    made,
    model_request,
    params,
    registered,
    serving,
)
from tests.simulation.contract.worlds import Refusal, Worlds

NO_CONFIG = invalid(f'Could not find endpoint configuration "{ARN}:endpoint-config/gate-none".')
NO_ENDPOINT = invalid(f'Could not find endpoint "{ENDPOINT}".')
BUSY = invalid(f'Cannot update in-progress endpoint "{ENDPOINT}".')


def denied(operation: str) -> tuple[str, str]:
    """What does not exist has no tag either."""
    action = f"sagemaker:{operation}"
    return "AccessDeniedException", (
        f"User: arn:aws:sts::123456789012:assumed-role/approval-gate-deployer/approval-gate-deployer is not authorized "
        f"to perform: {action} on resource: {ENDPOINT} because no identity-based policy allows the {action} action"
    )


GUARDED = deployment_config(SPEC.rollout, (KPI,))


def update_request(config: str, *, guarded: bool = True) -> dict[str, object]:
    request = {"EndpointName": NAME, "EndpointConfigName": config, "RetainAllVariantProperties": True}
    return request | ({"DeploymentConfig": GUARDED} if guarded else {})


def updating(worlds: Worlds) -> None:
    worlds.answer("sagemaker", "UpdateEndpoint", **update_request("gate-c2"))
    worlds.advance(10)


def forced(status: str) -> Setup:
    def force(worlds: Worlds) -> None:
        worlds.do("force", status)
        worlds.advance(1)

    return force


def config_of(**variant: object) -> Setup:
    """Another config of version 2, with a variant that is not as usual."""

    def make(worlds: Worlds) -> None:
        worlds.answer("sagemaker", "CreateEndpointConfig", **config_request(2, "gate-other", **variant))

    return make


SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 20}


def serverless(number: int) -> dict[str, object]:
    """A config of this version, `gate-s1`, without instances."""
    variant = {"VariantName": SPEC.variant.name, "ModelName": f"gate-m{number}", "ServerlessConfig": SERVERLESS}
    return {"EndpointConfigName": f"gate-s{number}", "ProductionVariants": [variant], "Tags": TAGS}


def serverless_configs(worlds: Worlds) -> None:
    for number in (1, 2):
        worlds.answer("sagemaker", "CreateEndpointConfig", **serverless(number))
    worlds.advance(10)


def in_service(config: str) -> Setup:
    """The endpoint is created with this config."""

    def create(worlds: Worlds) -> None:
        worlds.answer("sagemaker", "CreateEndpoint", EndpointName=NAME, EndpointConfigName=config, Tags=TAGS)
        worlds.heard()
        worlds.advance_until("InService")
        worlds.heard()

    return create


serving_serverless = done(deployable, serverless_configs, in_service("gate-s1"))


LATER = {"OutputConfig": {"S3OutputPath": "s3://example-inference/out/"}}
ASYNCHRONOUS: dict[str, object] = {
    "EndpointConfigName": "gate-a1",
    "ProductionVariants": [
        {
            "VariantName": SPEC.variant.name,
            "ModelName": "gate-m1",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
            "InitialVariantWeight": 1.0,
        }
    ],
    "AsyncInferenceConfig": LATER,
    "Tags": TAGS,
}


def asynchronous_config(worlds: Worlds) -> None:
    worlds.answer("sagemaker", "CreateEndpointConfig", **ASYNCHRONOUS)
    worlds.advance(10)


serving_asynchronous = done(deployable, asynchronous_config, in_service("gate-a1"))


SWITCH: dict[str, object] = {"EndpointName": NAME, "EndpointConfigName": "gate-s2"}


def switched(worlds: Worlds) -> None:
    worlds.answer("sagemaker", "UpdateEndpoint", **SWITCH)
    worlds.advance(10)


def _case(name: str, operation: str, request: dict[str, object], *setups: Setup, refused: object = None) -> Case:
    return Case(name, "sagemaker", operation, request, done(*setups), refused)  # type: ignore[arg-type]


CASES = (
    _case("of an approved version", "CreateModel", model_request(1), registered, approved(1)),
    _case(
        "existing name",
        "CreateModel",
        model_request(1),
        deployable,
        refused=invalid(f'Cannot create already existing model "{ARN}:model/gate-m1".'),
    ),
    _case(
        "of no version",
        "CreateModel",
        model_request(9),
        registered,
        refused=invalid(f"ModelPackage {arn(9)} does not exist."),
    ),
    _case(
        "of a pending version",
        "CreateModel",
        model_request(1),
        registered,
        refused=invalid(f"Model package {arn(1)} is not approved; its ModelApprovalStatus is PendingManualApproval."),
    ),
    _case(
        "of a rejected version",
        "CreateModel",
        model_request(1),
        registered,
        lambda w: w.do("review", 1, "Rejected"),
        refused=invalid(f"Model package {arn(1)} is not approved; its ModelApprovalStatus is Rejected."),
    ),
    _case("of a package", "DescribeModel", {"ModelName": "gate-m1"}, deployable),
    _case(
        "missing",
        "DescribeModel",
        {"ModelName": "gate-none"},
        refused=invalid(f'Could not find model "{ARN}:model/gate-none".'),
    ),
    _case("of a model", "CreateEndpointConfig", config_request(1, "gate-other"), deployable),
    _case(
        "existing name",
        "CreateEndpointConfig",
        config_request(1),
        deployable,
        refused=invalid(f'Cannot create already existing endpoint configuration "{ARN}:endpoint-config/gate-c1".'),
    ),
    _case(
        "of no model",
        "CreateEndpointConfig",
        config_request(9),
        refused=invalid(f'Could not find model "{ARN}:model/gate-m9".'),
    ),
    _case("of a model", "DescribeEndpointConfig", {"EndpointConfigName": "gate-c1"}, deployable),
    _case(
        "of another size",
        "DescribeEndpointConfig",
        {"EndpointConfigName": "gate-other"},
        deployable,
        config_of(InitialInstanceCount=4, InstanceType="ml.c5.large"),
    ),
    _case("missing", "DescribeEndpointConfig", {"EndpointConfigName": "gate-none"}, refused=NO_CONFIG),
    _case("missing", "DescribeEndpoint", {"EndpointName": NAME}, refused=NO_ENDPOINT),
    _case("Creating", "DescribeEndpoint", {"EndpointName": NAME}, deployable, created),
    _case("InService", "DescribeEndpoint", {"EndpointName": NAME}, serving),
    *(
        _case(status, "DescribeEndpoint", {"EndpointName": NAME}, serving, forced(status))
        for status in ("SystemUpdating", "OutOfService", "UpdateRollbackFailed", "Failed")
    ),
    _case("Updating", "DescribeEndpoint", {"EndpointName": NAME}, serving, updating),
    _case("Deleting", "DescribeEndpoint", {"EndpointName": NAME}, serving, lambda w: w.do("delete_endpoint")),
    _case(
        "deleted",
        "DescribeEndpoint",
        {"EndpointName": NAME},
        serving,
        lambda w: w.do("delete_endpoint"),
        lambda w: w.advance_until(None),
        refused=NO_ENDPOINT,
    ),
    _case(
        "missing",
        "ListTags",
        {"ResourceArn": ENDPOINT},
        refused=invalid("Resource does not exist."),
    ),
    _case(
        "new",
        "CreateEndpoint",
        {"EndpointName": NAME, "EndpointConfigName": "gate-c1", "Tags": TAGS},
        deployable,
    ),
    _case(
        "missing config",
        "CreateEndpoint",
        {"EndpointName": NAME, "EndpointConfigName": "gate-none", "Tags": TAGS},
        deployable,
        refused=NO_CONFIG,
    ),
    *(
        _case(
            f"existing name, {status}",
            "CreateEndpoint",
            {"EndpointName": NAME, "EndpointConfigName": "gate-c1", "Tags": TAGS},
            *setups,
            refused=invalid(f'Cannot create already existing endpoint "{ENDPOINT}".'),
        )
        for status, setups in {
            "Creating": (deployable, created),
            "InService": (serving,),
            "Failed": (serving, forced("Failed")),
            "Deleting": (serving, lambda w: w.do("delete_endpoint")),
        }.items()
    ),
    _case("guarded", "UpdateEndpoint", update_request("gate-c2"), serving),
    _case("unguarded", "UpdateEndpoint", update_request("gate-c2", guarded=False), serving),
    _case("the live config again", "UpdateEndpoint", update_request("gate-c1"), serving),
    _case(
        "with the config's own instance count",
        "UpdateEndpoint",
        update_request("gate-c2")
        | {"ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}]},
        serving,
    ),
    _case("UpdateRollbackFailed", "UpdateEndpoint", update_request("gate-c2"), serving, forced("UpdateRollbackFailed")),
    _case(
        "missing endpoint", "UpdateEndpoint", update_request("gate-c2"), deployable, refused=denied("UpdateEndpoint")
    ),
    _case(
        "missing endpoint, missing config",
        "UpdateEndpoint",
        update_request("gate-none"),
        refused=denied("UpdateEndpoint"),
    ),
    _case(
        "without the tag",
        "CreateEndpoint",
        {"EndpointName": NAME, "EndpointConfigName": "gate-none"},
        serving,
        refused=denied("CreateEndpoint"),
    ),
    _case("missing config", "UpdateEndpoint", update_request("gate-none"), serving, refused=NO_CONFIG),
    _case("Creating", "UpdateEndpoint", update_request("gate-c2"), deployable, created, refused=BUSY),
    _case("Updating", "UpdateEndpoint", update_request("gate-c1"), serving, updating, refused=BUSY),
    _case(
        "Updating, and a missing config", "UpdateEndpoint", update_request("gate-none"), serving, updating, refused=BUSY
    ),
    _case(
        "RollingBack",
        "UpdateEndpoint",
        update_request("gate-c1"),
        serving,
        updating,
        lambda w: w.do("set_alarm", KPI, "ALARM"),
        lambda w: w.advance_until("RollingBack"),
        refused=BUSY,
    ),
    _case(
        "Deleting",
        "UpdateEndpoint",
        update_request("gate-c2"),
        serving,
        lambda w: w.do("delete_endpoint"),
        refused=BUSY,
    ),
    _case(
        "SystemUpdating", "UpdateEndpoint", update_request("gate-c2"), serving, forced("SystemUpdating"), refused=BUSY
    ),
    _case(
        "Failed",
        "UpdateEndpoint",
        update_request("gate-c2"),
        serving,
        forced("Failed"),
        refused=invalid(f'Cannot update failed endpoint "{ENDPOINT}"; it can only be deleted.'),
    ),
    _case(
        "guarded, to another variant",
        "UpdateEndpoint",
        update_request("gate-other"),
        serving,
        config_of(VariantName="Other"),
        refused=invalid("A DeploymentConfig needs the same production variant names in both configurations."),
    ),
    _case(
        "unguarded, to another variant",
        "UpdateEndpoint",
        update_request("gate-other", guarded=False),
        serving,
        config_of(VariantName="Other"),
    ),
    _case(
        "to another instance type on an autoscaled variant",
        "UpdateEndpoint",
        update_request("gate-other"),
        serving,
        config_of(InstanceType="ml.c5.large"),
        lambda w: w.do("autoscale"),
        refused=invalid(
            f'The variant "AllTraffic" of endpoint "{ENDPOINT}" is a target for auto scaling; deregister it before you '
            "remove it or change its instance type."
        ),
    ),
    _case("asynchronous", "CreateEndpointConfig", ASYNCHRONOUS, deployable),
    _case(
        "asynchronous",
        "DescribeEndpointConfig",
        {"EndpointConfigName": "gate-a1"},
        deployable,
        asynchronous_config,
    ),
    _case("asynchronous", "DescribeEndpoint", {"EndpointName": NAME}, serving_asynchronous),
    _case("serverless", "CreateEndpointConfig", serverless(1), deployable),
    _case(
        "serverless",
        "DescribeEndpointConfig",
        {"EndpointConfigName": "gate-s1"},
        deployable,
        serverless_configs,
    ),
    _case("serverless", "DescribeEndpoint", {"EndpointName": NAME}, serving_serverless),
    _case("serverless, Updating", "DescribeEndpoint", {"EndpointName": NAME}, serving_serverless, switched),
    _case("serverless", "UpdateEndpoint", SWITCH, serving_serverless),
    _case(
        "from instances to serverless",
        "UpdateEndpoint",
        SWITCH,
        serving,
        serverless_configs,
        refused=invalid(f'Cannot update the real-time endpoint "{ENDPOINT}" to a serverless one.'),
    ),
    _case(
        "of another version on an autoscaled variant",
        "UpdateEndpoint",
        update_request("gate-c2"),
        serving,
        lambda w: w.do("autoscale"),
    ),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def test_the_tags_of_an_endpoint(worlds: Worlds) -> None:
    done(deployable, created)(worlds)
    worlds.do("tag", "team", "risk")
    found = worlds.pages("sagemaker", "ListTags", "Tags", ResourceArn=ENDPOINT)
    assert found == [*TAGS, TEAM_TAG]  # Of a list of tags no order is documented.


def test_an_endpoint_without_the_tag_is_not_updated_even_when_busy(worlds: Worlds) -> None:
    deployable(worlds)
    untagged(worlds)
    request = update_request("gate-none")
    assert worlds.ask("sagemaker", "UpdateEndpoint", request) == Refusal("UpdateEndpoint", *denied("UpdateEndpoint"))
    assert worlds.pages("sagemaker", "ListTags", "Tags", ResourceArn=ENDPOINT) == [TEAM_TAG]


def untagged(worlds: Worlds) -> None:
    """An endpoint, Creating, that nobody opted in."""
    world = worlds.simulated.world
    world.hosting.endpoints[NAME] = Endpoint(NAME, "Creating", "gate-c1", world.now, tagged=False)
    worlds.sandboxed.create_by_hand("gate-c1", [TEAM_TAG])


def test_a_model_made_by_hand_names_no_package(worlds: Worlds) -> None:
    worlds.simulated.world.hosting.models["by-hand"] = Model("")
    worlds.sandboxed.create_model_by_hand("by-hand")
    answer = worlds.answer("sagemaker", "DescribeModel", ModelName="by-hand")
    assert answer["PrimaryContainer"] == {"Image": "xgboost:1"}


def test_a_model_may_name_a_version_that_was_rejected_since(worlds: Worlds) -> None:
    done(registered, approved(1), made(1))(worlds)
    worlds.do("review", 1, "Rejected")
    created(worlds)
