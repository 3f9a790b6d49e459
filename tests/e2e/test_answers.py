"""The answers of a shadow are compared: a version that answers 200 with other numbers is stopped, and no caller sees
it."""

import base64
import json
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import CAPTURES
from tests.e2e.lines import FIRST, attempt
from tests.e2e.test_rung import ended, pass_rung, shadowed
from tests.e2e.world import World


def test_a_version_that_answers_otherwise_is_seen_by_no_caller_and_the_next_one_goes_live(
    take: Take, world: World
) -> None:
    endpoint = take("differing")
    endpoint.register()
    endpoint.publish(1)
    endpoint.traffic(5)
    assert captured(endpoint, world) == {}
    endpoint.register(wrong_rate="0.03")
    endpoint.approve(2)
    endpoint.settle()
    pass_rung(endpoint)
    story = [*FIRST, *shadowed(2), ended(2), *attempt(1, purpose="end_shadow")]
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), story)
    assert list(endpoint.served()) == [1]
    (row,) = (row for row in endpoint.rows() if row.fact.kind is Kind.SHADOW_ENDED)
    assert row.fact.detail["end"] == "differing"
    assert row.fact.summary.startswith(f"the shadow of {endpoint.group}/2 answers otherwise than {endpoint.group}/1: ")
    assert row.fact.summary.endswith(" compared answers differ, and 1 % may; paired by the request")
    lines = captured(endpoint, world)
    for pair in row.fact.detail["answers"]["first"]:
        assert abs(score(lines[pair["live"]]) - score(lines[pair["shadow"]])) == pytest.approx(0.5)
    described = endpoint.describe()
    assert described is not None
    assert not described.get("DataCaptureConfig", {}).get("EnableCapture")
    endpoint.register()
    endpoint.approve(3)
    endpoint.settle()
    pass_rung(endpoint)
    assert (endpoint.live(), endpoint.story()) == (("InService", 3), [*story, *shadowed(3), ended(3), *attempt(3)])
    assert set(endpoint.served()) == {1, 3}
    assert "; 0 of " in endpoint.summaries(Kind.SHADOW_ENDED)[-1]
    called = {call for run in world.calls(names.comparer(endpoint.name)) for call in run["calls"]}
    assert called == {"s3:GET /e2e-models", "s3:GetObject", "sqs:SendMessage"}


def captured(endpoint: Endpoint, world: World) -> dict[str, dict[str, Any]]:
    """Return the captured requests by their event ids."""
    s3, bucket = world.client("s3"), CAPTURES.removeprefix("s3://").partition("/")[0]
    prefix = f"{CAPTURES.removeprefix(f's3://{bucket}/')}{endpoint.name}/"
    found: dict[str, dict[str, Any]] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Contents", ()):
            content = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            lines = map(json.loads, content.splitlines())
            found |= {line["eventMetadata"]["eventId"]: line["captureData"] for line in lines}
    return found


def score(line: dict[str, Any]) -> float:
    return float(json.loads(base64.b64decode(line["endpointOutput"]["data"]))["score"])
