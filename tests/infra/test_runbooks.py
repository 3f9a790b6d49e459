"""docs/runbooks.md has an entry for every alarm of the stacks."""

from pathlib import Path

from docs.links import anchors, slug
from infra.asset.bundle import Asset
from infra.config.load import Endpoint, load
from tests.infra.synthesized import Template, of_type, synthesize
from tests.paths import ROOT

EXAMPLES = ROOT / "docs" / "examples"


def alarms(templates: dict[str, Template]) -> set[str]:
    return {
        alarm["AlarmName"] for template in templates.values() for alarm in of_type(template, "AWS::CloudWatch::Alarm")
    }


def test_every_alarm_has_an_entry(templates: dict[str, Template], functions: Asset, tmp_path: Path) -> None:
    entries = anchors((ROOT / "docs" / "runbooks.md").read_text())
    found = {name.replace("/fraud-detection/", "/NAME/").replace("/churn/", "/NAME/") for name in alarms(templates)}
    for example in ("serverless", "asynchronous"):
        endpoints: tuple[Endpoint, ...] = load(EXAMPLES / f"{example}.yaml").endpoints
        made = alarms(synthesize(endpoints, functions, tmp_path / example))
        found |= {name.replace(f"/{endpoints[0].name}/", "/NAME/") for name in made}
    assert {name.rpartition("/")[2] for name in found} == {
        "approval-gate-dead-letters",
        "approval-gate-orders-dead-letters",
        "approval-gate-ledger-changed",
        "approval-gate-publisher-failing",
        "5xx",
        "model-errors",
        "p99-latency",
        "average-latency",
    }
    assert sorted(name for name in found if slug(name) not in entries) == []
