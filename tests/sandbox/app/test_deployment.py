"""What the deployment does around the CDK CLI. The end-to-end tests run the CLI itself."""

import json
from pathlib import Path

import pytest

from sandbox.app.deployment import cdk_environment, excerpt, templates, unfinished

FAILED_STACK = """\
ApprovalGate: deploying... [1/3]
ApprovalGate: creating CloudFormation changeset...

❌  ApprovalGate failed: ValidationError: The topic may not be empty
"""
FAILED_SYNTH = """\
Traceback (most recent call last):
  File "app.py", line 3, in <module>
infra.ConfigError: endpoints.yaml:4 rollout.canary_percent is 70; 1 to 50 are allowed
app.py: Subprocess exited with error 1
"""


@pytest.mark.parametrize(
    ("output", "lines", "expected"),
    [
        pytest.param(FAILED_STACK, 12, FAILED_STACK.splitlines()[3], id="begins where the output speaks of an error"),
        pytest.param(
            FAILED_SYNTH, 2, "\n".join(FAILED_SYNTH.splitlines()[2:]), id="keeps the end, where the reason is"
        ),
        pytest.param("one\ntwo\nthree\n", 2, "two\nthree", id="is the end where nothing speaks of an error"),
        pytest.param("one\n", 2, "one", id="is all of a short output"),
        pytest.param("", 2, "", id="is empty where the command printed nothing"),
    ],
)
def test_excerpt(output: str, lines: int, expected: str) -> None:
    assert excerpt(output, lines) == expected


def test_the_users_own_aws_configuration_never_reaches_the_sandbox() -> None:
    own = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "secret",
        "AWS_CONFIG_FILE": "/home/me/.aws/config",
        "LANG": "C",
    }
    environment = cdk_environment(own, "http://localhost:4567", Path("/tmp/work"))
    assert {name: value for name, value in environment.items() if name.startswith("AWS_")} == {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": "http://localhost:4567",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
    }
    assert environment["LANG"] == "C"


def test_a_proxy_is_not_asked_for_the_sandbox() -> None:
    environment = cdk_environment({"NO_PROXY": "intranet"}, "http://localhost:4567", Path("/tmp/work"))
    assert environment["NO_PROXY"] == "intranet,localhost"


QUEUE = {"Resources": {"Inbox": {}, "Metadata": {"Condition": "CDKMetadataAvailable"}}}


@pytest.mark.parametrize(
    ("status", "made", "wrong"),
    [
        pytest.param("CREATE_COMPLETE", {"Inbox": "CREATE_COMPLETE"}, [], id="all is made"),
        pytest.param("UPDATE_COMPLETE", {"Inbox": "IMPORT_COMPLETE"}, [], id="what was retained is found again"),
        pytest.param(
            "CREATE_COMPLETE", {}, ["ApprovalGate's Inbox is missing"], id="a resource was skipped without a word"
        ),
        pytest.param(
            "ROLLBACK_COMPLETE",
            {"Inbox": "CREATE_FAILED"},
            ["ApprovalGate is ROLLBACK_COMPLETE", "ApprovalGate's Inbox is CREATE_FAILED"],
            id="the stack failed",
        ),
    ],
)
def test_unfinished(status: str, made: dict[str, str], wrong: list[str]) -> None:
    assert unfinished("ApprovalGate", QUEUE, status, made) == wrong


def test_the_stacks_of_an_assembly_are_known_by_the_name_they_are_deployed_under(tmp_path: Path) -> None:
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.template.json"}}
    named = {"type": stack["type"], "properties": {"templateFile": "b.template.json", "stackName": "B-1"}}
    artifacts = {"A": stack, "B": named, "A.assets": {"type": "cdk:asset-manifest"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    for name in ("a", "b"):
        (tmp_path / f"{name}.template.json").write_text(json.dumps({"Resources": {name: {}}}))
    assert templates(tmp_path) == {"A": {"Resources": {"a": {}}}, "B-1": {"Resources": {"b": {}}}}
