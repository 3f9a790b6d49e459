"""An endpoint whose variants are not exactly the spec's one is held, whatever is to be written."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Hold, Update
from lambdas.gate.decide.decision import decide, scale
from lambdas.gate.spec.autoscaling import Autoscaling
from lambdas.gate.spec.spec import Spec, Variant
from lambdas.gate.state.head import Head
from tests.lambdas.builders import NOW, SPEC, approval, endpoint, fired, head, live, observed

AUTOSCALED = dataclasses.replace(SPEC, autoscaling=Autoscaling(1, 4, 100, 60, 60))
RESIZED = dataclasses.replace(SPEC, variant=Variant("AllTraffic", "ml.m5.large", 3))
BURNS = (fired("approval-gate/fraud-detection/standing/model-errors"),)
OTHERS = [
    ({"variants": ("AllTraffic", "blue")}, "AllTraffic, blue"),
    ({"variants": ("blue", "AllTraffic")}, "blue, AllTraffic"),
    ({"variants": ("AllTraffic", "AllTraffic")}, "AllTraffic, AllTraffic"),
    ({"variants": ("AllTraffic", "a", "b")}, "AllTraffic, a, b"),
    ({"shadows": ("next",)}, "AllTraffic, next (shadow)"),
    ({"variants": ("blue",), "shadows": ("AllTraffic",)}, "blue, AllTraffic (shadow)"),
    ({"variants": (), "shadows": ("AllTraffic",)}, "AllTraffic (shadow)"),
    ({"variants": ("blue",)}, "blue"),
    ({"variants": ("alltraffic",)}, "alltraffic"),
    ({"variants": ()}, "none"),
]
WRITES = [
    pytest.param(SPEC, head(live=live(1), approvals=(approval(2),)), {"described": [2]}, id="update"),
    pytest.param(
        SPEC, head(live=live(2), approved=(1,), good=(live(1),)), {"described": [1]}, id="back from a revoked version"
    ),
    pytest.param(
        SPEC,
        head(live=live(2, since=NOW - 600), good=(live(1),)),
        {"standing": BURNS},
        id="back from a version whose alarm fired",
    ),
    pytest.param(RESIZED, head(live=live(1)), {}, id="other settings"),
    pytest.param(
        SPEC, head(live=live(None), approvals=(approval(2),)), {"described": [2]}, id="update of an adopted one"
    ),
]


@pytest.mark.parametrize(("fields", "told"), OTHERS, ids=[told for _, told in OTHERS])
@pytest.mark.parametrize(("spec", "row", "seen"), WRITES)
def test_no_rollout_of_an_endpoint_with_other_variants(
    spec: Spec, row: Head, seen: dict[str, Any], fields: dict[str, Any], told: str
) -> None:
    config = row.live.config if row.live else ""
    as_it_should_be = decide(spec, observed(endpoint=endpoint(config), **seen), row, NOW)
    assert type(as_it_should_be) is Update
    decision = decide(spec, observed(endpoint=endpoint(config, **fields), **seen), row, NOW)
    reason = (
        f"the endpoint's variants are {told}, but the spec's is AllTraffic: deployment guardrails need the same names"
    )
    assert (type(decision), decision.reason) == (Hold, reason)


@pytest.mark.parametrize(("fields", "told"), OTHERS, ids=[told for _, told in OTHERS])
def test_no_autoscaling_of_an_endpoint_with_other_variants(fields: dict[str, Any], told: str) -> None:
    assert scale(AUTOSCALED, endpoint(), head(live=live(1)), NOW) is not None
    assert scale(AUTOSCALED, endpoint(**fields), head(live=live(1)), NOW) is None
