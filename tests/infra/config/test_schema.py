"""endpoints.schema.json: what an editor says is what synth says."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from infra.config.document import parse
from infra.config.schema import SCHEMA, schema
from tests.infra.config.mistakes import mistakes
from tests.infra.config.rules import test_asynchronous, test_serverless
from tests.infra.config.test_load import text
from tests.infra.conftest import ROOT


@pytest.fixture(scope="module")
def validator() -> Any:
    written = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(written)
    return jsonschema.Draft202012Validator(written)


def entry(**sections: Any) -> dict[str, Any]:
    required = {
        "model_package_group": "Group",
        "variant": {"instance_type": "ml.m5.large"},
        "model_artifacts": "s3://models/",
    }
    return {"endpoints": {"churn": required | sections}}


def test_the_schema_is_the_models() -> None:
    assert SCHEMA.read_text() == schema(), "run `python -m infra.config.schema`"


@pytest.mark.parametrize(
    ("file", "reference"),
    [
        ("endpoints.yaml", "./endpoints.schema.json"),
        ("docs/examples/gate.yaml", "../../endpoints.schema.json"),
        ("docs/examples/autoscaling.yaml", "../../endpoints.schema.json"),
        ("docs/examples/serving.yaml", "../../endpoints.schema.json"),
        ("docs/examples/asynchronous.yaml", "../../endpoints.schema.json"),
        ("docs/examples/serverless.yaml", "../../endpoints.schema.json"),
        ("docs/examples/shadow.yaml", "../../endpoints.schema.json"),
    ],
)
def test_a_file_that_ships_names_the_schema_and_fits_it(validator: Any, file: str, reference: str) -> None:
    source = Path(ROOT / file).read_text()
    assert source.splitlines()[0] == f"# yaml-language-server: $schema={reference}"
    assert (ROOT / file).parent.joinpath(reference).resolve() == SCHEMA
    assert list(validator.iter_errors(YAML(typ="safe").load(source))) == []


@pytest.mark.parametrize(
    "rollout",
    [
        {},
        {"wait_seconds": 600},
        {"strategy": "all-at-once", "bake_seconds": 600},
        {"strategy": "canary", "canary_instances": 1},
        {"strategy": "linear", "step_percent": 25},
        {"strategy": "rolling", "batch_percent": 25, "rollback_batch_percent": 100},
    ],
)
def test_every_strategy_fits(validator: Any, rollout: dict[str, Any]) -> None:
    assert list(validator.iter_errors(entry(rollout=rollout))) == []


@pytest.mark.parametrize(
    "document",
    [
        {"defaults": entry()["endpoints"]["churn"], "endpoints": {"churn": {}}},
        {"defaults": {"variant": {"instance_count": 4}}, **entry()},
        {"ledger": {"copy": {"mode": "GOVERNANCE", "retention_days": 1}, "annotate_registry": True}, **entry()},
        {"ledger": {"copy": None}, **entry()},
        {"janitor": {"mode": "off", "retention_days": 1, "keep_good": 20, "failed_endpoint_days": 3650}, **entry()},
        entry(gate={"soak": None, "stage": None, "require": [{"name": "f1", "that": "live"}]}),
        entry(gate={"soak": {"endpoint": "a", "hours": 0.5}, "freeze": [{"cron": "0 17 * * FRI", "hours": 64}]}),
        entry(traffic={"requests_per_second": 0.5, "bad_version_error_rate_percent": 100}),
        entry(traffic=None),
        entry(variant={"name": "Main", "serverless": {"memory_mb": 1024, "max_concurrency": 200}}),
        {"defaults": {"variant": {"serverless": {"memory_mb": 1024, "max_concurrency": 5}}}, **entry()},
        {"defaults": {"variant": {"instance_count": 4}}, "endpoints": {"churn": {"variant": {"name": "Main"}}}},
    ],
)
def test_what_synth_takes_an_editor_takes(validator: Any, document: dict[str, Any]) -> None:
    assert list(validator.iter_errors(document)) == []


@pytest.mark.parametrize(
    "document",
    [
        {"endpoints": {"churn": {}}},
        {"endpoints": {"churn": entry()["endpoints"]["churn"] | {"variant": {}}}},
        {"defaults": {"gates": {}}, **entry()},
        {"ledger": {"copy": {"mode": "GOVERNANCE"}}, **entry()},
        {"janitor": {"mode": "dry"}, **entry()},
        {"janitor": {"keep_good": 0}, **entry()},
        entry(gate={"mode": "warn"}),
        entry(gate={"approvers": ["alice"]}),
        entry(gate={"require": [{"name": "f1"}]}),
        entry(gate={"soak": {"endpoint": "a", "hours": 0}}),
        entry(gate={"freeze": [{"cron": "0 17 * *", "hours": 64}]}),
        {"endpoints": {"not_a_name": entry()["endpoints"]["churn"]}},
        {"endpoint": {}},
        entry(typo=1),
        entry(variant={"instance_type": "m5.large"}),
        entry(variant={"name": "Main"}),
        entry(variant={"serverless": {"memory_mb": 2000, "max_concurrency": 5}}),
        entry(variant={"serverless": {"memory_mb": 2048}}),
        entry(variant={"instance_type": "ml.m5.large", "serverless": {"memory_mb": 1024, "max_concurrency": 5}}),
        entry(model_artifacts="s3://models"),
        entry(rollout={"canary_percent": 60}),
        entry(rollout={"canary_percent": 50, "canary_instances": 1}),
        entry(rollout={"strategy": "rolling", "canary_percent": 50}),
        entry(rollback_on={"alarms": list("abcdefg")}),
        entry(rollback_on={"error_rate_percent": 100}),
        entry(gate={"four_eyes": "yes"}),
        entry(traffic={"bad_version_error_rate_percent": 5}),
    ],
)
def test_an_editor_marks_a_mistake(validator: Any, document: dict[str, Any]) -> None:
    assert list(validator.iter_errors(document)) != []


BEYOND = re.compile(
    # Expressions and their fields, times of a calendar, other names of the file, and numbers that depend on others.
    "JMESPath|argument|the fields |a member of|backticks|"
    "five cron fields|windows with time|each name once|another endpoint|an endpoint of this file|"
    "A step is|A batch is|to launch instances|limit for a rollout|at most max|bounds of autoscaling|steps in percent"
)
"""What is allowed where a JSON Schema cannot say it. Only synth refuses other values."""
MISTAKES = [
    *((text(), each) for each in mistakes("mistakes.txt") + mistakes("serving_mistakes.txt")),
    *((text(variant=test_serverless.VARIANT), each) for each in mistakes("serverless_mistakes.txt")),
    *((text(serving=test_asynchronous.SHORTEST), each) for each in mistakes("asynchronous_mistakes.txt")),
]


@pytest.mark.parametrize(("source", "mistake"), MISTAKES)
def test_an_editor_marks_what_synth_refuses(validator: Any, source: str, mistake: tuple[str, str]) -> None:
    key, _, value = mistake[0].partition(": ")
    document = parse("endpoints.yaml", source).data
    entry = document["endpoints"]["churn"]
    entry.pop(key.removeprefix("without "), None)
    if value:
        entry[key] = parse("endpoints.yaml", value).data
    is_beyond = BEYOND.search(mistake[1].partition("allowed  ")[2]) or ".nan" in value
    assert is_beyond or not validator.is_valid(document)


def test_an_editor_knows_the_time_zones(validator: Any) -> None:
    def frozen(zone: str) -> dict[str, Any]:
        return entry(gate={"freeze": [{"cron": "0 17 * * FRI", "hours": 64, "time_zone": zone}]})

    assert validator.is_valid(frozen("Europe/Berlin"))
    assert not validator.is_valid(frozen("Europe/Berlyn"))
