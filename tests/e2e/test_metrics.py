"""Conditions on the numbers that a version was registered with."""

import json
from typing import Any

from lambdas.gate.state.fact import Kind
from tests.e2e import command_line
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.governed import BUCKET
from tests.e2e.lines import FIRST, approved, attempt, deployed, held
from tests.e2e.world import World

CHECK = "require.no-worse-than-live"


def _measured(world: World, endpoint: Endpoint, f1: float) -> int:
    """A version registered with a report of its quality."""
    key = f"{endpoint.name}/f1-{f1}.json"
    report = {"binary_classification_metrics": {"f1": {"value": f1, "standard_deviation": "NaN"}}}
    world.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(report).encode())
    statistics = {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/{key}"}
    metrics: dict[str, Any] = {"ModelMetrics": {"ModelQuality": {"Statistics": statistics}}}
    return endpoint.register(fields=metrics)


def test_a_version_that_is_worse_than_the_live_one_waits_for_an_operator(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("measured")
    for f1 in (0.91, 0.905, 0.88):
        _measured(world, endpoint, f1)
    endpoint.publish(1, 2)
    endpoint.approve(3)
    world.advance(900)
    story = [*FIRST, *deployed(2), approved(3), held(3)]
    assert (endpoint.live(), endpoint.story()) == (("InService", 2), story)
    assert endpoint.checks(Kind.HELD)[CHECK] == "failed"
    assert "0.88" in endpoint.summaries(Kind.HELD)[0]
    assert "0.905" in endpoint.summaries(Kind.HELD)[0]

    command_line.run(world, "override", "measured", "3", "--check", CHECK, "--reason", "agreed with the risk team")
    endpoint.settle()
    assert endpoint.live() == ("InService", 3)
    assert endpoint.story() == [*story, (Kind.OVERRIDDEN, None, 3), *attempt(3)]
    (check,) = [check for check in endpoint.facts()[-3].detail["gate"]["checks"] if check["name"] == CHECK]
    assert "agreed with the risk team" in check["overridden"]


def test_a_version_whose_report_cannot_be_read_waits_until_it_can(take_governed: Take, governed_world: World) -> None:
    world, endpoint = governed_world, take_governed("unreported")
    version = _measured(world, endpoint, 0.99)
    s3, place = world.client("s3"), {"Bucket": BUCKET, "Key": "unreported/f1-0.99.json"}
    marker = s3.delete_object(**place)["VersionId"]
    endpoint.approve(version)
    assert (endpoint.live(), endpoint.story()) == (None, [approved(version), held(version)])
    assert endpoint.checks(Kind.HELD)[CHECK] == "unread"
    s3.delete_object(**place, VersionId=marker)
    world.advance(300)
    endpoint.settle()
    assert endpoint.live() == ("InService", version)
