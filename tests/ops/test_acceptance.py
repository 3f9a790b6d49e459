"""`acceptance`, from the command to the files of its run and to its end. The story and the removal are replaced."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from lambdas.gate import names
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.transitions import intervention
from ops.acceptance.aws import Aws
from ops.acceptance.removal import Removal
from ops.acceptance.run import RunFile, Step
from ops.acceptance.story import Story, Unexpected
from ops.cli import cli
from tests.ledger_table import ledger_table
from tests.ops.test_cli import HEAD, T, World


class Account:
    """An account with Approval Gate. `left`: what the removal leaves. `ends`: how the story ends."""

    def __init__(self, dynamodb: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.world = World(dynamodb, monkeypatch)
        self.folder = folder
        self.left: list[str] = []
        self.ends: BaseException | None = None
        self.removed = 0

        def remove(removal: Removal) -> None:
            self.removed += 1

        def play(story: Story) -> None:
            story._run.steps.append(Step("one", T, T + 60))
            if self.ends is not None:
                raise self.ends

        monkeypatch.setattr(Removal, "remove", remove)
        monkeypatch.setattr(Removal, "left", lambda removal: self.left)
        monkeypatch.setattr(Story, "play", play)

    def run(self, *arguments: str, answer: str | None = None) -> tuple[int, list[str]]:
        command = ["acceptance", "--folder", str(self.folder), *arguments]
        result = CliRunner().invoke(cli, command, input=answer)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output.splitlines()

    def deploy(self) -> None:
        """Write the spec of the run's endpoint, as its stack does."""
        parameter = names.spec_parameter(RunFile(self.folder).load().endpoint)
        boto3.client("ssm").put_parameter(Name=parameter, Value="{}", Type="String")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Account]:
    with ledger_table(monkeypatch) as dynamodb:
        yield Account(dynamodb, monkeypatch, tmp_path / "run")


def test_it_asks_first_and_says_what_it_costs(account: Account) -> None:
    code, lines = account.run(answer="n\n")
    assert (code, account.folder.exists()) == (1, False)
    assert "about 90 minutes and 6 instance-hours of ml.t2.medium" in lines[0]
    assert lines[-1] == "Error: Nothing was made or removed. Use --yes where nobody can answer."


def test_it_makes_group_and_bucket_and_ends_with_the_line_that_deploys_the_stack(account: Account) -> None:
    code, (line,) = account.run("--yes", "--output", "json")
    run = RunFile(account.folder).load()
    command = f"cdk deploy {run.stack} --exclusively -c endpoints={account.folder}/acceptance.yaml"
    assert (code, json.loads(line)) == (4, {"endpoint": run.endpoint, "stack": run.stack, "command": command})
    assert sorted(path.name for path in account.folder.iterdir()) == ["acceptance.yaml", "golden.jsonl", "run.json"]
    groups = boto3.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"]
    buckets = boto3.client("s3").list_buckets()["Buckets"]
    assert [each["ModelPackageGroupName"] for each in groups] == [run.group]
    assert [each["Name"] for each in buckets] == [run.bucket]


def test_before_the_deployment_a_resumed_run_says_the_same(account: Account) -> None:
    first = account.run("--yes")
    assert first[1][1].startswith("  cdk deploy ApprovalGate-acceptance-")
    assert account.run("--resume") == first


def test_a_run_that_ends_as_it_must_is_reported_and_removed(account: Account) -> None:
    account.run("--yes")
    account.deploy()
    code, lines = account.run("--resume")
    assert (code, account.removed) == (0, 1)
    assert lines[-3:] == [
        "Removing everything that the run made.",
        "0 of 25 assumptions are settled, and none differs.",
        f"The report is in {account.folder}/report.md. It has no account details: attach it to an issue.",
    ]
    assert sorted(path.name for path in account.folder.iterdir()) == ["report.json", "report.md"]


ENDS = {
    "otherwise": (Unexpected("step 1: late"), "It did not go as it must: step 1: late"),
    "Ctrl-C": (KeyboardInterrupt(), "It was interrupted."),
    "a defect": (TypeError("x"), "This is a defect of Approval Gate: TypeError: x. Run it again with --debug"),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_run_that_ends_otherwise_is_reported_and_removed_too(account: Account, end: str) -> None:
    account.run("--yes")
    account.deploy()
    account.ends, said = ENDS[end]
    code, lines = account.run("--resume")
    assert (code, account.removed, lines[-1].startswith(f"Error: {said}")) == (1, 1, True)
    assert json.loads((account.folder / "report.json").read_text())["failure"].startswith(said)
    assert not RunFile(account.folder).path.exists()


def test_what_cannot_be_made_is_removed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(aws: Aws) -> str:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "CreateBucket")

    monkeypatch.setattr(Aws, "make_bucket", denied)
    code, lines = account.run("--yes")
    said = "Error: You do not have the permission CreateBucket."
    assert (code, account.removed, lines[-1].startswith(said), [*account.folder.iterdir()]) == (1, 1, True, [])


def test_what_could_not_be_removed_is_named_and_removed_later(account: Account) -> None:
    account.run("--yes")
    account.deploy()
    account.left = ["the bucket x"]
    code, lines = account.run("--resume")
    assert (code, lines[-1]) == (
        1,
        "Error: Not everything was removed: this is still there: the bucket x. To try again: approval-gate acceptance "
        f"--remove --folder {account.folder}",
    )
    account.left = []
    assert account.run("--remove", "--yes")[1][-1] == "Everything is removed."
    assert account.run("--remove", "--yes")[0] == 1


def test_with_keep_nothing_is_removed(account: Account) -> None:
    account.run("--yes")
    account.deploy()
    code, lines = account.run("--resume", "--keep")
    kept = f"Everything is kept. To remove it: approval-gate acceptance --remove --folder {account.folder}"
    assert (code, account.removed, lines[-1]) == (0, 0, kept)
    assert RunFile(account.folder).path.exists()


def test_the_ledger_s_people_are_not_in_the_report(account: Account) -> None:
    account.run("--yes")
    account.deploy()
    run = RunFile(account.folder).load()
    fact = Fact(Kind.ALERT, T, "x", "alice.smith")
    account.world.ledger.write(None, Head(run.endpoint, HEAD.spec, T), (fact,))
    account.ends = Unexpected("alice.smith was late")
    account.run("--resume")
    assert "alice.smith" not in (account.folder / "report.md").read_text()


def test_all_endpoints_are_paused(account: Account) -> None:
    paused, fact = intervention.pause(Head(names.ALL, HEAD.spec, 0.0), "audit", "olga", T)
    account.world.ledger.write(None, paused, (fact,))
    said = "Error: All endpoints are paused: audit. To end that: approval-gate resume --all"
    assert account.run("--yes") == (1, [said])


def test_a_run_of_another_account_is_refused(account: Account) -> None:
    account.run("--yes")
    file = RunFile(account.folder)
    run = file.load()
    run.account = "210987654321"
    file.save(run)
    said = f"Error: The run {run.endpoint} is in the account 210987654321, us-east-1. Sign in there."
    assert account.run("--resume") == account.run("--remove", "--yes") == (1, [said])


def test_a_second_run_in_the_folder_is_refused(account: Account) -> None:
    account.run("--yes")
    code, (said,) = account.run("--yes")
    assert (code, said.endswith("Continue it with --resume, or remove it with --remove.")) == (1, True)


def test_it_is_resumed_or_removed(account: Account) -> None:
    code, lines = account.run("--resume", "--remove")
    assert (code, lines[-1]) == (2, "Error: Both --resume and --remove were given. Give one of them.")


def test_without_approval_gate_nothing_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with ledger_table(monkeypatch) as dynamodb:
        dynamodb.delete_table(TableName=names.LEDGER)
        result = CliRunner().invoke(cli, ["acceptance", "--yes", "--folder", str(tmp_path / "run")])
    told = f"There is no table {names.LEDGER} in this account and Region."
    assert (result.exit_code, told in result.output, (tmp_path / "run").exists()) == (1, True, False)
