"""docs/examples: what people copy works, and says no where it should."""

import copy
from typing import Any

import jmespath
import pytest

from infra.config.load import load
from infra.config.spec import spec
from lambdas.gate.policy import condition
from tests.infra.conftest import ROOT

(ENDPOINT,) = load(ROOT / "docs" / "examples" / "gate.yaml").endpoints
EXPRESSIONS = {each.name: each.expression for each in spec(ENDPOINT.name, ENDPOINT.entry, "role").gate.require}

F1 = "metrics.ModelQuality.Statistics.binary_classification_metrics.f1"
FACETS = "metrics.Bias.PostTrainingReport.post_training_bias_metrics.facets"


def facet(*values: float) -> list[dict[str, Any]]:
    """As Clarify reports a facet: for each of its values the metrics."""
    metric = {"description": "Difference in Positive Proportions in Predicted Labels (DPPL)", "name": "DPPL"}
    other = {"description": "Accuracy Difference (AD)", "name": "AD", "value": 0.4}
    return [
        {"value_or_threshold": str(index), "metrics": [other, {**metric, "value": value}]}
        for index, value in enumerate(values)
    ]


def version(f1: float) -> dict[str, Any]:
    statistics = {
        "version": 0.0,
        "binary_classification_metrics": {"f1": {"value": f1, "standard_deviation": "NaN"}},
    }
    bias = {
        "version": "1.0",
        "post_training_bias_metrics": {
            "label": "fraud",
            "label_value_or_threshold": "1",
            "facets": {"gender": facet(0.05, -0.05), "age": facet(-0.1)},
        },
    }
    return {
        "package": {"MetadataProperties": {"CommitId": "8c0ffee"}, "ModelPackageVersion": 8},
        "metrics": {"ModelQuality": {"Statistics": statistics}, "Bias": {"PostTrainingReport": bias}},
        "customer_metadata": {"risk_review": "passed"},
        "lifecycle": None,
        "model_card": None,
    }


DOCUMENT = {**version(f1=0.82), "live": version(f1=0.825)}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The document with another value at `path`."""
    document = copy.deepcopy(DOCUMENT)
    parent, _, key = path.rpartition(".")
    (jmespath.search(parent, document) if parent else document)[key] = value
    return document


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_version_as_it_should_be_passes(name: str) -> None:
    assert condition.evaluate(EXPRESSIONS[name], DOCUMENT) is True


@pytest.mark.parametrize(
    ("name", "path", "value", "expected"),
    [
        ("f1-at-least-0-8", f"{F1}.value", 0.8, True),
        ("f1-at-least-0-8", f"{F1}.value", 0.79, False),
        ("no-worse-than-live", f"live.{F1}.value", 0.83, True),
        ("no-worse-than-live", f"live.{F1}.value", 0.84, False),
        ("no-worse-than-live", "live", None, True),
        ("commit-id-recorded", "package.MetadataProperties.CommitId", "", False),
        ("risk-review-passed", "customer_metadata.risk_review", "pending", False),
        ("bias-within-bounds", f"{FACETS}.age", facet(-0.11), False),
        ("bias-within-bounds", f"{FACETS}.gender", facet(0.0, 0.2), False),
        ("bias-within-bounds", FACETS, {}, False),
    ],
)
def test_a_condition_says_yes_or_no(name: str, path: str, value: Any, expected: bool) -> None:
    assert condition.evaluate(EXPRESSIONS[name], changed(path, value)) is expected


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("f1-at-least-0-8", "metrics", {}),
        ("f1-at-least-0-8", f"{F1}.value", "NaN"),
        ("no-worse-than-live", "metrics", {}),
        ("no-worse-than-live", "live.metrics", {}),
        ("commit-id-recorded", "package.MetadataProperties", None),
        ("risk-review-passed", "customer_metadata", {}),
        ("bias-within-bounds", "metrics.Bias", {}),
        ("bias-within-bounds", f"{FACETS}.gender", facet(0.0, float("nan"))),
        ("bias-within-bounds", f"{FACETS}.age", [{"metrics": [{"name": "DPPL"}]}]),
    ],
)
def test_what_is_not_there_gives_neither_and_so_keeps_the_gate_shut(name: str, path: str, value: Any) -> None:
    assert isinstance(condition.evaluate(EXPRESSIONS[name], changed(path, value)), str)
