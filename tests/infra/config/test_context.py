"""What the app reads of the CDK's context, and what of it is refused because the CDK would ignore it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.config.context import Context, context, load_context
from infra.config.context_keys import ARCHITECTURE, BOUNDARY, DEPLOYING_ROLE, ENDPOINTS, QUALIFIER, RULES, RUNTIME
from infra.config.problem import ConfigError

ROLE = "arn:aws:iam::123456789012:role/deployer"
POLICY = "arn:aws:iam::123456789012:policy/boundary"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, Context("endpoints.yaml", None, "python3.14", "arm64", None)),
        ({ENDPOINTS: "prod.yaml"}, Context(endpoints="prod.yaml")),
        *(({RUNTIME: each}, Context(runtime=each)) for each in ("python3.11", "python3.12", "python3.13")),
        *(({ARCHITECTURE: each}, Context(architecture=each)) for each in ("x86_64", "arm64")),
        ({DEPLOYING_ROLE: ROLE}, Context(deploying_role=ROLE)),
        ({DEPLOYING_ROLE: "arn:aws:iam::*:role/cdk-*"}, Context(deploying_role="arn:aws:iam::*:role/cdk-*")),
        ({RULES: 1000}, Context(rules=1000)),
        ({RULES: "1000"}, Context(rules=1000)),  # As `-c` gives it.
        ({RUNTIME: None, BOUNDARY: None}, Context()),
        ({BOUNDARY: {"name": "cdk-${Qualifier}-boundary"}, QUALIFIER: "mlplatform"}, Context()),
        ({BOUNDARY: {"arn": POLICY}}, Context()),
        ({BOUNDARY: {"arn": "arn:aws:iam::aws:policy/PowerUserAccess"}}, Context()),
    ],
)
def test_the_context_is_read_with_todays_defaults(given: dict[str, Any], read: Context) -> None:
    assert context(given) == read


def told(given: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Key, found, allowed and fix of each problem."""
    with pytest.raises(ConfigError) as raised:
        context(given)
    heading, *problems = str(raised.value).split("\n\n")
    assert heading == f"The CDK's context has {len(problems)} problem{'s' if len(problems) > 1 else ''}:"
    parts = [re.fullmatch(r"(.*)\n  found    (.*)\n  allowed  (.*)\n  fix      (.*)", each) for each in problems]
    return [(each[1], each[2], each[3], each[4]) for each in parts if each]


RUNTIMES = "python3.14, python3.13, python3.12 or python3.11"
ANY = "write a value that is allowed"


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("python3.9", ANY),
        ("python3.10", ANY),
        ("python3.15", ANY),
        ("nodejs22.x", ANY),
        ("", ANY),
        (["python3.13"], "write `python3.13`"),
        ({"name": 3}, ANY),
        (True, ANY),
        (3.13, "write `python3.13`"),
        ("3.12", "write `python3.12`"),
        ("Python 3.12", "write `python3.12`"),
        ("PYTHON_3_11", "write `python3.11`"),
    ],
)
def test_a_runtime_that_lambda_or_the_code_lacks_is_refused_with_what_is_allowed(given: Any, fix: str) -> None:
    assert told({RUNTIME: given}) == [(RUNTIME, json.dumps(given), RUNTIMES, fix)]


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("aarch64", "write `arm64`"),
        ("ARM_64", "write `arm64`"),
        ("amd64", "write `x86_64`"),
        ("x86-64", "write `x86_64`"),
        ("x86", ANY),
        ("mips", ANY),
        (64, ANY),
    ],
)
def test_an_architecture_that_lambda_lacks_is_refused_with_what_is_allowed(given: Any, fix: str) -> None:
    assert told({ARCHITECTURE: given}) == [(ARCHITECTURE, json.dumps(given), "arm64 or x86_64", fix)]


@pytest.mark.parametrize("given", ["", " ", ["endpoints.yaml"], 1, True, {}])
def test_the_file_is_a_path(given: Any) -> None:
    fix = "write the path of your file"
    assert told({ENDPOINTS: given}) == [
        (ENDPOINTS, json.dumps(given), "the path of a file such as endpoints.yaml", fix)
    ]


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("deployer", "write the role's whole ARN, which `aws iam get-role` shows"),
        ("arn:aws:iam::123456789012:user/deployer", "write the role's whole ARN, which `aws iam get-role` shows"),
        ([ROLE], "write the role's whole ARN, which `aws iam get-role` shows"),
        ("arn:aws:sts::123456789012:assumed-role/deployer/session", f"write `{ROLE}`"),
    ],
)
def test_a_deploying_role_that_is_no_role_is_refused_because_nobody_could_change_the_ledgers_table(
    given: Any, fix: str
) -> None:
    allowed = "the ARN of an IAM role, arn:aws:iam::ACCOUNT:role/NAME, in which * may stand for a part"
    assert told({DEPLOYING_ROLE: given}) == [(DEPLOYING_ROLE, json.dumps(given), allowed, fix)]


@pytest.mark.parametrize("given", [0, -1, "many", 300.5, True, [300]])
def test_the_rules_of_the_bus_are_a_whole_number(given: Any) -> None:
    ((key, found, allowed, _),) = told({RULES: given})
    assert (key, found, allowed) == (RULES, json.dumps(given), "a whole number above 0")


BOUNDARIES = 'a mapping with either "name" or "arn", in "context" of cdk.json. `-c` gives the CDK only text'
NAMED = f'put it into "context" of cdk.json: `"{BOUNDARY}": {{"name": "boundary"}}`'
BY_ARN = f'put it into "context" of cdk.json: `"{BOUNDARY}": {{"arn": "{POLICY}"}}`'
ANY_NAME = f'put it into "context" of cdk.json: `"{BOUNDARY}": {{"name": "NAME"}}`'


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("boundary", NAMED),
        ('{"name": "boundary"}', NAMED),  # As `-c` gives it.
        (POLICY, BY_ARN),
        (f'{{"arn": "{POLICY}"}}', BY_ARN),
        ({"Name": "boundary"}, NAMED),
        ({"policyName": "boundary"}, NAMED),
        ({"name": POLICY}, BY_ARN),
        ({"arn": "boundary"}, NAMED),
        ({"name": ""}, ANY_NAME),
        ({"name": ["boundary"]}, ANY_NAME),
        ({"name": "boundary", "arn": POLICY}, ANY_NAME),
        ({"name": "boundary", "path": "/ml/"}, ANY_NAME),
        ({}, ANY_NAME),
        (["boundary"], ANY_NAME),
        (True, ANY_NAME),
    ],
)
def test_a_boundary_that_the_cdk_ignores_is_refused_with_the_line_to_write(given: Any, fix: str) -> None:
    assert told({BOUNDARY: given}) == [(BOUNDARY, json.dumps(given), BOUNDARIES, fix)]


def test_a_boundary_with_a_placeholder_that_the_stacks_cannot_fill_is_refused() -> None:
    given = {"name": "cdk-${AWS::Region}-boundary"}
    allowed = "no placeholder but ${Qualifier}: the stacks are made for any account and Region"
    assert told({BOUNDARY: given}) == [(BOUNDARY, json.dumps(given), allowed, "write it out")]


@pytest.mark.parametrize(
    "key",
    [
        "permissionsBoundary",
        "permissions_boundary",
        "permissions-boundary",
        "permissionBoundary",
        "boundary",
        "@aws-cdk/core:permissionBoundary",
        "@aws-cdk/core:PermissionsBoundary",
        "@aws-cdk:permissionsBoundary",
        "aws-cdk/core:permissionsBoundary",
        "@aws-cdk/aws-iam:permissionsBoundary",
        "customPermissionsBoundary",
        "approval-gate:permissions-boundary",
    ],
)
def test_a_boundary_under_another_key_is_noticed(key: str) -> None:
    found = f"the unknown key `{key}`, which the CDK ignores"
    assert told({key: {"name": "boundary"}}) == [(key, found, f"the keys {BOUNDARY}", NAMED)]


def test_a_boundary_below_another_key_is_noticed() -> None:
    found = "the unknown key `@aws-cdk/core`, which the CDK ignores"
    given = {"@aws-cdk/core": {"permissionsBoundary": {"name": "boundary"}}}
    assert told(given) == [("@aws-cdk/core", found, f"the keys {BOUNDARY}", ANY_NAME)]


OWN = "the keys endpoints, approval-gate:runtime, approval-gate:architecture, approval-gate:deploying-role, "
OWN += "approval-gate:event-bus-rules"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("endpoint", ENDPOINTS),
        ("Endpoints", ENDPOINTS),
        ("endpoints-file", ENDPOINTS),
        ("approval-gate:endpoints", ENDPOINTS),
        ("runtime", RUNTIME),
        ("approval-gate:Runtime", RUNTIME),
        ("approval_gate:runtime", RUNTIME),
        ("approval-gate/runtime", RUNTIME),
        ("gate:runtime", RUNTIME),
        ("arch", ARCHITECTURE),
        ("approval-gate:architectures", ARCHITECTURE),
        ("deploying-role", DEPLOYING_ROLE),
        ("approval-gate:deploying_role", DEPLOYING_ROLE),
        ("approval-gate:deployingRole", DEPLOYING_ROLE),
    ],
)
def test_a_misspelled_key_is_refused_because_the_default_would_be_deployed(key: str, meant: str) -> None:
    found = f"the unknown key `{key}`, which the CDK ignores"
    assert told({key: "x"}) == [(key, found, OWN, f"did you mean `{meant}`?")]


def test_an_unknown_key_of_ours_is_refused_if_it_resembles_none() -> None:
    found = "the unknown key `approval-gate:vpc`, which the CDK ignores"
    assert told({"approval-gate:vpc": "vpc-1"}) == [("approval-gate:vpc", found, OWN, "remove it")]


@pytest.mark.parametrize(
    "key", ["bootstrapQualifier", "@aws-cdk/core:bootstrapQualifer", "@aws-cdk:bootstrapQualifier"]
)
def test_a_misspelled_qualifier_is_refused_because_the_stacks_would_use_other_roles(key: str) -> None:
    found = f"the unknown key `{key}`, which the CDK ignores"
    assert told({key: "ml"}) == [(key, found, f"the keys {QUALIFIER}", f"did you mean `{QUALIFIER}`?")]


def test_all_problems_are_told_at_once() -> None:
    assert [key for key, *_ in told({RUNTIME: "x", "endpoint": "y", BOUNDARY: "z"})] == [RUNTIME, "endpoint", BOUNDARY]


def test_the_keys_of_the_cdk_and_of_the_user_are_left_alone() -> None:
    given = {
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:disable-stack-trace": True,
        "@aws-cdk/core:stackRelativeExports": True,
        "@aws-cdk/aws-lambda-nodejs:useLatestRuntimeVersion": True,
        "@aws-cdk/core:newStyleStackSynthesis": True,
        "availability-zones:account=123456789012:region=eu-west-1": ["eu-west-1a"],
        "endpoint-service-availability-zones:account=123456789012:region=eu-west-1:service=s": [],
        "acknowledged-issue-numbers": [1],
        "cli-telemetry": False,
        "mycompany:runtime": "java",
        "team": "ml",
    }
    assert context(given) == Context()


@pytest.mark.parametrize(
    ("settings", "key", "meant"),
    [
        ({BOUNDARY: {"name": "boundary"}}, BOUNDARY, BOUNDARY),
        ({"permissionsBoundary": "boundary"}, "permissionsBoundary", BOUNDARY),
        ({"bootstrap": {"customPermissionsBoundary": "boundary"}}, "customPermissionsBoundary", BOUNDARY),
        ({RUNTIME: "python3.13"}, RUNTIME, RUNTIME),
        ({"endpoints": "prod.yaml"}, ENDPOINTS, ENDPOINTS),
    ],
)
def test_a_key_beside_the_context_of_cdk_json_is_noticed(
    settings: dict[str, Any], key: str, meant: str, tmp_path: Path
) -> None:
    file = tmp_path / "cdk.json"
    file.write_text(json.dumps({"app": "python3 app.py", "context": {"team": "ml"}, **settings}))
    with pytest.raises(ConfigError) as raised:
        load_context({}, file)
    assert str(raised.value) == (
        "The CDK's context has 1 problem:\n\n"
        f"{key}\n"
        f"  found    the key `{key}` of cdk.json, outside its context, which the CDK ignores\n"
        f'  allowed  `{meant}` in "context"\n'
        f'  fix      move it into "context" of cdk.json, as `"{meant}"`'
    )


@pytest.mark.parametrize("text", [None, "{", "[]", '{"app": "x", "profile": "p", "toolkitStackName": "t"}'])
def test_a_cdk_json_without_such_keys_is_no_problem(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "cdk.json"
    if text is not None:
        file.write_text(text)
    assert load_context({}, file) == Context()
