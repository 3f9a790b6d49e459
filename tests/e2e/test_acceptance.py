"""Acceptance runs in the sandbox, by the command that people give on AWS. One is interrupted and resumed, and leaves
only the ledger's rows. Together they have each of AWS's answers as assumed, and otherwise."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lambdas.gate.state.fact import Kind
from ops.acceptance import story
from ops.acceptance.removal import Removal
from ops.acceptance.run import RunFile
from ops.acceptance.story import Surroundings
from ops.cli import cli
from ops.commands import acceptance
from ops.rows import read_rows
from sandbox.app.deployment import Deployment, operator_environment
from tests.e2e.world import World
from world.assumptions import Assumptions

OTHERS = {"rollback_gives_reason": False, "live_config_refused": True, "image_digest_filled_in": False}
"""What AWS answers otherwise than assumed in the run that is interrupted."""
REFUSED = "metric_math_refused"
"""If SageMaker refuses alarms with metric math, nothing shows whether it would act on them."""
OTHERWISE = {
    "all but metric math": tuple(
        (each.name, not each.default) for each in fields(Assumptions) if each.name not in (*OTHERS, REFUSED)
    ),
    "metric math": ((REFUSED, True),),
}
UNKNOWN = {
    "alarms_from_launch",
    "patching_moves_modified",
    "functions_end_in_time",
    "calls_land_in_time",
    "serverless_has_guardrails",
    "account_has_trail",
    "shadow_guardrails_refused",
    "shadow_has_guardrails",
    "shadow_relaunches",
    "rollback_keeps_shadow",
    "shadow_metrics_name_config",
    "captures_share_event_id",
}
"""What the run does not show."""
SELDOM_SECONDS = 60
"""A run that looks once a minute sends enough requests too, and needs a quarter of the processor time."""


class Killed(BaseException):
    """The process is gone: nothing is reported, and nothing is removed."""


def run(world: World, folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output."""
    command = ["--utc", "acceptance", "--yes", "--folder", str(folder), *arguments]
    result = CliRunner().invoke(cli, command, env=operator_environment(world.url))
    if isinstance(result.exception, Killed):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.mark.timeout(1200)
def test_a_run_plays_the_story_reports_what_aws_answered_and_leaves_only_the_rows(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptance, "sleep", world.advance)
    folder = tmp_path / "run"
    answered = world.control("assumptions", {})
    world.control("assumptions", OTHERS)
    code, said = run(world, folder)
    made = RunFile(folder).load()
    assert (code, f"cdk deploy {made.stack} --exclusively -c endpoints={folder}" in said) == (4, True)
    deploy(world, folder, made.stack)

    interrupt(monkeypatch, world, after=40)
    with pytest.raises(Killed):
        run(world, folder, "--resume")
    before = RunFile(folder).load()
    assert (before.steps[0].ended, before.version("v1")) != (None, None)
    monkeypatch.setattr(acceptance, "sleep", world.advance)
    code, said = run(world, folder, "--resume", "--output", "json")
    assert code == 0, said
    found = json.loads((folder / "report.json").read_text())
    assert [(step["failure"], step["seconds"] is None) for step in found["steps"]] == 7 * [(None, False)]
    answers = {each["name"]: each["verdict"] for each in found["assumptions"]}
    assert {name for name, verdict in answers.items() if verdict == "differs"} == set(OTHERS)
    assert {name for name, verdict in answers.items() if verdict == "not seen"} == UNKNOWN
    masked(folder, made.account)

    rows = read_rows(world.client("dynamodb"), made.endpoint)
    outcomes = [row.fact.detail["outcome"] for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
    assert outcomes == ["succeeded", "succeeded", "rolled_back", "rolled_back", "succeeded"]
    around = Surroundings(world.now, world.advance, print)
    assert Removal(world.client, made, around).left() == []
    assert not RunFile(folder).path.exists()
    world.control("assumptions", answered)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("answers", OTHERWISE)
def test_the_story_ends_well_and_the_report_has_what_aws_answers_otherwise(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: str
) -> None:
    monkeypatch.setattr(acceptance, "sleep", world.advance)
    monkeypatch.setattr(story, "POLL_SECONDS", SELDOM_SECONDS)
    others, folder = dict(OTHERWISE[answers]), tmp_path / "run"
    answered = world.control("assumptions", {})
    world.control("assumptions", {each.name: each.default for each in fields(Assumptions)} | others)
    run(world, folder)
    deploy(world, folder, RunFile(folder).load().stack)
    code, said = run(world, folder, "--resume")
    assert code == 0, said
    found = json.loads((folder / "report.json").read_text())
    unknown = UNKNOWN | ({"metric_math_watched"} if REFUSED in others else set())
    assert {each["name"]: each["verdict"] for each in found["assumptions"]} == {
        each.name: "not seen" if each.name in unknown else "differs" if each.name in others else "agrees"
        for each in fields(Assumptions)
    }
    world.control("assumptions", answered)


def test_a_run_whose_stack_was_never_deployed_is_removed(world: World, tmp_path: Path) -> None:
    code, _ = run(world, tmp_path)
    made = RunFile(tmp_path).load()
    removal = Removal(world.client, made, Surroundings(world.now, world.advance, print))
    bucket = f"the bucket {made.bucket}"
    assert (code, removal.left()) == (4, [f"the model package group {made.group}", bucket])
    assert run(world, tmp_path, "--remove")[0] == 0
    assert (removal.left(), [*tmp_path.iterdir()]) == ([], [])


def deploy(world: World, folder: Path, stack: str) -> None:
    """Deploy the run's stack, as its operator is told to."""
    context = {"endpoints": str(folder / "acceptance.yaml")}
    Deployment(world.url, folder.parent / "deployment", context=context).redeploy(stack)


def interrupt(monkeypatch: pytest.MonkeyPatch, world: World, after: int) -> None:
    """Let the process be killed after so many waits."""
    waits = iter(range(after))

    def sleep(seconds: float) -> None:
        if next(waits, None) is None:
            raise Killed
        world.advance(seconds)

    monkeypatch.setattr(acceptance, "sleep", sleep)


def masked(folder: Path, account: str) -> None:
    """The report has neither the account's number nor an ARN, a bucket or a person."""
    texts: list[Any] = [(folder / name).read_text() for name in ("report.md", "report.json")]
    for text in texts:
        assert not [word for word in (account, "arn:aws", "s3://", "AIDA", "reviewer") if word in text]
