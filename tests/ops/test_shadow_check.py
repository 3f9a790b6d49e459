"""`doctor` says what the shadows of an endpoint showed about AWS."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.gate.state.fact import Fact, Kind, Row
from ops.checks.expectation import Answer, Verdict
from ops.checks.shadow import NONE_YET, ShadowCheck
from tests.lambdas.stubbed import stubbed

NAME = "churn"
OPENED = (Kind.ATTEMPT_OPENED, {"attempt": 2, "purpose": "shadow"})
OTHER = [
    (Kind.ATTEMPT_OPENED, {"attempt": 1, "purpose": "update"}),
    (Kind.ATTEMPT_ACCEPTED, {"attempt": 1, "guardrails_refused": True}),
]
ACCEPTED = (Kind.ATTEMPT_ACCEPTED, {"attempt": 2})
REFUSED = (Kind.ATTEMPT_ACCEPTED, {"attempt": 2, "guardrails_refused": True})
ENDED = (Kind.SHADOW_ENDED, {"variant": "shadow-2-4"})


def rows(*told: tuple[Kind, dict[str, Any]], at: float = 0.0) -> tuple[Row, ...]:
    return tuple(Row(NAME, n, Fact(kind, at, "", detail=each), "", "") for n, (kind, each) in enumerate(told, 1))


@pytest.mark.parametrize(
    ("told", "verdict", "seen"),
    [
        ((*OTHER,), Verdict.NOT_SEEN, NONE_YET),
        ((*OTHER, OPENED, ACCEPTED), Verdict.AGREES, "refused in 0 of 1 update that moved a shadow"),
        ((OPENED, REFUSED), Verdict.DIFFERS, "refused in 1 of 1 update that moved a shadow"),
    ],
)
def test_guardrails(told: tuple[tuple[Kind, dict[str, Any]], ...], verdict: Verdict, seen: str) -> None:
    answer = ShadowCheck(None, NAME, rows(*told)).assumptions()[0].ask()
    assert (answer.verdict, answer.seen) == (verdict, seen)


@pytest.mark.parametrize(
    ("dimensions", "verdict", "seen"),
    [
        ([], Verdict.NOT_SEEN, "CloudWatch lists no metric of shadow-2-4"),
        (
            ["EndpointName", "VariantName"],
            Verdict.DIFFERS,
            "shadow-2-4 has metrics with EndpointName, VariantName",
        ),
        (
            ["EndpointConfigName", "EndpointName", "VariantName"],
            Verdict.AGREES,
            "shadow-2-4 has metrics with EndpointConfigName, EndpointName, VariantName",
        ),
    ],
)
def test_dimensions(dimensions: list[str], verdict: Verdict, seen: str) -> None:
    metric = {"Dimensions": [{"Name": name, "Value": "x"} for name in dimensions]}
    with stubbed("cloudwatch") as stub:
        stub.add_response("list_metrics", {"Metrics": [metric] if dimensions else []})
        answer = ShadowCheck(lambda service: stub.client, NAME, rows(ENDED)).assumptions()[1].ask()
    assert (answer.verdict, answer.seen) == (verdict, seen)


SHADOWED = (Kind.ATTEMPT_CLOSED, {"outcome": "shadowed", "endpoint_config": "both", "accepted": True})
AT = datetime(2027, 1, 15, 8, tzinfo=UTC)


def asked(index: int, told: tuple[tuple[Kind, dict[str, Any]], ...], endpoint: dict[str, Any]) -> Answer:
    described = {"EndpointName": NAME, "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn"}
    times = {"CreationTime": AT, "LastModifiedTime": AT, "EndpointStatus": "InService"}
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint", described | times | endpoint)
        return ShadowCheck(lambda service: stub.client, NAME, rows(*told, at=AT.timestamp())).assumptions()[index].ask()


@pytest.mark.parametrize(
    ("seconds", "config", "told", "verdict"),
    [
        (5, "both", (OPENED, (Kind.ATTEMPT_ACCEPTED, {"attempt": 2, "endpoint_config": "both"})), Verdict.AGREES),
        (-500, "both", (OPENED, (Kind.ATTEMPT_ACCEPTED, {"attempt": 2, "endpoint_config": "both"})), Verdict.DIFFERS),
        (5, "old", (OPENED, (Kind.ATTEMPT_ACCEPTED, {"attempt": 2, "endpoint_config": "both"})), Verdict.NOT_SEEN),
        (5, "new", (OPENED, (Kind.ATTEMPT_ACCEPTED, {"attempt": 3, "endpoint_config": "new"})), Verdict.NOT_SEEN),
        (None, "both", (OPENED, (Kind.ATTEMPT_ACCEPTED, {"attempt": 2, "endpoint_config": "both"})), Verdict.NOT_SEEN),
    ],
    ids=["launched anew", "as before", "rolled back", "another update since", "not said"],
)
def test_the_live_version_is_launched_anew(
    seconds: int | None, config: str, told: tuple[tuple[Kind, dict[str, Any]], ...], verdict: Verdict
) -> None:
    image = {} if seconds is None else {"ResolutionTime": AT + timedelta(seconds=seconds)}
    variants = [{"VariantName": "AllTraffic", "DeployedImages": [{"SpecifiedImage": "i"} | image]}]
    assert asked(2, told, {"EndpointConfigName": config, "ProductionVariants": variants}).verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "shadows", "verdict", "seen"),
    [
        ("rolled_back", ["shadow-2-4"], Verdict.AGREES, "both serves with shadow-2-4 after the rollback"),
        ("rolled_back", [], Verdict.DIFFERS, "both serves with no shadow after the rollback"),
        ("succeeded", [], Verdict.NOT_SEEN, "no update from a config with a shadow was rolled back last"),
    ],
)
def test_a_rollback_leaves_the_shadow(outcome: str, shadows: list[str], verdict: Verdict, seen: str) -> None:
    detail = {"outcome": outcome, "endpoint_config": "new", "live_endpoint_config": "both", "accepted": True}
    variants = [{"VariantName": name} for name in shadows]
    endpoint = {"EndpointConfigName": "both", **({"ShadowProductionVariants": variants} if variants else {})}
    answer = asked(3, (OPENED, ACCEPTED, SHADOWED, (Kind.ATTEMPT_CLOSED, detail)), endpoint)
    assert (answer.verdict, answer.seen) == (verdict, seen)


def test_without_a_shadow_nothing_is_asked() -> None:
    asked = [each.ask() for each in ShadowCheck(None, NAME, ()).assumptions()]
    assert [answer.verdict for answer in asked] == [Verdict.NOT_SEEN] * 4
    assert asked[1].seen == NONE_YET
