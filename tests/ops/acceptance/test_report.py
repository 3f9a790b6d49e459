"""The report of an acceptance run: what it says about each assumption, both ways, and that it names nobody."""

import dataclasses
import json

import pytest

from lambdas.gate.state.fact import Row
from ops.acceptance import masking, seen
from ops.acceptance.report import NOT_PLAYED, report, summary
from ops.acceptance.run import Run, Step
from ops.checks.assumptions import ASSUMED
from ops.checks.deployment import DeploymentCheck
from ops.checks.expectation import Answer, Finding, Verdict, Weight, ask_all
from ops.checks.judge import JudgeCheck
from ops.checks.rollback import RollbackCheck
from ops.checks.shadow import ShadowCheck
from ops.render.acceptance import markdown
from tests.ops.acceptance.fake_aws import T, fresh
from world.assumptions import Assumptions

AGREES, DIFFERS, NOT_SEEN = Verdict.AGREES, Verdict.DIFFERS, Verdict.NOT_SEEN
ACCOUNT = "123456789012"
PERSON = f"arn:aws:sts::{ACCOUNT}:assumed-role/DataScience/alice.smith"


def test_every_switch_of_the_model_is_an_assumption_of_the_report() -> None:
    assert list(ASSUMED) == [field.name for field in dataclasses.fields(Assumptions)]
    assert [each["name"] for each in report(fresh(), None)["assumptions"]] == list(ASSUMED)
    assert NOT_PLAYED.keys() <= ASSUMED.keys()


def test_a_check_that_settles_an_assumption_states_it_as_the_report_does() -> None:
    rows: tuple[Row, ...] = ()
    checks = (
        *DeploymentCheck(None, T).assumptions(),
        *RollbackCheck(None, "", rows).assumptions(),
        *JudgeCheck(None, "", rows).assumptions(),
        *ShadowCheck(None, "", rows).assumptions(),
        *seen.SeenCheck(fresh()).assumptions(),
    )
    settling = [each for each in checks if each.assumption]
    assert [each.text for each in settling] == [ASSUMED[each.assumption] for each in settling]
    assert {each.assumption for each in settling} == ASSUMED.keys() - NOT_PLAYED.keys()


def finding(name: str, verdict: Verdict) -> Finding:
    return Finding(ASSUMED[name], Weight.EITHER, Answer(verdict, f"{name} was looked up"), assumption=name)


@pytest.mark.parametrize("name", ASSUMED)
@pytest.mark.parametrize("verdict", [AGREES, DIFFERS, NOT_SEEN])
def test_each_assumption_is_reported_as_it_was_found(name: str, verdict: Verdict) -> None:
    run = fresh()
    run.find([finding(name, verdict)])
    (found,) = [each for each in report(run, None)["assumptions"] if each["name"] == name]
    assert found == {
        "name": name,
        "assumed": ASSUMED[name],
        "verdict": verdict.value,
        "seen": f"{name} was looked up",
    }
    said = {
        AGREES: "1 of 25 assumptions are settled, and none differs.",
        DIFFERS: f"1 of 25 assumptions are settled, and 1 differs: {name}.",
        NOT_SEEN: "0 of 25 assumptions are settled, and none differs.",
    }
    assert summary(report(run, None)) == said[verdict]
    assert f"| `{name}` | {ASSUMED[name]} | {verdict} |" in markdown(report(run, None)).replace("\\_", "_")


def test_what_shows_nothing_replaces_nothing_and_a_later_answer_does() -> None:
    run, name = fresh(), "rolling_back_shows"
    for verdict, kept in ((NOT_SEEN, NOT_SEEN), (AGREES, AGREES), (NOT_SEEN, AGREES), (DIFFERS, DIFFERS)):
        run.find([finding(name, verdict)])
        assert [each.answer.verdict for each in run.found()] == [kept]


SEEN: list[tuple[str, dict[str, object], dict[str, int], Verdict, str]] = [
    ("rolling_back_shows", {}, {"RollingBack": 2}, AGREES, "read 2 times"),
    ("rolling_back_shows", {}, {"Updating": 2}, NOT_SEEN, "no reading saw it"),
    ("updating_shows_old_config", {}, {seen.NAMES_OLD: 3}, AGREES, "the old config in 3 readings, the new one in 0"),
    ("updating_shows_old_config", {}, {seen.NAMES_NEW: 1}, DIFFERS, "the old config in 0 readings, the new one in 1"),
    ("updating_shows_old_config", {}, {}, NOT_SEEN, "no update was seen in flight"),
    ("live_config_refused", {seen.LIVE_CONFIG: {"refused": None}}, {}, AGREES, "it was taken"),
    ("live_config_refused", {seen.LIVE_CONFIG: {"refused": "in use"}}, {}, DIFFERS, "it was refused: in use"),
    ("live_config_refused", {}, {}, NOT_SEEN, "the run did not come to that call"),
    ("firing_alarm_refused", {seen.MISSING_ALARM: {"refused": None}}, {}, AGREES, "it was taken"),
    ("firing_alarm_refused", {seen.MISSING_ALARM: {"refused": "none"}}, {}, DIFFERS, "it was refused: none"),
    ("image_digest_filled_in", {seen.DIGEST: True}, {}, AGREES, "the version has one"),
    ("image_digest_filled_in", {seen.DIGEST: False}, {}, DIFFERS, "the version has none"),
    ("image_digest_filled_in", {}, {}, NOT_SEEN, "no version was registered"),
    ("model_shows_containers", {seen.CONTAINERS: []}, {}, AGREES, "it shows the package alone"),
    ("model_shows_containers", {seen.CONTAINERS: ["Image"]}, {}, DIFFERS, "DescribeModel shows Image"),
    ("model_shows_containers", {}, {}, NOT_SEEN, "no version was live"),
]


@pytest.mark.parametrize(("name", "made", "readings", "verdict", "told"), SEEN)
def test_what_the_run_itself_sees(
    name: str, made: dict[str, object], readings: dict[str, int], verdict: Verdict, told: str
) -> None:
    run = dataclasses.replace(fresh(), made=made, readings=readings)
    found = {each.assumption: each.answer for each in ask_all(seen.SeenCheck(run).assumptions())}
    assert found[name] == Answer(verdict, told)


@pytest.mark.parametrize(
    ("status", "config", "new", "readings"),
    [
        ("Updating", "gate-1", "gate-2", ["Updating", seen.NAMES_OLD]),
        ("Updating", "gate-2", "gate-2", ["Updating", seen.NAMES_NEW]),
        ("Updating", "gate-1", None, ["Updating"]),
        ("RollingBack", "gate-1", "gate-2", ["RollingBack"]),
    ],
)
def test_a_reading_of_the_endpoint(status: str, config: str, new: str | None, readings: list[str]) -> None:
    assert list(seen.readings({"EndpointStatus": status, "EndpointConfigName": config}, new)) == readings


NAMING = (
    f"Acceptance-ab12/1: {PERSON} made the call, the ledger has alice.smith",
    f"it was refused: Endpoint arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/acceptance-ab12 is busy",
    f"s3://approval-gate-acceptance-ab12-{ACCOUNT}-us-east-1/models/v1/model.tar.gz was read",
    f"the bucket approval-gate-acceptance-ab12-{ACCOUNT}-us-east-1 and {ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/x",
    "AROAEXAMPLEEXAMPLE12:alice.smith and alice@example.com and AIDAIT2UOQQY3AUEKVGXU",
)


def test_a_report_has_no_account_details() -> None:
    run = fresh()
    run.steps.append(Step("a step", T, failure=NAMING[1]))
    for number, text in enumerate(NAMING):
        run.find([Finding(f"expectation {number}", Weight.REQUIRED, Answer(DIFFERS, text))])
    people = masking.people((PERSON, "bob", f"arn:aws:iam::{ACCOUNT}:user/carol"))
    hidden = masking.masked(report(run, NAMING[0]), people)
    for text in (json.dumps(hidden), markdown(hidden)):
        assert [
            each for each in (ACCOUNT, "arn:aws", "alice", "DataScience", "AIDA", "AROA", "s3://") if each in text
        ] == []
    assert [each["seen"] for each in hidden["relied_on"]] == [
        "Acceptance-ab12/1: (ARN) made the call, the ledger has (person)",
        "it was refused: Endpoint (ARN) is busy",
        "(object) was read",
        "the bucket (account) and (account)/x",
        "(person) and (person) and (person)",
    ]


def test_names_in_the_middle_of_a_word_stay() -> None:
    assert masking.masked({"a": ["bob saw bobby"]}, frozenset({"bob"})) == {"a": ["(person) saw bobby"]}


def test_the_page_says_how_each_step_ended() -> None:
    run: Run = fresh()
    run.steps += [Step("one", T, T + 372), Step("two", T, failure="it | did not")]
    page = markdown(report(run, "It did not go as it must: step 2"))
    assert "| one | 6 min 12 s | as it must |\n| two |  | it \\| did not |" in page
    assert "It ended early: It did not go as it must: step 2" in page
