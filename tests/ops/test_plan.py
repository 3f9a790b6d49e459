"""`plan` computes with what the live version answered in its last day."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner

from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.serving import Asynchronous, Serving
from lambdas.gate.spec.spec import Rollout, Spec, Strategy, Variant
from ops.account import Account
from ops.cli import cli
from tests.lambdas.builders import NOW, SPEC
from tests.lambdas.stubbed import stubbed

NAME = SPEC.endpoint


def run(
    monkeypatch: pytest.MonkeyPatch, points: list[dict[str, Any]] | None, spec: Spec | None = SPEC, *options: str
) -> Any:
    """Run `ops plan` in an account whose CloudWatch has these datapoints; None: it is not asked."""
    monkeypatch.setattr(Account, "__init__", lambda account, profile, region: None)
    monkeypatch.setattr(Account, "now", NOW)
    monkeypatch.setattr(Account, "require", lambda account, endpoint: None)
    monkeypatch.setattr(Account, "spec", lambda account, endpoint: spec)
    with stubbed("cloudwatch") as stub:
        if points is not None:
            stub.add_response("get_metric_statistics", {"Datapoints": points})
        monkeypatch.setattr(Account, "client", lambda account, service: stub.client)
        return CliRunner().invoke(cli, ["plan", NAME, *options])


def point(hours_ago: int, requests: float, failures: float) -> dict[str, Any]:
    at = datetime.fromtimestamp(NOW - 3600 * hours_ago, UTC)
    return {"Timestamp": at, "SampleCount": requests, "Sum": failures}


def test_the_traffic_and_the_background_are_those_of_the_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, [point(hour, 7200.0, 36.0) for hour in range(24, 0, -1)])
    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert lines[0] == (
        f"{NAME}: 2 requests a second in its last day, of which 0.5% failed. The plan is for a version that fails 5%."
    )
    assert lines[1].split()[:4] == ["mean", "(worst)", "canary", "50%"]
    assert any(
        line.startswith("canary 50% sees in time, with a chance of 90%, a version that fails ") for line in lines
    )
    assert any(line.startswith("After the rollout the watch alarm sees one that fails ") for line in lines)


def test_a_version_that_serves_for_hours_is_not_thought_to_be_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, [point(2, 7200.0, 0.0), point(1, 7200.0, 0.0)])
    assert result.output.startswith(f"{NAME}: 2 requests a second in its last day, of which 0% failed.")


def test_without_requests_there_is_nothing_to_compute_with(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, [])
    assert result.exit_code != 0
    assert f"CloudWatch has no requests of {NAME} in the last day" in result.output


SERVERLESS = dataclasses.replace(SPEC, variant=Variant("AllTraffic", serverless=Serverless(2048, 5)))
ASYNCHRONOUS = dataclasses.replace(SPEC, serving=Serving(asynchronous=Asynchronous("s3://answers/")))
NONE = f"There is no plan for {NAME}: only a real-time endpoint on instances has steps and a bake."


@pytest.mark.parametrize("spec", [SERVERLESS, ASYNCHRONOUS])
def test_an_endpoint_that_has_no_plan_says_so_and_is_no_failure(monkeypatch: pytest.MonkeyPatch, spec: Spec) -> None:
    result = run(monkeypatch, None, spec)
    assert (result.exit_code, result.output) == (0, f"{NONE}\n")
    as_json = run(monkeypatch, None, spec, "--output", "json")
    assert (as_json.exit_code, json.loads(as_json.output)) == (
        0,
        {
            "endpoint": NAME,
            "requests_per_second": None,
            "failed_percent": None,
            "bad_percent": 5.0,
            "strategies": [],
            "risks": [],
            "none": NONE,
        },
    )


def test_an_endpoint_whose_traffic_moves_at_once_has_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = dataclasses.replace(SPEC, rollout=Rollout(Strategy.ALL_AT_ONCE, None, 0, 600, 3600))
    result = run(monkeypatch, [point(hour, 7200.0, 36.0) for hour in range(24, 0, -1)], at_once)
    assert (result.exit_code, "all at once" in result.output or "all-at-once" in result.output) == (0, True)


def test_a_spec_that_another_release_wrote_is_9(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, None, None)
    said = f"Error: The spec of {NAME} cannot be read: another release wrote it.\n"
    assert (result.exit_code, result.output) == (9, said)
