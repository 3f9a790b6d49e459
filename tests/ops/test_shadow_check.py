"""`doctor` says what the shadows of an endpoint showed about AWS."""

from typing import Any

import pytest

from lambdas.gate.state.fact import Fact, Kind, Row
from ops.checks.expectation import Verdict
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


def rows(*told: tuple[Kind, dict[str, Any]]) -> tuple[Row, ...]:
    return tuple(Row(NAME, n, Fact(kind, 0.0, "", detail=each), "", "") for n, (kind, each) in enumerate(told, 1))


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


def test_without_a_shadow_nothing_is_asked() -> None:
    assert ShadowCheck(None, NAME, ()).assumptions()[1].ask().seen == NONE_YET
