import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.spec.serving import Capture, Serving, Variable, Vpc
from lambdas.gate.spec.spec import Gate, RollbackOn, Rollout, Size, SizeType, Spec, SpecError, Strategy, Variant
from tests.lambdas.builders import SPEC

ROLLING = dataclasses.replace(
    SPEC,
    rollout=Rollout(
        Strategy.ROLLING,
        Size(SizeType.CAPACITY_PERCENT, 25),
        300,
        0,
        28_800,
        rollback_step=Size(SizeType.CAPACITY_PERCENT, 100),
    ),
    rollback_on=RollbackOn(0.5, 250, (), 0),
    gate=Gate(four_eyes=True),
)


@pytest.mark.parametrize("spec", [SPEC, ROLLING], ids=["canary", "rolling"])
def test_a_spec_survives_the_parameter_store(spec: Spec) -> None:
    assert Spec.from_json(spec.to_json()) == spec


def test_the_parameter_is_the_same_at_every_synth_and_small() -> None:
    assert SPEC.to_json() == dataclasses.replace(SPEC).to_json()
    assert len(SPEC.to_json()) < 1100


def _changed(**fields: Any) -> str:
    return json.dumps(json.loads(SPEC.to_json()) | fields)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '"spec"',
        "null",
        "{}",
        _changed(unknown=1),
        _changed(variant="AllTraffic"),
        _changed(variant={"name": "A", "instance_type": "ml.m5.large", "instance_count": "two"}),
        _changed(variant={"name": "A", "instance_type": "ml.m5.large", "instance_count": None}),
        _changed(variant={"name": "A", "instance_type": "ml.m5.large", "instance_count": True}),
        _changed(rollout=None),
        _changed(rollout=json.loads(SPEC.to_json())["rollout"] | {"strategy": "blue"}),
        _changed(rollback_on={"error_rate_percent": 1, "p99_latency_ms": 5, "alarms": "kpi", "watch_seconds": 0}),
        _changed(execution_role_arn=7),
    ],
)
def test_what_is_no_spec_is_said_to_be_none(text: str) -> None:
    with pytest.raises(SpecError, match="does not fit this version of Approval Gate"):
        Spec.from_json(text)


def test_a_percentage_may_be_a_whole_number() -> None:
    spec = dataclasses.replace(SPEC, rollback_on=dataclasses.replace(SPEC.rollback_on, error_rate_percent=2))
    assert Spec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    "spec",
    [
        dataclasses.replace(SPEC, variant=Variant("AllTraffic", "ml.m5.large", 3)),
        dataclasses.replace(SPEC, variant=Variant("AllTraffic", "ml.m5.xlarge", 2)),
        dataclasses.replace(SPEC, variant=Variant("Main", "ml.m5.large", 2)),
        dataclasses.replace(SPEC, execution_role_arn="arn:aws:iam::123456789012:role/other"),
        dataclasses.replace(SPEC, serving=Serving(environment=(Variable("LOG_LEVEL", "info"),))),
        dataclasses.replace(SPEC, serving=Serving(network_isolation=True)),
        dataclasses.replace(SPEC, serving=Serving(vpc=Vpc(("subnet-0a",), ("sg-0a",)))),
        dataclasses.replace(SPEC, serving=Serving(kms_key="arn:aws:kms:us-east-1:123456789012:key/k")),
        dataclasses.replace(SPEC, serving=Serving(data_capture=Capture(10, "s3://capture/", ("Input",)))),
        dataclasses.replace(SPEC, serving=Serving(container_startup_seconds=600)),
        dataclasses.replace(SPEC, serving=Serving(model_download_seconds=600)),
    ],
)
def test_what_an_endpoint_config_is_made_of_is_in_the_settings(spec: Spec) -> None:
    assert spec.settings != SPEC.settings


def test_a_change_of_rollout_alarms_or_gate_starts_no_rollout() -> None:
    spec = dataclasses.replace(SPEC, rollout=ROLLING.rollout, rollback_on=ROLLING.rollback_on, gate=ROLLING.gate)
    assert spec.settings == SPEC.settings


def test_a_spec_from_before_there_were_such_settings_starts_no_rollout_either() -> None:
    before = json.loads(SPEC.to_json())
    del before["serving"]
    assert Spec.from_json(json.dumps(before)) == SPEC
    assert SPEC.settings == names.digest("AllTraffic", "ml.m5.large", "2", SPEC.execution_role_arn)
