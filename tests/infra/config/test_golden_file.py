"""Files of golden requests: what a line may say, with the whole message of each mistake."""

import hashlib
import json
from pathlib import Path

import botocore.session
import pytest

from infra.config import golden_file, limits
from infra.config.load import Configuration, load
from infra.config.problem import ConfigError
from lambdas.gate.spec.spec import Golden
from lambdas.prober.golden_request import read
from tests.infra.conftest import ROOT

GOOD = '{"body": "1,2,3", "expect": 0.5}'


def loaded(folder: Path, *lines: str, entry: str = "", path: str = "golden.jsonl") -> Configuration:
    (folder / "golden.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (folder / "endpoints.yaml").write_text(
        "endpoints:\n  churn:\n    model_package_group: Group\n    variant: {instance_type: ml.m5.large}\n"
        f"    model_artifacts: s3://models/\n    golden_requests: {path}\n{entry}"
    )
    return load(folder / "endpoints.yaml")


def problems(folder: Path, *lines: str, entry: str = "", path: str = "golden.jsonl") -> str:
    with pytest.raises(ConfigError) as raised:
        loaded(folder, *lines, entry=entry, path=path)
    return str(raised.value).replace(f"{folder}/", "")


@pytest.mark.parametrize("path", ["../golden.jsonl", "inside/../../golden.jsonl", "link.jsonl", "folder/golden.jsonl"])
def test_the_file_lies_below_the_folder_of_endpoints_yaml(tmp_path: Path, path: str) -> None:
    (tmp_path / "golden.jsonl").write_text(f"{GOOD}\n")
    folder = tmp_path / "app"
    (folder / "inside").mkdir(parents=True)
    (folder / "link.jsonl").symlink_to(tmp_path / "golden.jsonl")
    (folder / "folder").symlink_to(tmp_path)
    assert "a file outside the folder of endpoints.yaml" in problems(folder, GOOD, path=path)


def test_a_spec_carries_the_digest_of_its_file_and_the_number_of_requests(tmp_path: Path) -> None:
    (endpoint,) = loaded(tmp_path, GOOD, "", '{"name": "b", "body": [1], "at": "ok"}').endpoints
    content = (tmp_path / "golden.jsonl").read_bytes()
    assert endpoint.golden is not None
    assert endpoint.golden.content == content
    assert endpoint.spec("role").golden == Golden(hashlib.sha256(content).hexdigest(), 2)


def test_an_entry_without_golden_requests_has_none() -> None:
    churn = load(ROOT / "endpoints.yaml").endpoints[1]
    assert (churn.golden, churn.spec("role").golden) == (None, None)


def test_what_ships_can_be_played() -> None:
    fraud = load(ROOT / "endpoints.yaml").endpoints[0]
    assert fraud.golden is not None
    assert len(read(fraud.golden.content.decode())) == fraud.golden.requests == 4


def test_a_path_may_be_given_from_the_files_folder_or_from_the_root(tmp_path: Path) -> None:
    (endpoint,) = loaded(tmp_path, GOOD, path=str(tmp_path / "golden.jsonl")).endpoints
    assert endpoint.golden is not None


def test_two_endpoints_may_share_a_file_whose_problems_are_told_once(tmp_path: Path) -> None:
    other = (
        "  other:\n    model_package_group: Group\n    variant: {instance_type: ml.m5.large}\n"
        "    model_artifacts: s3://models/\n    golden_requests: golden.jsonl\n"
    )
    assert len(loaded(tmp_path, GOOD, entry=other).endpoints) == 2
    assert problems(tmp_path, "{}", entry=other).count("golden.jsonl:1: body") == 1


ALLOWED = "the keys name, body, content_type, accept, expect, tolerance, at"
BODY = "the request: a text, which is sent as it is, or other JSON, which is sent as JSON"
TOLERANCE = "an object with absolute, relative or both, each a number of at least 0"


@pytest.mark.parametrize(
    ("line", "where", "found", "allowed", "fix"),
    [
        ("{", "", "{: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)", "", ""),
        ("[1]", "", "[1]", f"an object with {ALLOWED}", "write an object"),
        (f"{GOOD} {GOOD}", "", f"{GOOD} {{"[:57], "one JSON object a line", "correct the line"),
        ('{"body": "a", "expect": NaN}', "", "NaN is not a number in JSON", "", ""),
        ('{"body": "a", "body": "b", "expect": 1}', "", "the key 'body' twice", "", ""),
        (
            '{"body": "a", "expct": 1, "at": "ok"}',
            "expct",
            "the unknown key `expct`",
            ALLOWED,
            "did you mean `expect`?",
        ),
        (
            '{"body": "\\ud800", "expect": 1}',
            "body",
            "a text that UTF-8 cannot encode: surrogates",
            BODY,
            "write whole",
        ),
        (
            '{"body": ["\\ud800"], "expect": 1}',
            "body",
            "a text that UTF-8 cannot encode: surrogates",
            BODY,
            "write whole",
        ),
        ('{"expect": 1}', "body", "nothing", BODY, 'add `"body": "1,2,3"`'),
        (
            '{"body": "a"}',
            "",
            "a request without an expected answer",
            "expect, the answer; at, an expression that must be true; or both, if expect is what at must give",
            'add `"expect": 0.93`',
        ),
        ('{"body": "a", "expect": 1, "name": ""}', "name", '""', "a text of 1 to 200 characters, each name once", ""),
        ('{"body": "a", "expect": 1, "accept": "ä"}', "accept", '"ä"', "a text of 1 to 200 ASCII characters", ""),
        ('{"body": "a", "expect": 1, "content_type": 7}', "content_type", "7", "a text of 1 to 200 ASCII", ""),
        ('{"body": "a", "at": ""}', "at", '""', "a JMESPath expression, which is applied to the answer", ""),
        ('{"body": "a", "at": "a["}', "at", '"a[": it is not complete', "a JMESPath expression", "correct it there"),
        ('{"body": "a", "at": "lenght(a)"}', "at", "the unknown function `lenght`", "", "did you mean `length`?"),
        ('{"body": "a", "at": "length()"}', "at", "`length` with 0 arguments", "1 argument", "correct the call"),
        ('{"body": "a", "expect": 1, "tolerance": 0.1}', "tolerance", "0.1", TOLERANCE, ""),
        ('{"body": "a", "expect": 1, "tolerance": {}}', "tolerance", "{}", TOLERANCE, ""),
        ('{"body": "a", "expect": 1, "tolerance": {"abs": 1}}', "tolerance", '{"abs": 1}', TOLERANCE, ""),
        ('{"body": "a", "expect": 1, "tolerance": {"relative": -1}}', "tolerance.relative", "-1", TOLERANCE, ""),
        ('{"body": "a", "expect": 1, "tolerance": {"absolute": true}}', "tolerance.absolute", "true", TOLERANCE, ""),
        (
            '{"body": "a", "expect": {"a": ["b"]}, "tolerance": {"absolute": 1}}',
            "expect",
            '{"a": ["b"]}',
            "a number, or a list or object with numbers, for a tolerance",
            "remove the tolerance",
        ),
        ('{"body": "a", "at": "ok", "tolerance": {"absolute": 1}}', "expect", "nothing", "a number, or a list", ""),
    ],
)
def test_a_line_is_explained(tmp_path: Path, line: str, where: str, found: str, allowed: str, fix: str) -> None:
    message = problems(tmp_path, GOOD, "", line)
    place = f"golden.jsonl:3: {where}".rstrip(": ")
    assert message.startswith(f"golden.jsonl has 1 problem:\n\n{place}\n  found    ")
    for text in (found, allowed, fix):
        assert text in message


def test_all_problems_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    missing = (
        "  other:\n    model_package_group: Group\n    variant: {instance_type: ml.m5.large}\n"
        "    model_artifacts: s3://models/\n    golden_requests: none.jsonl\n"
    )
    named = '{"name": "a", "body": "a", "expect": 1}'
    assert problems(tmp_path, named, '{"body": 1}', named, entry=missing) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:11: endpoints.other.golden_requests\n"
        '  found    "none.jsonl", a file that cannot be read: No such file or directory\n'
        "  allowed  a JSON Lines file in UTF-8, one golden request a line\n"
        "  fix      write its path from the folder of endpoints.yaml\n"
        "\n"
        "golden.jsonl has 2 problems:\n"
        "\n"
        "golden.jsonl:2\n"
        "  found    a request without an expected answer\n"
        "  allowed  expect, the answer; at, an expression that must be true; or both, if expect is what at "
        "must give\n"
        '  fix      add `"expect": 0.93`\n'
        "\n"
        "golden.jsonl:3: name\n"
        '  found    "a", as in line 1\n'
        "  allowed  each name once\n"
        "  fix      choose another"
    )


def test_a_request_larger_than_invoke_endpoint_takes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "INVOCATION_BYTES", 3)
    assert loaded(tmp_path, '{"body": "abc", "expect": 1}').endpoints
    assert "found    4 bytes\n  allowed  at most 3 bytes, InvokeEndpoint's limit" in problems(
        tmp_path, '{"body": "éé", "expect": 1}'
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\n \n", "a file of 0 requests"),
        (f"{GOOD}\n".encode() * 201, "a file of 201 requests"),
        (b"\xff", "a file that is not UTF-8: invalid start byte"),
        (b"x" * 32_000_001, "a file of 32000001 bytes"),
    ],
)
def test_a_file_that_does_not_fit_is_a_problem_of_endpoints_yaml(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "other.jsonl").write_bytes(content)
    message = problems(tmp_path, GOOD, path="other.jsonl")
    assert message.startswith(
        "endpoints.yaml has 1 problem:\n\nendpoints.yaml:6: endpoints.churn.golden_requests\n"
        f'  found    "other.jsonl", {found}\n'
    )


def test_the_bound_of_a_body_is_the_one_of_botocores_model() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker-runtime")
    body = model.operation_model("InvokeEndpoint").input_shape.members["Body"]
    assert body.metadata["max"] == limits.INVOCATION_BYTES


def test_the_golden_alarm_leaves_room_for_five_of_the_users(tmp_path: Path) -> None:
    alarms = "    rollback_on: {{alarms: [{}]}}\n"
    assert loaded(tmp_path, GOOD, entry=alarms.format("a, b, c, d, e")).endpoints
    assert problems(tmp_path, GOOD, entry=alarms.format("a, b, c, d, e, f")) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:7: endpoints.churn.rollback_on.alarms\n"
        "  found    6 alarms, and golden_requests\n"
        "  allowed  at most 5 alarms with golden_requests. SageMaker takes 10 for a rollout, and 5 are "
        "Approval Gate's own.\n"
        "  fix      remove one of them"
    )


def test_golden_requests_need_a_bake_at_full_traffic(tmp_path: Path) -> None:
    assert "endpoints.churn.rollout.bake_seconds\n  found    0\n  allowed  at least 271 with golden_requests" in (
        problems(tmp_path, GOOD, entry="    rollout: {strategy: canary, bake_seconds: 0}\n")
    )
    assert loaded(tmp_path, GOOD, entry="    rollout: {strategy: rolling}\n").endpoints


def test_a_line_that_is_valid_can_be_played() -> None:
    lines = [
        '{"body": "a", "expect": null}',
        '{"body": {"a": 1}, "content_type": "application/jsonlines", "accept": "text/csv", "at": "[0]"}',
        '{"name": "n", "body": 1, "expect": [0.5, {"a": 2}], "tolerance": {"absolute": 0, "relative": 0.1}}',
    ]
    assert list(golden_file._problems(list(enumerate(lines, 1)))) == []
    assert [json.loads(line).get("name", f"line {n}") for n, line in enumerate(lines, 1)] == [
        request.name for request in read("\n".join(lines))
    ]
