"""The floor: what it may say, and which entries can never fulfil it."""

import pytest

from infra.config.load import parse_configuration
from infra.config.problem import ConfigError
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Condition, Gate, IdentityLevel, WitnessSource

ENTRY = """\
endpoints:
  churn:
    model_package_group: Group
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://models/
"""


def problems(source: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parse_configuration("endpoints.yaml", source)
    return str(raised.value)


@pytest.mark.parametrize(
    ("floor", "expected"),
    [
        ("", None),
        ("gate_floor: null\n", None),
        ("gate_floor: {}\n", Floor(Gate(pin=False))),
        ("gate_floor: {pin: true}\n", Floor(Gate())),
        ("gate_floor: {witness: cloudtrail}\n", Floor(Gate(pin=False, witness=WitnessSource.CLOUDTRAIL))),
        (
            "gate_floor: {four_eyes: true, identity: [identity_center], "
            "require: [{name: a, that: customer_metadata.b == 'c'}]}\n",
            Floor(
                Gate(
                    four_eyes=True,
                    identity=(IdentityLevel.IDENTITY_CENTER,),
                    require=(Condition("a", "customer_metadata.b == 'c'"),),
                    pin=False,
                )
            ),
        ),
    ],
)
def test_a_floor_demands_only_what_the_file_says(floor: str, expected: Floor | None) -> None:
    assert parse_configuration("endpoints.yaml", floor + ENTRY).gate_floor == expected


@pytest.mark.parametrize(
    ("floor", "entry", "message"),
    [
        (
            "{pin: true}",
            "    gate: {pin: false}\n",
            "endpoints.yaml:7: endpoints.churn.gate.pin\n"
            "  found    false\n"
            "  allowed  true, because `gate_floor.pin` is. The deployer holds every version otherwise.\n"
            "  fix      write `pin: true`",
        ),
        (
            "{golden_requests: true}",
            "",
            "endpoints.yaml:3: endpoints.churn\n"
            "  found    no golden_requests\n"
            "  allowed  golden requests, because `gate_floor.golden_requests` is true. The deployer holds every "
            "version otherwise.\n"
            "  fix      add `golden_requests` with the path of a file",
        ),
        (
            "{require: [{name: a, that: customer_metadata.b}, {name: a, that: customer_metadata.c}]}",
            "",
            "endpoints.yaml:1: gate_floor.require[1].name\n",
        ),
        (
            "{freeze: [{cron: 0 0 * * *, hours: 24}]}",
            "",
            "endpoints.yaml:1: gate_floor.freeze\n  found    windows that follow each other without end\n",
        ),
        ("{mode: advise}", "", "endpoints.yaml:1: gate_floor.mode\n"),
    ],
)
def test_the_problems_are_told_where_they_are_written(floor: str, entry: str, message: str) -> None:
    assert message in problems(f"gate_floor: {floor}\n{ENTRY}{entry}")


def test_a_floor_that_no_parameter_holds_is_a_problem() -> None:
    that = "customer_metadata.risk == 'passed' && " * 20 + "customer_metadata.ok == 'yes'"
    conditions = ", ".join(f'{{name: "c{n}", that: "{that}"}}' for n in range(20))
    assert "at most 8192 bytes, the size of an SSM parameter" in problems(
        f"gate_floor: {{require: [{conditions}]}}\n{ENTRY}"
    )
