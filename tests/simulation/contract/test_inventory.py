"""What SageMaker lists of all that there is, and what is deleted of it: the janitor's calls."""

from typing import Any

import pytest

from lambdas.gate import names
from simulation.world.endpoint import Endpoint
from simulation.world.example import NAME
from simulation.world.registry import ARN
from simulation.world.resources import TEAM_TAG
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
from tests.simulation.contract.test_hosting import BUSY, denied, forced, update_request, updating
from tests.simulation.contract.worlds import Moment, Refusal, Worlds

OWNED = {"NameContains": names.OWNED, "MaxResults": 100}
LATER = {"CreationTimeBefore": Moment(9000)}
NO_MODEL = invalid(f'Could not find model "{ARN}:model/gate-m1".')
NO_CONFIG = invalid(f'Could not find endpoint configuration "{ARN}:endpoint-config/gate-c1".')


def _case(name: str, operation: str, request: dict[str, object], *setups: Setup, refused: object = None) -> Case:
    return Case(name, "sagemaker", operation, request, done(*setups), refused)  # type: ignore[arg-type]


CASES = (
    _case("none", "ListModels", OWNED | LATER),
    _case("none", "ListEndpointConfigs", OWNED),
    _case("none", "ListEndpoints", {"MaxResults": 100}),
    _case("one", "ListEndpoints", {"MaxResults": 100}, serving),
    _case("one that is under way", "ListEndpoints", {"MaxResults": 100}, serving, updating),
    _case("one", "DeleteModel", {"ModelName": "gate-m1"}, deployable),
    _case("one that is served", "DeleteModel", {"ModelName": "gate-m1"}, serving),
    _case("missing", "DeleteModel", {"ModelName": "gate-m1"}, refused=NO_MODEL),
    _case("one", "DeleteEndpointConfig", {"EndpointConfigName": "gate-c1"}, deployable),
    _case("one that is served", "DeleteEndpointConfig", {"EndpointConfigName": "gate-c1"}, serving),
    _case("missing", "DeleteEndpointConfig", {"EndpointConfigName": "gate-c1"}, refused=NO_CONFIG),
    _case("Failed", "DeleteEndpoint", {"EndpointName": NAME}, serving, forced("Failed")),
    _case("InService", "DeleteEndpoint", {"EndpointName": NAME}, serving),
    _case("Creating", "DeleteEndpoint", {"EndpointName": NAME}, deployable, created, refused=BUSY),
    _case("Updating", "DeleteEndpoint", {"EndpointName": NAME}, serving, updating, refused=BUSY),
    _case("missing", "DeleteEndpoint", {"EndpointName": NAME}, refused=denied("DeleteEndpoint")),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def stocked(worlds: Worlds) -> None:
    """Models and configs of three versions, one after the other, and one of each that is not the gate's."""
    done(registered, approved(1, 2, 3), made(1), made(2), made(3))(worlds)
    worlds.answer("sagemaker", "CreateModel", **model_request(1) | {"ModelName": "theirs"})
    worlds.answer("sagemaker", "CreateEndpointConfig", **config_request(1, "theirs"))


def test_lists_name_the_newest_first_whatever_serves_it(worlds: Worlds) -> None:
    stocked(worlds)
    models = worlds.pages("sagemaker", "ListModels", "Models", **OWNED, **LATER)
    configs = worlds.pages("sagemaker", "ListEndpointConfigs", "EndpointConfigs", **OWNED)
    assert [each["ModelName"] for each in models] == ["gate-m3", "gate-m2", "gate-m1"]
    assert [each["EndpointConfigName"] for each in configs] == ["gate-c3", "gate-c2", "gate-c1"]


@pytest.mark.parametrize(("seconds", "found"), [(59, []), (65, ["gate-m1"]), (75, ["gate-m2", "gate-m1"])])
def test_a_list_ends_before_the_time_asked_for(worlds: Worlds, seconds: float, found: list[str]) -> None:
    stocked(worlds)
    models = worlds.pages("sagemaker", "ListModels", "Models", **OWNED, CreationTimeBefore=Moment(seconds))
    assert [each["ModelName"] for each in models] == found


def test_what_is_deleted_is_listed_and_found_no_more_and_may_be_made_again(worlds: Worlds) -> None:
    stocked(worlds)
    worlds.answer("sagemaker", "DeleteEndpointConfig", EndpointConfigName="gate-c1")
    worlds.answer("sagemaker", "DeleteModel", ModelName="gate-m1")
    assert worlds.ask("sagemaker", "DescribeModel", {"ModelName": "gate-m1"}) == Refusal("DescribeModel", *NO_MODEL)
    described = worlds.ask("sagemaker", "DescribeEndpointConfig", {"EndpointConfigName": "gate-c1"})
    assert described == Refusal("DescribeEndpointConfig", *NO_CONFIG)
    assert len(worlds.pages("sagemaker", "ListModels", "Models", **OWNED, **LATER)) == 2
    assert len(worlds.pages("sagemaker", "ListEndpointConfigs", "EndpointConfigs", **OWNED)) == 2
    made(1)(worlds)


def test_without_the_config_that_is_live_sagemaker_updates_no_more(worlds: Worlds) -> None:
    serving(worlds)
    worlds.answer("sagemaker", "DeleteEndpointConfig", EndpointConfigName="gate-c1")
    worlds.answer("sagemaker", "DescribeEndpoint", EndpointName=NAME)
    refused = worlds.ask("sagemaker", "UpdateEndpoint", update_request("gate-c2"))
    assert refused == Refusal("UpdateEndpoint", *NO_CONFIG)


def test_an_endpoint_without_the_tag_is_not_deleted(worlds: Worlds) -> None:
    deployable(worlds)
    world = worlds.simulated.world
    world.hosting.endpoints[NAME] = Endpoint(NAME, "Creating", "gate-c1", world.now, tagged=False)
    worlds.sandboxed.create_by_hand("gate-c1", [TEAM_TAG])
    refused = worlds.ask("sagemaker", "DeleteEndpoint", {"EndpointName": NAME})
    assert refused == Refusal("DeleteEndpoint", *denied("DeleteEndpoint"))


def test_a_deleted_endpoint_is_gone_after_a_while(worlds: Worlds) -> None:
    serving(worlds)
    worlds.answer("sagemaker", "DeleteEndpoint", EndpointName=NAME)
    worlds.advance_until(None)
    assert worlds.answer("sagemaker", "ListEndpoints", MaxResults=100) == {"Endpoints": []}
    assert worlds.ask("sagemaker", "ListTags", {"ResourceArn": ENDPOINT}) == Refusal(
        "ListTags", *invalid("Resource does not exist.")
    )


def test_models_and_configs_keep_the_tags_that_they_were_made_with(worlds: Worlds) -> None:
    done(registered, approved(1))(worlds)
    tags: list[dict[str, Any]] = [*TAGS, {"Key": names.ENDPOINT_TAG, "Value": NAME}]
    worlds.answer("sagemaker", "CreateModel", **model_request(1) | {"Tags": tags})
    worlds.answer("sagemaker", "CreateEndpointConfig", **config_request(1) | {"Tags": tags})
    for resource in ("model/gate-m1", "endpoint-config/gate-c1"):
        found = worlds.pages("sagemaker", "ListTags", "Tags", ResourceArn=f"{ARN}:{resource}")
        assert found == sorted(tags, key=lambda tag: tag["Key"])
    worlds.answer("sagemaker", "DeleteModel", ModelName="gate-m1")
    gone = worlds.ask("sagemaker", "ListTags", {"ResourceArn": f"{ARN}:model/gate-m1"})
    assert gone == Refusal("ListTags", *invalid("Resource does not exist."))
