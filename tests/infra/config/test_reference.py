"""docs/configuration.md: what the page says is what the file may hold."""

import json
import re

import pytest
from ruamel.yaml import YAML

from infra.config.declared import Declared
from infra.config.entry import File
from infra.config.load import parse_configuration
from infra.config.reference import REFERENCE, reference
from tests.infra.conftest import ROOT

EXAMPLES = [each.section.EXAMPLE for each in Declared(File).below() if each.section.EXAMPLE]
FILE_KEYS = {"gate_floor", "ledger", "functions", "janitor", "notifications", "endpoints"}
REQUIRED = {
    "model_package_group": "FraudDetectionGroup",
    "variant": {"instance_type": "ml.m5.large"},
    "model_artifacts": "s3://my-models/fraud/",
}


def test_the_page_is_what_the_sections_declare() -> None:
    assert REFERENCE.read_text() == reference(), "run `python -m infra.config.reference`"


@pytest.mark.parametrize("example", dict.fromkeys(EXAMPLES))
def test_an_example_on_the_page_is_valid(example: str) -> None:
    given = YAML(typ="safe").load(example)
    whole = {"ledger": {}, "functions": {}, "janitor": {}, "endpoints": {}} | {
        key: given.pop(key) for key in set(given) & FILE_KEYS
    }
    required = REQUIRED | ({"golden_requests": "golden/fraud-detection.jsonl"} if "gate_floor" in whole else {})
    whole["endpoints"] |= {"churn": required | given, "fraud-staging": required}
    assert parse_configuration(str(ROOT / "endpoints.yaml"), json.dumps(whole))


def test_every_link_within_the_page_leads_to_a_heading_and_every_other_one_to_a_file() -> None:
    page = REFERENCE.read_text()
    titles = re.findall("^#+ (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9_ -]", "", title.lower()).replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(([^)]+)\)", page):
        assert target[1:] in anchors if target.startswith("#") else REFERENCE.parent.joinpath(target).is_file(), target


def test_a_cell_is_a_phrase() -> None:
    rows = [line for line in REFERENCE.read_text().splitlines() if line.startswith("|")]
    assert [cell for row in rows for cell in row.split(" | ") if len(cell) > 200] == []
