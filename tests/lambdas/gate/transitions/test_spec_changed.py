"""Each version of the spec's parameter is a row, with who wrote it and what changed in the gate."""

import dataclasses
import json

import pytest

from lambdas.gate.spec.spec import Gate
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.spec_version import SpecVersion, digest
from lambdas.gate.transitions.spec_changed import recorded
from tests.lambdas.builders import NOW, SPEC

DEPLOYMENT = "arn:aws:sts::123456789012:assumed-role/cfn-exec-role/AWSCloudFormation"
MALLORY = "arn:aws:iam::123456789012:user/mallory"
STRICT = dataclasses.replace(SPEC, gate=Gate(four_eyes=True)).to_json()
OPEN = SPEC.to_json()


def version(number: int, value: str, by: str | None = DEPLOYMENT) -> SpecVersion:
    return SpecVersion(number, NOW - 100 + number, value, by)


def rows(*versions: SpecVersion, after: int = 1) -> list[Fact]:
    return list(recorded(versions, after, NOW))


def test_a_gate_that_was_off_for_a_minute_leaves_two_rows_that_name_who_did_it() -> None:
    off, on = rows(version(1, STRICT), version(2, OPEN, MALLORY), version(3, STRICT, MALLORY))
    assert [off.kind, off.who, off.detail["deployed"]] == [Kind.SPEC_CHANGED, MALLORY, False]
    assert off.summary == (
        f"version 2 of the specification was written by {MALLORY} and not by a deployment and changed gate.four_eyes"
    )
    assert off.detail["gate"] == {"four_eyes": {"before": True, "after": False}}
    assert on.detail["gate"] == {"four_eyes": {"before": False, "after": True}}
    assert on.detail["spec"] == {"version": 3, "digest": digest(STRICT), "modified_at": NOW - 97}


@pytest.mark.parametrize(
    ("value", "summary", "others"),
    [
        (STRICT, "version 2 of the specification was deployed and changed nothing of the gate", []),
        (
            json.dumps(json.loads(STRICT) | {"capacity_seconds": 1}),
            "version 2 of the specification was deployed and changed nothing of the gate",
            ["capacity_seconds"],
        ),
        (OPEN, "version 2 of the specification was deployed and changed gate.four_eyes", []),
    ],
)
def test_a_deployment_is_called_one(value: str, summary: str, others: list[str]) -> None:
    (row,) = rows(version(1, STRICT), version(2, value))
    assert (row.who, row.summary, row.detail["others"]) == (DEPLOYMENT, summary, others)


@pytest.mark.parametrize("value", ["", "{", "[]", "null", "[" * 100_000, '{"gate": []}', '{"gate": "\\ud83d"}'])
def test_what_somebody_wrote_by_hand_may_be_anything(value: str) -> None:
    (row,) = rows(version(1, STRICT), version(2, value, None))
    assert (row.who, row.detail["gate"]["four_eyes"]) == ("unknown", {"before": True, "after": None})


def test_a_new_parameter_begins_with_its_first_version() -> None:
    first, second = rows(version(1, OPEN), version(2, STRICT), after=0)
    assert first.summary == "version 1 of the specification was deployed (no version before)"
    assert first.detail["gate"]["four_eyes"] == {"before": None, "after": False}
    assert second.detail["gate"] == {"four_eyes": {"before": False, "after": True}}


def test_versions_that_ssm_forgot_have_a_row_too() -> None:
    gap, found = rows(version(104, STRICT), after=1)
    assert gap.detail == {"lost": {"first": 2, "count": 102}}
    assert gap.summary.startswith("versions 2 to 103 of the specification: SSM no longer has")
    assert found.detail["spec"]["version"] == 104


def test_nothing_new_is_no_row() -> None:
    assert rows(version(1, STRICT)) == []
