"""`preview`, as people and programs see it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from rich.console import Console

from infra.config.load import parse_configuration
from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.settings import Settings
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Gate
from lambdas.gate.state.fact import Fact, Kind
from lambdas.janitor.policy import Mode, Policy
from ops.account import Account, ExecutionRoles
from ops.cli import cli
from ops.preview import reading, sections
from ops.preview.sections import Deployed
from tests.lambdas.builders import approval, head, live
from tests.lambdas.fakes import begin
from tests.ledger_table import ledger_table
from tests.paths import ROOT

NAME = "churn"
ENTRY = """
endpoints:
  churn:
    model_package_group: FraudDetectionGroup
    model_artifacts: s3://example-models/churn/
    variant: {instance_type: ml.m5.large, instance_count: 2}
"""
LARGER = ENTRY.replace("ml.m5.large", "ml.m5.xlarge")
OTHER = (
    ENTRY
    + """
  fraud:
    model_package_group: OtherGroup
    model_artifacts: s3://example-models/fraud/
    variant: {instance_type: ml.m5.large, instance_count: 2}
"""
)
ROLES = ExecutionRoles("aws", "123456789012", "us-east-1")
AGAIN = "FraudDetectionGroup/1 is rolled out again with the new settings, by canary of 50%, in about 25 min"


class World:
    """The ledger, and an endpoint that is deployed as ENTRY says, with version 1 live."""

    def __init__(self, dynamodb: Any, file: Path) -> None:
        self.ledger, self._file = Ledger(dynamodb, names.LEDGER), file
        self.put(NAME, spec(ENTRY))

    def put(self, name: str, value: str) -> None:
        boto3.client("ssm").put_parameter(Name=names.spec_parameter(name), Value=value, Type="String", Overwrite=True)

    def goes_live(self, *facts: Fact, **fields: Any) -> None:
        (endpoint,) = parse_configuration("", ENTRY).endpoints
        settings = endpoint.spec(ROLES.arn(NAME)).settings
        begin(self.ledger, head(endpoint=NAME, live=live(1, settings=settings), **fields), *facts)

    def run(self, text: str, *options: str) -> tuple[int, list[str]]:
        self._file.write_text(text)
        result = CliRunner().invoke(cli, ["preview", str(self._file), *options])
        return result.exit_code, result.output.replace(str(self._file), "FILE").splitlines()


def spec(text: str) -> str:
    (endpoint,) = parse_configuration("", text).endpoints
    return endpoint.spec(ROLES.arn(endpoint.name)).to_json()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    monkeypatch.setattr(reading, "_shared", lambda account: (Deployed(sections.of_file(UNCHANGED)), None))
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb, tmp_path / "endpoints.yaml")


UNCHANGED = parse_configuration("", ENTRY)


def test_what_is_deployed_as_it_is_changes_nothing(world: World) -> None:
    world.goes_live()
    assert world.run(ENTRY) == (0, ["Unchanged: churn.", "FILE: Deploying it changes nothing that is live."])


def test_a_rollout_of_the_live_version_is_4(world: World) -> None:
    world.goes_live()
    assert world.run(LARGER) == (
        4,
        [
            "churn: changed",
            "  changes     variant.instance_type: ml.m5.large → ml.m5.xlarge",
            f"  follows     {AGAIN}",
            "FILE: Deploying it changes what is live on churn.",
        ],
    )


WAITING = approval(3)
"""Approved by the reviewer, after version 1 went live."""
HELD = Fact(
    Kind.HELD,
    WAITING.at + 1,
    "it is on hold",
    version=WAITING.version,
    detail={
        "gate": {
            "answer": "held",
            "checks": [
                {"name": name, "result": result, "overridden": None}
                for name, result in (
                    ("four_eyes", "failed"),
                    ("containers", "passed"),
                    ("artifacts", "passed"),
                    ("pin", "passed"),
                )
            ],
        }
    },
)
FOUR_EYES = f"{ENTRY}    gate: {{four_eyes: true, identity: []}}\n"


def test_an_approval_that_goes_is_4_as_the_rows_say(world: World) -> None:
    world.put(NAME, spec(FOUR_EYES))
    world.goes_live(HELD, approvals=(WAITING,))
    code, lines = world.run(ENTRY)
    assert (code, lines[3]) == (4, "  follows     FraudDetectionGroup/3 waits, and passes the gate")
    code, (line,) = world.run(ENTRY, "--output", "json")
    assert json.loads(line)["endpoints"][0]["waiting"] == [
        {
            "version": WAITING.version,
            "label": "FraudDetectionGroup/3",
            "before": "stops",
            "after": "passes",
            "checks": {},
        }
    ]


def test_an_approval_that_stops_is_5(world: World) -> None:
    world.goes_live(approvals=(WAITING,))
    code, lines = world.run(f"{ENTRY}    gate: {{approvers: [user/somebody-else]}}\n")
    assert (code, lines[-1]) == (5, "FILE: It puts rollouts of churn on hold.")


def test_only_some_lines_of_a_kind_are_shown(world: World) -> None:
    world.goes_live()
    variables = ", ".join(f"V{number:02d}: x" for number in range(42))
    code, lines = world.run(f"{ENTRY}    serving: {{environment: {{{variables}}}}}\n")
    assert (code, sum(line.startswith("  changes  ") for line in lines)) == (4, 41)
    assert "  changes     and 2 more; --output json has all of them" in lines


def test_for_programs_it_is_one_value(world: World) -> None:
    world.goes_live()
    code, (line,) = world.run(LARGER, "--output", "json")
    nothing: dict[str, Any] = {"changes": [], "follows": [], "may_now": [], "no_longer": []}
    assert (code, json.loads(line)) == (
        4,
        {
            "file": "FILE",
            "changes_live": True,
            "holds": False,
            "endpoints": [
                {
                    "endpoint": "churn",
                    "state": "changed",
                    **nothing,
                    "changes": [{"key": "variant.instance_type", "old": "ml.m5.large", "new": "ml.m5.xlarge"}],
                    "follows": [{"text": AGAIN, "changes_live": True, "holds": False}],
                    "waiting": [],
                }
            ],
            "shared": {**nothing, "unread": {}},
        },
    )


def test_a_new_endpoint_says_what_its_roles_may_do(world: World) -> None:
    code, lines = world.run(OTHER)
    assert (code, lines) == (
        0,
        [
            "fraud: new",
            "  follows     the stack ApprovalGate-fraud is made. If the endpoint exists, it is adopted and goes on "
            "serving what it serves. Otherwise the newest Approved version of the group creates it",
            "  may now     the endpoint's reader: read digests of the images of any repository",
            "  may now     the endpoint's reader: read the bucket example-models",
            "  may now     the models: pull images of any repository",
            "  may now     the models: read s3://example-models/fraud/*",
            "Unchanged: churn.",
            "FILE: Deploying it changes nothing that is live.",
        ],
    )


def test_an_endpoint_that_the_file_no_longer_has_stays(world: World) -> None:
    world.put("gone", spec(ENTRY.replace("churn:", "gone:")))
    code, lines = world.run(ENTRY)
    assert (code, lines) == (
        0,
        [
            "gone: removed",
            "  follows     the stack ApprovalGate-gone stays, and the endpoint stays managed as it is. To end that: "
            "aws cloudformation delete-stack --stack-name ApprovalGate-gone",
            "Unchanged: churn.",
            "FILE: Deploying it changes nothing that is live.",
        ],
    )


def test_where_nothing_was_ever_deployed_everything_is_new(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "_shared", lambda account: (Deployed(is_there=False), None))
    with ledger_table(monkeypatch) as dynamodb:
        dynamodb.delete_table(TableName=names.LEDGER)
        monkeypatch.setattr(World, "put", lambda *_: None)
        code, lines = World(dynamodb, tmp_path / "endpoints.yaml").run(ENTRY)
    assert (code, lines[0], lines[-1]) == (0, "churn: new", "FILE: Deploying it changes nothing that is live.")
    assert "  follows     the stack is made: inbox, functions, ledger and topic" in lines


def test_a_spec_that_another_release_wrote_is_9(world: World) -> None:
    world.put(NAME, "{}")
    assert world.run(ENTRY) == (
        9,
        [
            "churn: unreadable",
            "  follows     its deployed spec cannot be read: another release wrote it",
            "FILE: What follows for churn is not known.",
        ],
    )


def test_a_file_with_a_problem_is_told_as_by_lint(world: World) -> None:
    code, lines = world.run(ENTRY.replace("instance_count: 2", "instance_count: none"))
    assert (code, lines[0]) == (1, "FILE has 1 problem:")
    assert (
        CliRunner().invoke(cli, ["lint", str(world._file)]).output.replace(str(world._file), "FILE").splitlines()
        == lines
    )


def test_without_permission_for_the_specs_it_is_a_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Account) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "GetParametersByPath")

    monkeypatch.setattr(Account, "endpoints", denied)
    said = (
        "Error: You do not have the permission ssm:GetParametersByPath. The managed policy approval-gate-viewer-REGION "
        "has it. (An error occurred (AccessDeniedException) when calling the GetParametersByPath operation: No.)"
    )
    assert world.run(ENTRY) == (1, [said])


def test_on_a_narrow_terminal_it_is_wrapped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console.Console", lambda: Console(force_terminal=True, width=60))
    world.goes_live()
    _, lines = world.run(LARGER)
    assert max(map(len, lines)) <= 60


def test_a_text_of_the_file_cannot_control_the_terminal_and_is_not_long(world: World) -> None:
    tags = ENTRY + f'    tags: {{team: "{"x" * 200}"}}\n'
    _, lines = world.run(tags)
    assert lines[1] == f"  changes     tags.team: none → {'x' * 79}…"


class Shared:
    """The services that know how the shared stack is deployed. `denied`: the operations that the caller may not use.
    `missing`: the functions that are not deployed."""

    def __init__(self, floor: str | None = None, denied: tuple[str, ...] = (), missing: tuple[str, ...] = ()) -> None:
        self._floor, self._denied, self._missing = floor, denied, missing
        self.dynamodb = self

    def client(self, _: str) -> "Shared":
        return self

    def _fail(self, operation: str, code: str = "AccessDeniedException") -> None:
        raise ClientError({"Error": {"Code": code, "Message": "No."}}, operation)

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        if FunctionName in self._missing:
            self._fail("GetFunctionConfiguration", "ResourceNotFoundException")
        if "GetFunctionConfiguration" in self._denied:
            self._fail("GetFunctionConfiguration")
        settings = Settings("ledger", "inbox", "topic", "orders", "arn", annotate_registry=True).to_env()
        return {"Environment": {"Variables": settings | Policy(Mode.DELETE, 10, 3, 7).to_env()}}

    def get_function_concurrency(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        return {"ReservedConcurrentExecutions": 5}

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803
        if self._floor is None:
            self._fail("GetParameter", "ParameterNotFound")
        return {"Parameter": {"Value": self._floor, "Version": 1}}

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        if "DescribeTable" in self._denied:
            self._fail("DescribeTable")
        return {"Table": {"SSEDescription": {"KMSMasterKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k"}}}

    def describe_log_groups(self, logGroupNamePrefix: str) -> dict[str, Any]:  # noqa: N803
        return {"logGroups": [{"logGroupName": logGroupNamePrefix}]}


def shared(account: Any) -> tuple[Deployed, Any]:
    return reading._shared(account)


def test_the_shared_sections_are_read_where_the_deployment_put_them() -> None:
    floor = Floor(Gate(four_eyes=True))
    deployed, read = shared(Shared(floor.to_json()))
    assert (deployed.sections, deployed.unread, read.floor) == (
        {
            "ledger.copy": False,
            "ledger.annotate_registry": True,
            "ledger.seal": False,
            "janitor": {"mode": "delete", "retention_days": 10, "keep_good": 3, "failed_endpoint_days": 7},
            "gate_floor": sections.floor_keys(floor),
            "ledger.kms_key": "arn:aws:kms:us-east-1:123456789012:key/k",
            "functions.reserve_concurrency": True,
            "functions.logs_kms_key": None,
        },
        {},
        floor,
    )


def test_without_a_janitor_or_a_floor_there_is_none() -> None:
    deployed, read = shared(Shared(missing=(names.JANITOR,)))
    assert (deployed.sections["janitor"], deployed.sections["gate_floor"], read) == ({"mode": "off"}, None, None)


def test_without_the_deployer_the_stack_was_never_deployed() -> None:
    assert shared(Shared(missing=(names.DEPLOYER,))) == (Deployed(is_there=False), None)


def test_what_may_not_be_read_is_named_and_not_compared() -> None:
    deployed, _ = shared(Shared(denied=("DescribeTable",)))
    assert ("ledger.kms_key" in deployed.sections, deployed.unread) == (False, {"ledger.kms_key": "No."})


def test_with_a_floor_that_may_not_be_read_no_check_seems_new(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {key: value for key, value in sections.of_file(UNCHANGED).items() if key != "gate_floor"}
    monkeypatch.setattr(reading, "_shared", lambda account: (Deployed(known, {"gate_floor": "No."}), None))
    world.goes_live()
    assert world.run(f"{ENTRY}gate_floor: {{four_eyes: true, identity: []}}\n") == (
        0,
        [
            "ApprovalGate, which all endpoints share",
            "  not read    gate_floor: No.",
            "Unchanged: churn.",
            "FILE: Deploying it changes nothing that is live.",
        ],
    )


def test_the_shared_sections_are_compared() -> None:
    config = parse_configuration("", ENTRY + "janitor: {mode: dry-run}\nledger: {seal: true}\n")
    deployed, _ = shared(Shared())
    found = sections.preview(config, deployed, (), (), (5, 7))
    assert [(change.key, change.old, change.new) for change in found.keys] == [
        ("functions.reserve_concurrency", True, False),
        ("janitor.mode", "delete", "dry-run"),
        ("janitor.retention_days", 10, 30),
        ("ledger.annotate_registry", True, False),
        ("ledger.kms_key", "arn:aws:kms:us-east-1:123456789012:key/k", None),
        ("ledger.seal", False, True),
    ]
    assert [each.text for each in found.follows] == [
        "the janitor's next daily run follows the new values",
        "outcomes from now on are written to the registry, or are no longer",
        "rows from now on are sealed, or are no longer",
        "the table is encrypted with the new key; its policy must let the callers of DynamoDB use it",
        "concurrency is reserved, or is free again for other functions",
        "the schedule reconciles each endpoint every 7 minutes, not every 5",
    ]
    assert [tuple(each) for each in found.loses] == [
        ("the janitor", "delete what Approval Gate made, and endpoints with its tag"),
        ("the publisher", "change the metadata of versions"),
    ]


def test_it_needs_no_cdk() -> None:
    script = "import sys; import ops.commands.preview, infra.config.load; sys.exit('aws_cdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
