"""Whole stories, in lock-step: after each step the endpoint is described alike, and the same has been heard of it.

What the product's own edges make of the answers is compared too, and what they read of them.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.registry import Registry
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.gate.rollout import alarms, deployment_config
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Fleet
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Package
from simulation.world.example import GROUP, KPI, NAME, SPEC, arn
from simulation.world.resources import Quality
from tests.simulation.contract.cases import ENDPOINT, TAGS, config_request, invalid, model_request
from tests.simulation.contract.conftest import Make
from tests.simulation.contract.differences import LEFT_OUT
from tests.simulation.contract.reading import wrapped
from tests.simulation.contract.worlds import Refusal, Worlds
from world.assumptions import Assumptions

STATUS, ALARM = "SageMaker Endpoint State Change", "CloudWatch Alarm State Change"
FIRED = f"One or more configured alarms are in ALARM state: {KPI}."


class Story:
    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds

    def deployable(self, *qualities: Quality) -> None:
        """Version 1 and so on, each approved and with a config and the alarms of its rollout."""
        for number, quality in enumerate(qualities, 1):
            self.worlds.register(number, quality)
            self.worlds.do("review", number, "Approved")
            self.worlds.advance(10)
            self.worlds.answer("sagemaker", "CreateModel", **model_request(number))
            self.worlds.answer("sagemaker", "CreateEndpointConfig", **config_request(number))
            for request in alarms.rollout_alarms(SPEC, f"gate-c{number}"):
                self.worlds.answer("cloudwatch", "PutMetricAlarm", **request)
        self.worlds.advance(1)
        self.worlds.heard()

    def create(self) -> None:
        self.worlds.answer("sagemaker", "CreateEndpoint", EndpointName=NAME, EndpointConfigName="gate-c1", Tags=TAGS)

    def update(self, number: int) -> Any:
        config = f"gate-c{number}"
        guarding = (*alarms.rollout_names(SPEC, config), KPI)
        request = {
            "EndpointName": NAME,
            "EndpointConfigName": config,
            "RetainAllVariantProperties": True,
            "DeploymentConfig": deployment_config.deployment_config(SPEC.rollout, guarding),
        }
        return self.worlds.ask("sagemaker", "UpdateEndpoint", request)

    def seen(self) -> tuple[str, str, str | None, str, str | None]:
        """Status, config, pending config, the step of the last change and the reason of a failure."""
        answer = self.worlds.answer("sagemaker", "DescribeEndpoint", EndpointName=NAME)
        return (
            answer["EndpointStatus"],
            answer["EndpointConfigName"],
            answer.get("PendingDeploymentSummary", {}).get("EndpointConfigName"),
            answer["LastModifiedTime"],
            answer.get("FailureReason"),
        )

    def heard(self) -> list[str]:
        """The endpoint's statuses and the alarms, in order."""
        return [
            detail["EndpointStatus"] if kind == STATUS else detail["alarmName"] for kind, detail in self.worlds.heard()
        ]


@pytest.fixture
def story(worlds: Worlds) -> Story:
    return Story(worlds)


def serving(story: Story, *qualities: Quality) -> Story:
    """Version 1 is live since step 5; the others have a config."""
    story.deployable(Quality.GOOD, *qualities)
    story.create()
    story.worlds.advance_until("InService")
    story.worlds.heard()
    return story


def test_a_first_endpoint(story: Story) -> None:
    story.deployable(Quality.GOOD)
    story.create()
    assert story.seen() == ("Creating", "gate-c1", "gate-c1", "step 4", None)
    assert story.heard() == ["CREATING"]
    story.worlds.advance(100)
    assert story.seen() == ("Creating", "gate-c1", "gate-c1", "step 4", None)
    story.worlds.advance_until("InService")
    assert story.seen() == ("InService", "gate-c1", None, "step 5", None)
    assert story.heard() == ["IN_SERVICE"]


def test_a_first_endpoint_that_fails_is_deleted_and_created_again(story: Story) -> None:
    story.deployable(Quality.SICK)
    story.create()
    story.worlds.advance_until("Failed")
    assert story.seen() == ("Failed", "gate-c1", None, "step 4", "the model's fault")
    assert story.heard() == ["CREATING", "FAILED"]
    story.worlds.do("delete_endpoint")
    assert story.seen() == ("Deleting", "gate-c1", None, "step 5", "the model's fault")
    story.worlds.advance_until(None)
    assert story.heard() == ["DELETING"]
    story.create()
    assert story.seen() == ("Creating", "gate-c1", "gate-c1", "step 6", None)


def test_a_canary_that_succeeds(story: Story) -> None:
    serving(story, Quality.GOOD)
    story.update(2)
    assert story.seen() == ("Updating", "gate-c1", "gate-c2", "step 7", None)
    assert story.heard() == ["UPDATING"]
    for seconds in (60, 100, 300):  # Launching, on the canary, on all of the new fleet.
        story.worlds.advance(seconds)
        assert story.seen() == ("Updating", "gate-c1", "gate-c2", "step 7", None)
        assert story.heard() == []
    story.worlds.advance_until("InService")
    assert story.seen() == ("InService", "gate-c2", None, "step 10", None)
    assert story.heard() == ["IN_SERVICE"]


def test_an_update_while_updating_is_refused_and_changes_nothing(story: Story) -> None:
    serving(story, Quality.GOOD, Quality.GOOD)
    story.update(2)
    story.worlds.advance(300)
    before = story.seen()
    assert story.update(3) == Refusal("UpdateEndpoint", *invalid(f'Cannot update in-progress endpoint "{ENDPOINT}".'))
    assert story.seen() == before
    story.worlds.advance_until("InService")
    assert story.seen()[1] == "gate-c2"
    story.worlds.heard()
    story.update(3)
    assert story.seen()[:3] == ("Updating", "gate-c2", "gate-c3")


SWITCHES = [
    pytest.param(Assumptions(), "RollingBack", FIRED, id="as by default"),
    pytest.param(Assumptions(rolling_back_shows=False), "Updating", FIRED, id="RollingBack does not show"),
    pytest.param(Assumptions(rollback_gives_reason=False), "RollingBack", None, id="no reason is given"),
    pytest.param(Assumptions(rollback_moves_modified=False), "RollingBack", FIRED, id="LastModifiedTime is put back"),
]


@pytest.mark.parametrize(("assumptions", "status", "reason"), SWITCHES)
def test_a_rollback_by_an_alarm(make: Make, assumptions: Assumptions, status: str, reason: str | None) -> None:
    story = serving(Story(make(assumptions)), Quality.GOOD)
    story.update(2)
    story.worlds.advance(200)
    assert story.heard() == ["UPDATING"]
    story.worlds.do("set_alarm", KPI, "ALARM")
    story.worlds.advance(6)  # SageMaker looks at the alarms every now and then.
    shows = assumptions.rolling_back_shows
    assert story.seen() == (status, "gate-c1", "gate-c2", "step 8" if shows else "step 7", None)
    assert story.heard() == [KPI, *(["ROLLING_BACK"] if shows else [])]
    assert isinstance(story.update(2), Refusal)
    story.worlds.advance_until("InService")
    moved = "step 9" if assumptions.rollback_moves_modified else "step 6"
    assert story.seen() == ("InService", "gate-c1", None, moved, reason)
    assert story.heard() == ["IN_SERVICE"]


@pytest.mark.parametrize("from_launch", [True, False])
def test_an_alarm_in_alarm_from_the_beginning(make: Make, from_launch: bool) -> None:
    story = serving(Story(make(Assumptions(alarms_from_launch=from_launch))), Quality.GOOD)
    story.worlds.do("set_alarm", KPI, "ALARM")
    story.worlds.advance(1)
    story.update(2)
    story.worlds.advance(6)
    assert story.seen()[0] == ("RollingBack" if from_launch else "Updating")
    story.worlds.advance_until("InService")
    assert story.seen()[1] == "gate-c1"


def test_an_alarm_that_is_missing_where_that_is_refused(make: Make) -> None:
    story = serving(Story(make(Assumptions(firing_alarm_refused=True))), Quality.GOOD)
    missing = alarms.rollout_names(SPEC, "gate-c2")[0]
    story.worlds.answer("cloudwatch", "DeleteAlarms", AlarmNames=[missing])
    assert story.update(2) == Refusal("UpdateEndpoint", *invalid(f'Could not find alarm "{missing}".'))


def test_an_abort_rolls_back(story: Story) -> None:
    serving(story, Quality.GOOD)
    story.update(2)
    story.worlds.advance(200)
    for edges in product(story.worlds):
        edges.watch.request_abort(NAME, "gate-c2", edges.now)
    story.worlds.advance_until("RollingBack")
    abort = names.rollout_alarm(NAME, "gate-c2", alarms.ABORT)
    assert story.heard() == ["UPDATING", abort, "ROLLING_BACK"]
    story.worlds.advance_until("InService")
    assert story.seen() == (
        "InService",
        "gate-c1",
        None,
        "step 9",
        f"One or more configured alarms are in ALARM state: {abort}.",
    )


def test_a_sick_model_is_rolled_back(story: Story) -> None:
    serving(story, Quality.SICK)
    story.update(2)
    story.worlds.advance_until("RollingBack")
    assert story.seen() == ("RollingBack", "gate-c1", "gate-c2", "step 7", None)
    story.worlds.advance_until("InService")
    assert story.seen() == ("InService", "gate-c1", None, "step 8", "the model's fault")
    assert story.heard() == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    story.update(2)
    assert story.seen() == ("Updating", "gate-c1", "gate-c2", "step 9", None)


def test_a_change_by_hand_has_no_guardrails_and_leaves_the_last_deployment_config(story: Story) -> None:
    serving(story, Quality.GOOD, Quality.GOOD)
    story.update(2)
    story.worlds.advance_until("InService")
    story.worlds.heard()
    story.worlds.do("set_alarm", KPI, "ALARM")
    story.worlds.do("update_manually", "gate-c3")
    assert story.seen() == ("Updating", "gate-c2", "gate-c3", "step 10", None)
    story.worlds.advance_until("InService")
    assert story.seen() == ("InService", "gate-c3", None, "step 10", None)
    assert story.heard() == [KPI, "UPDATING", "IN_SERVICE"]


def test_aws_patches_the_endpoint(story: Story) -> None:
    """Whether LastModifiedTime moves at the end, too, is not documented, so nothing is said of it here."""
    serving(story, Quality.GOOD)
    story.worlds.do("patch")
    assert story.seen() == ("SystemUpdating", "gate-c1", None, "step 7", None)
    assert isinstance(story.update(2), Refusal)
    story.worlds.simulated.advance(120)
    story.worlds.sandboxed.advance(120)
    story.worlds.sandboxed.force("InService")
    assert story.heard() == ["SYSTEM_UPDATING", "IN_SERVICE"]


# -- what the product makes of it


@dataclasses.dataclass(frozen=True)
class Edges:
    """The product's own, on one of the worlds. `read`: the fields of the answers that they asked for."""

    start: float
    now: float
    registry: Registry
    hosting: Hosting
    watch: CloudWatch
    specs: SpecParameters
    read: set[tuple[str, str]]


def product(worlds: Worlds) -> list[Edges]:
    return [_edges(world) for world in worlds.both]


def _edges(world: Any) -> Edges:
    read: set[tuple[str, str]] = set()
    sagemaker = _recorded(world, "sagemaker", read)
    return Edges(
        world.start,
        world.now(),
        Registry(sagemaker),
        Hosting(sagemaker, sagemaker, _recorded(world, "application-autoscaling", read)),
        CloudWatch(_recorded(world, "cloudwatch", read)),
        SpecParameters(_recorded(world, "ssm", read)),
        read,
    )


def _recorded(world: Any, service: str, read: set[tuple[str, str]]) -> Any:
    class Client:
        def __getattr__(self, method: str) -> Callable[..., Any]:
            def call(**request: Any) -> Any:
                return wrapped(world.call(service, method, request), "", lambda path: read.add((method, path)))

            return call

    return Client()


def _without_identifiers(package: Package | None) -> Package | None:
    """Nor times, which `description` has as text."""
    assert package is not None
    modifier, author = _anonymous(package.modifier), _anonymous(package.registered_by)
    return dataclasses.replace(package, description={}, modifier=modifier, registered_by=author)


def _anonymous(identity: Identity | None) -> Identity | None:
    return dataclasses.replace(identity, principal_id=None) if identity else None


LOOKS: dict[str, Callable[[Edges], Any]] = {
    "the endpoint": lambda e: e.hosting.endpoint(NAME),
    "no endpoint": lambda e: e.hosting.endpoint("none"),
    "what a config serves": lambda e: e.hosting.served_version("gate-c2"),
    "what no config serves": lambda e: e.hosting.served_version("none"),
    "a config": lambda e: e.hosting.config_exists("gate-c1"),
    "no config": lambda e: e.hosting.config_exists("none"),
    "whether it is opted in": lambda e: e.hosting.is_opted_in(ENDPOINT),
    "whether it is autoscaled": lambda e: e.hosting.is_autoscaled(NAME, SPEC.variant.name),
    "a model made before": lambda e: e.hosting.create_model(SPEC, Approval(1, arn(1), 0.0, None)),
    "a config made before": lambda e: e.hosting.create_config(SPEC, Fleet("gate-c1", "", "ml.m5.large", 2), "gate-m1"),
    "a version": lambda e: _without_identifiers(e.registry.describe(arn(1))),
    "no version": lambda e: e.registry.describe(arn(9)),
    "the approved versions": lambda e: e.registry.approved(GROUP),
    "those of no group": lambda e: e.registry.approved("none"),
    "the states of alarms": lambda e: set(e.watch.states((KPI, *alarms.standing_names(SPEC)))),
    "the alarms that fired": lambda e: [alarm.name for alarm in e.watch.fired_since((KPI,), e.start)],
    "no requests": lambda e: e.watch.requests(NAME, "AllTraffic", "gate-c1", e.start, e.now),
    "the spec": lambda e: e.specs.read(NAME),
    "no spec": lambda e: e.specs.read("none"),
}


def test_the_product_sees_the_same_and_reads_nothing_that_is_left_out(story: Story) -> None:
    serving(story, Quality.GOOD)
    story.worlds.do("write_spec")
    story.update(2)
    story.worlds.advance(200)
    read = looked(story.worlds)
    story.worlds.do("set_alarm", KPI, "ALARM")
    story.worlds.advance_until("InService")
    read |= looked(story.worlds)
    left_out = {(operation, path) for operation, paths in LEFT_OUT.items() for path in paths}
    assert {(_operation(method), path) for method, path in read} & left_out == set()
    assert len(read) > 30


def looked(worlds: Worlds) -> set[tuple[str, str]]:
    """All LOOKS at this moment; what was read of AWS's answers."""
    simulated, sandboxed = product(worlds)
    for name, look in LOOKS.items():
        assert _placed(look(simulated), worlds, 0) == _placed(look(sandboxed), worlds, 1), name
    return sandboxed.read


def _operation(method: str) -> str:
    return "".join(word.capitalize() for word in method.split("_"))


def _placed(value: Any, worlds: Worlds, world: int) -> Any:
    """Times by their step."""
    times = {name: getattr(value, name) for name in ("created_at", "modified_at") if hasattr(value, name)}
    if hasattr(value, "seen"):
        times["seen"] = value.seen.modified_at
    if not times:
        return value
    steps = {name: worlds.step_of(world, at) for name, at in times.items()}
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)} | steps
