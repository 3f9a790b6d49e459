"""The gate: for each check when it passes, when it fails, and that it stays shut on what is not known."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer, Check, Result, Verdict
from lambdas.gate.spec.serving import Serving, Variable
from lambdas.gate.spec.spec import Condition, Freeze, Gate, Mode, Soak, Spec
from lambdas.gate.state.evidence import Evidence, Soaked
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Container, Package
from lambdas.gate.state.orders import Override
from lambdas.gate.state.pin import Artifact, Pin
from tests.lambdas.builders import NOW, SPEC, approval, package

ANN = Identity(arn="arn:aws:iam::123456789012:user/ann")
BO = Identity(arn="arn:aws:iam::123456789012:user/bo")
DEPLOYER = Identity(arn="arn:aws:sts::123456789012:assumed-role/approval-gate-us-east-1.deployer/x")
STUDIO = "arn:aws:sts::123456789012:assumed-role/studio/SageMaker"
PIPELINE = Identity(arn="arn:aws:sts::123456789012:assumed-role/pipelines-fraud/SageMaker")
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"
MODEL = Artifact("s3://example-models/fraud/1.tar.gz", "etag-1", None, NOW - 2000)
PIN = Pin("0123456789abcdef", (MODEL,))
F1 = "metrics.ModelQuality.Statistics.f1.value"
GOOD = Condition("f1", f"{F1} >= `0.8`")
NO_WORSE = f"live == `null` || {F1} >= live.{F1}"
DOCUMENT = {"metrics": {"ModelQuality": {"Statistics": {"f1": {"value": 0.9}}}}, "live": None}
EVIDENCE = Evidence(document=DOCUMENT, pin=PIN)


def judge(
    policy: Gate,
    *,
    evidence: Evidence = EVIDENCE,
    overrides: tuple[Override, ...] = (),
    container: dict[str, Any] | None = None,
    registered_by: Identity | None = BO,
    specified_by: Identity | None = None,
    **given: Any,
) -> Verdict:
    containers = (Container(**{"image": IMAGE, "model_data": MODEL.uri} | (container or {})),)
    version = package(2, containers=containers, registered_by=registered_by, specified_by=specified_by)
    asked = dataclasses.replace(SPEC, gate=policy)
    approved = approval(2, **{"approver": ANN, "pin": PIN, **given})
    return checks.evaluate(checks.Question(asked, version, approved, evidence, NOW), overrides)


def check(name: str, policy: Gate, **given: Any) -> Check:
    (found,) = (each for each in judge(policy, **given).checks if each.name == name)
    return found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Verdict(Answer.PASSED, "Approved and Completed at the last read")),
        ({"approval_status": "Rejected"}, Verdict(Answer.REFUSED, "its approval status is Rejected")),
        (
            {"at_stage": False},
            Verdict(
                Answer.REFUSED,
                "its approval status is Approved, and it is not at the stage that counts as approved",
            ),
        ),
        ({"status": "InProgress"}, Verdict(Answer.HELD, "its package is still InProgress")),
        ({"status": "Failed"}, Verdict(Answer.REFUSED, "its package is Failed")),
    ],
)
def test_the_registry_s_own_word(fields: dict[str, Any], expected: Verdict) -> None:
    assert checks.authorise(package(2, **fields)) == expected


def test_a_version_that_is_gone_is_refused() -> None:
    assert checks.authorise(None) == Verdict(Answer.REFUSED, "the version does not exist any more")


@pytest.mark.parametrize(
    ("given", "result", "found"),
    [
        ({}, Result.PASSED, f"registered by {BO.arn}, approved by {ANN.arn} (different roles or users)"),
        ({"registered_by": ANN}, Result.FAILED, f"registered by {ANN.arn}, approved by {ANN.arn} (the same IAM user)"),
        ({"approver": DEPLOYER}, Result.FAILED, f"approved by {DEPLOYER.arn}, a role of Approval Gate itself"),
        ({"registered_by": None}, Result.UNREAD, "SageMaker does not say who registered it"),
        ({"registered_by": Identity()}, Result.UNREAD, "SageMaker does not say who registered it"),
        ({"approver": None}, Result.UNREAD, "SageMaker does not say who approved it"),
        ({"approver": Identity()}, Result.UNREAD, "SageMaker does not say who approved it"),
        (
            {"uncertain": True},
            Result.UNREAD,
            "the package was changed between the approval and the first reconcile, so the approver is uncertain",
        ),
        (
            {"uncertain": True, "inferred": True},
            Result.UNREAD,
            "the approval has no event, and the last to change the package may not be the approver",
        ),
        (
            {"approver": Identity(source_identity="ann")},
            Result.UNREAD,
            f"registered by {BO.arn}, approved by ann "
            "(not comparable, because name of a role or user is not known of both)",
        ),
        (
            {"specified_by": ANN},
            Result.FAILED,
            f"last changed by {ANN.arn}, approved by {ANN.arn} (the same IAM user)",
        ),
        (
            {"specified_by": Identity(source_identity="ann")},
            Result.UNREAD,
            f"last changed by ann, approved by {ANN.arn} "
            "(not comparable, because name of a role or user is not known of both)",
        ),
        (
            {"specified_by": PIPELINE},
            Result.PASSED,
            f"registered by {BO.arn}, approved by {ANN.arn} (different roles or users)",
        ),
        ({"registered_by": PIPELINE}, Result.UNREAD, f"registered by {PIPELINE.arn}, a role that no person uses"),
        ({"approver": PIPELINE}, Result.FAILED, f"approved by {PIPELINE.arn}, a role that no person uses"),
        (
            {"specifies": True},
            Result.FAILED,
            f"approved by {ANN.arn}, and the approving call wrote its specification",
        ),
    ],
)
def test_four_eyes(given: dict[str, Any], result: Result, found: str) -> None:
    wanted = "an approver who is none of the version's authors"
    assert check("four_eyes", Gate(four_eyes=True, automation=("role/pipelines-*",)), **given) == Check(
        "four_eyes", result, found, wanted
    )


@pytest.mark.parametrize(
    ("patterns", "given", "result", "found"),
    [
        (("user/ann",), {}, Result.PASSED, "user/ann"),
        (("role/x", "user/a*"), {}, Result.PASSED, "user/ann"),
        (("user/ANN",), {}, Result.FAILED, "user/ann"),
        (("role/*",), {}, Result.FAILED, "user/ann"),
        (
            ("*",),
            {"approver": Identity(arn="arn:aws:iam::123456789012:root")},
            Result.FAILED,
            "neither a role nor a user of this account",
        ),
        (
            ("role/reviewers",),
            {"approver": Identity(arn="arn:aws:sts::210987654321:assumed-role/reviewers/own")},
            Result.FAILED,
            "neither a role nor a user of this account",
        ),
        (("*",), {"approver": None}, Result.UNREAD, "SageMaker does not say who approved it"),
        (
            ("*",),
            {"uncertain": True},
            Result.UNREAD,
            "the package was changed between the approval and the first reconcile, so the approver is uncertain",
        ),
    ],
)
def test_approvers(patterns: tuple[str, ...], given: dict[str, Any], result: Result, found: str) -> None:
    expected = Check("approvers", result, found, f"one of {', '.join(patterns)}")
    assert check("approvers", Gate(approvers=patterns), **given) == expected


@pytest.mark.parametrize(
    ("patterns", "container", "result", "found"),
    [
        ((IMAGE,), {}, Result.PASSED, IMAGE),
        (("123456789012.dkr.ecr.us-east-1.amazonaws.com/*",), {}, Result.PASSED, IMAGE),
        (("999999999999.*",), {}, Result.FAILED, IMAGE),
        (("*",), {"image": None}, Result.PASSED, "no image"),
        (("1*",), {"image": None}, Result.FAILED, "no image"),
    ],
)
def test_images(patterns: tuple[str, ...], container: dict[str, Any], result: Result, found: str) -> None:
    expected = Check("images", result, found, f"one of {', '.join(patterns)}")
    assert check("images", Gate(images=patterns), container=container) == expected


@pytest.mark.parametrize(
    ("container", "result", "found"),
    [
        ({}, Result.PASSED, MODEL.uri),
        ({"model_data": None}, Result.PASSED, "no model data"),
        (
            {"model_data": None, "prefix": "s3://example-models/fraud/many/"},
            Result.PASSED,
            "s3://example-models/fraud/many/",
        ),
        ({"model_data": "s3://example-models/fraud-2/1.tar.gz"}, Result.FAILED, "s3://example-models/fraud-2/1.tar.gz"),
        ({"model_data": None, "prefix": "s3://elsewhere/"}, Result.FAILED, "s3://elsewhere/"),
    ],
)
def test_model_data_lies_where_the_spec_says(container: dict[str, Any], result: Result, found: str) -> None:
    expected = Check("artifacts", result, found, "model data under s3://example-models/fraud/")
    assert check("artifacts", Gate(), container=container) == expected


@pytest.mark.parametrize(
    ("pinned", "evidence", "result", "found"),
    [
        (PIN, EVIDENCE, Result.PASSED, "the specification, 1 artifact and 0 images are as approved"),
        (
            PIN,
            Evidence(pin=Pin("changed", (MODEL,))),
            Result.FAILED,
            "its InferenceSpecification was changed after the approval",
        ),
        (
            Pin(PIN.specification, (dataclasses.replace(MODEL, modified_at=NOW - 998),)),
            EVIDENCE,
            Result.FAILED,
            f"{MODEL.uri} was written after the approval, at 2027-01-15T07:43:22Z",
        ),
        (None, EVIDENCE, Result.UNREAD, "what was approved is not known"),
        (PIN, Evidence(unread={"pin": "AccessDenied"}), Result.UNREAD, "AccessDenied"),
        (PIN, Evidence(), Result.UNREAD, "what was approved is not known"),
    ],
)
def test_what_was_approved_is_what_runs(pinned: Pin | None, evidence: Evidence, result: Result, found: str) -> None:
    assert check("pin", Gate(), pin=pinned, evidence=evidence) == Check("pin", result, found, "what was approved")


@pytest.mark.parametrize(
    ("expression", "document", "unread", "result", "found"),
    [
        (GOOD.expression, DOCUMENT, {}, Result.PASSED, f"{F1} = 0.9"),
        (f"{F1} >= `0.95`", DOCUMENT, {}, Result.FAILED, f"{F1} = 0.9"),
        (GOOD.expression, {}, {}, Result.UNREAD, f"{F1} is missing; {F1} = null"),
        (
            GOOD.expression,
            {},
            {"metrics": "s3://example-models/fraud/f1.json does not exist"},
            Result.UNREAD,
            f"{F1} is missing; s3://example-models/fraud/f1.json does not exist; {F1} = null",
        ),
        # Without the live version `live` is null; where it could not be read that must not pass for it.
        (
            NO_WORSE,
            DOCUMENT,
            {},
            Result.PASSED,
            f"live = null, {F1} = 0.9, live.{F1} = null",
        ),
        (
            NO_WORSE,
            DOCUMENT,
            {"live": "Throttled"},
            Result.UNREAD,
            "could not be read: live: Throttled",
        ),
        (
            "package.ModelPackageStatus == 'Completed'",
            {"package": {"ModelPackageStatus": "Completed"}},
            {"metrics": "not there"},
            Result.PASSED,
            'package.ModelPackageStatus = "Completed"',
        ),
    ],
)
def test_a_condition(
    expression: str, document: dict[str, Any], unread: dict[str, str], result: Result, found: str
) -> None:
    evidence = Evidence(document=document, pin=PIN, unread=unread)
    expected = Check("require.f1", result, found, expression)
    assert check("require.f1", Gate(require=(Condition("f1", expression),)), evidence=evidence) == expected


HOUR = 3600.0


@pytest.mark.parametrize(
    ("soaked", "result", "found", "full_at"),
    [
        (Soaked(NOW - 24 * HOUR), Result.PASSED, "live there since 2027-01-14T08:00:00Z", None),
        (
            Soaked(NOW - 23 * HOUR),
            Result.FAILED,
            "live there since 2027-01-14T09:00:00Z",
            NOW + HOUR,
        ),
        (
            Soaked(NOW - 30 * HOUR, NOW - 5 * HOUR),
            Result.PASSED,
            "live there since 2027-01-14T02:00:00Z until 2027-01-15T03:00:00Z",
            None,
        ),
        (
            Soaked(NOW - 30 * HOUR, NOW - 7 * HOUR),
            Result.FAILED,
            "live there since 2027-01-14T02:00:00Z until 2027-01-15T01:00:00Z",
            None,
        ),
        (Soaked(NOW - 30 * HOUR, fired=("standing/5xx",)), Result.FAILED, "not quiet there: standing/5xx", None),
        (Soaked(), Result.FAILED, "what was approved was never live on staging", None),
        (None, Result.UNREAD, "nothing was read", None),
    ],
)
def test_soak(soaked: Soaked | None, result: Result, found: str, full_at: float | None) -> None:
    policy, evidence = Gate(soak=Soak("staging", 24)), dataclasses.replace(EVIDENCE, soaked=soaked)
    expected = Check("soak", result, found, "24 quiet hours live on staging")
    verdict = judge(policy, evidence=evidence)
    assert (check("soak", policy, evidence=evidence), verdict.reconcile_at) == (expected, full_at)


def test_a_freeze_holds_until_it_is_over() -> None:
    verdict = judge(Gate(freeze=(Freeze("0 6 * * *", 4, "UTC"),)))
    reason = "freeze failed: found a freeze until 2027-01-15T10:00:00Z, wanted no freeze"
    assert (verdict.answer, verdict.reason, verdict.reconcile_at) == (Answer.HELD, reason, NOW + 2 * HOUR)


def test_outside_of_a_freeze_the_gate_is_open() -> None:
    expected = Check("freeze", Result.PASSED, "no freeze", "no freeze")
    assert check("freeze", Gate(freeze=(Freeze("0 9 * * *", 4, "UTC"),))) == expected


def test_a_hold_that_needs_more_than_time_does_not_say_when_it_ends() -> None:
    policy = Gate(approvers=("user/bo",), freeze=(Freeze("0 6 * * *", 4, "UTC"),))
    assert judge(policy).reconcile_at is None


EVERYTHING = Gate(
    four_eyes=True,
    approvers=("user/ann",),
    require=(GOOD,),
    images=(IMAGE,),
    soak=Soak("staging", 24),
    freeze=(Freeze("0 9 * * *", 4, "UTC"),),
)
NAMES = ["four_eyes", "approvers", "containers", "images", "artifacts", "pin", "require.f1", "soak", "freeze"]


def test_all_is_judged_and_told_at_once() -> None:
    verdict = judge(EVERYTHING, evidence=dataclasses.replace(EVIDENCE, soaked=Soaked(NOW - 25 * HOUR)))
    assert ([each.name for each in verdict.checks], {each.result for each in verdict.checks}) == (
        NAMES,
        {Result.PASSED},
    )


def test_with_nothing_read_nothing_passes_that_asks_for_evidence() -> None:
    verdict = judge(EVERYTHING, evidence=Evidence(), approver=None, pin=None)
    unread = [each.name for each in verdict.checks if each.result is Result.UNREAD]
    assert (verdict.answer, unread) == (Answer.HELD, ["four_eyes", "approvers", "pin", "require.f1", "soak"])


def test_a_version_that_is_not_approved_is_not_judged_further() -> None:
    question = checks.Question(SPEC, package(2, approval_status="Rejected"), approval(2), EVIDENCE, NOW)
    assert checks.evaluate(question, ()) == Verdict(Answer.REFUSED, "its approval status is Rejected")


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        (Gate(four_eyes=True), Answer.HELD),
        (Gate(four_eyes=True, mode=Mode.ADVISE), Answer.PASSED),
        (Gate(require=(Condition("f1", f"{F1} > `1`"),)), Answer.HELD),
        (Gate(require=(Condition("f1", f"{F1} > `1`", Mode.ADVISE),)), Answer.PASSED),
        (Gate(require=(Condition("f1", f"{F1} > `1`", Mode.ADVISE),), four_eyes=True), Answer.HELD),
    ],
)
def test_advice_lets_pass_what_it_is_about(policy: Gate, answer: Answer) -> None:
    assert judge(policy, registered_by=ANN).answer is answer


@pytest.mark.parametrize(
    ("container", "evidence", "answer"),
    [
        ({}, Evidence(pin=Pin("changed", (MODEL,))), Answer.REFUSED),
        ({}, Evidence(), Answer.HELD),
        ({"model_data": "s3://elsewhere/1.tar.gz"}, EVIDENCE, Answer.HELD),
    ],
)
def test_advice_never_lets_something_else_run_than_was_approved(
    container: dict[str, Any], evidence: Evidence, answer: Answer
) -> None:
    assert judge(Gate(mode=Mode.ADVISE), container=container, evidence=evidence).answer is answer


def test_what_is_advised_is_said() -> None:
    verdict = judge(Gate(approvers=("user/bo",), mode=Mode.ADVISE))
    assert verdict.reason == (
        "Approved and Completed at the last read; approvers failed: found user/ann, wanted one of user/bo (advised)"
    )


OPS = "arn:aws:iam::123456789012:user/ops"
OVERRIDE = Override(order=2, check="approvers", by=OPS, reason="incident 7", at=NOW)


@pytest.mark.parametrize(
    ("override", "answer"),
    [
        (OVERRIDE, Answer.PASSED),
        (dataclasses.replace(OVERRIDE, order=1), Answer.HELD),
        (dataclasses.replace(OVERRIDE, check="four_eyes"), Answer.HELD),
    ],
)
def test_an_operator_lets_one_approval_pass_one_check(override: Override, answer: Answer) -> None:
    assert judge(Gate(approvers=("user/bo",)), overrides=(override,)).answer is answer


def test_what_is_overridden_is_said() -> None:
    verdict = judge(Gate(approvers=("user/bo",)), overrides=(OVERRIDE,))
    assert verdict.reason == (
        "Approved and Completed at the last read; approvers failed: found user/ann, wanted one of user/bo "
        f"(overridden by {OPS}: incident 7)"
    )


def _by(*people: str | None, check: str = "approvers") -> tuple[Override, ...]:
    return tuple(dataclasses.replace(OVERRIDE, by=who, check=check) for who in people if who)


@pytest.mark.parametrize(
    ("overrides", "given", "doubt"),
    [
        (_by(OPS), {}, None),
        (_by("AIDAOPS"), {"approver": Identity(ANN.arn, "AIDAANN"), "registered_by": Identity(BO.arn, "AIDABO")}, None),
        (_by(ANN.arn), {}, f"who approved it is {ANN.arn} (the same IAM user)"),
        (_by(BO.arn), {}, f"who registered it is {BO.arn} (the same IAM user)"),
        (_by(BO.arn, OPS), {}, None),
        (_by(OPS), {"specified_by": Identity(OPS)}, f"who last changed it is {OPS} (the same IAM user)"),
        (
            _by("AIDAANN"),
            {"approver": Identity(ANN.arn, "AIDAANN"), "registered_by": Identity(BO.arn, "AIDABO")},
            f"who approved it is {ANN.arn} (the same PrincipalId)",
        ),
        (
            _by("AROAOPS:ann@x"),
            {
                "approver": Identity("arn:aws:sts::1:assumed-role/r/Ann@x", "AROASSO:Ann@x"),
                "registered_by": Identity(BO.arn, "AIDABO"),
            },
            "who approved it is arn:aws:sts::1:assumed-role/r/Ann@x (the same session name)",
        ),
        (_by("AROA1:ops"), {}, f"who registered it is {BO.arn} (not comparable, "),
        (
            _by("AIDAOPS"),
            {"registered_by": Identity(BO.arn, "AIDABO"), "approver": Identity(STUDIO, "AROAX:SageMaker")},
            f"who approved it is {STUDIO} (not comparable, ",
        ),
        (_by(OPS), {"uncertain": True}, "AWS does not say who approved it"),
        (_by(OPS), {"registered_by": None}, "AWS does not say who registered it"),
    ],
)
def test_who_breaks_the_glass_for_a_check_about_people_is_neither_author_nor_approver(
    overrides: tuple[Override, ...], given: dict[str, Any], doubt: str | None
) -> None:
    verdict = judge(Gate(approvers=("user/none",)), overrides=overrides, **given)
    assert verdict.answer is (Answer.HELD if doubt else Answer.PASSED)
    assert (doubt or "") in verdict.reason


def test_an_author_may_override_a_check_that_is_not_about_people() -> None:
    overrides = _by(BO.arn, check="images")
    assert judge(Gate(images=("other",)), overrides=overrides).answer is Answer.PASSED


@pytest.mark.parametrize(
    ("people", "answer"),
    [
        ((OPS,), Answer.HELD),
        ((OPS, OPS), Answer.HELD),
        ((OPS, "AIDAOPS"), Answer.HELD),
        (("AROA1:ops", "AROA1:dev"), Answer.HELD),
        ((OPS, f"{OPS}-2"), Answer.PASSED),
        (("AROA1:ops", "AROA2:dev"), Answer.PASSED),
    ],
)
def test_the_gate_may_ask_for_more_than_one_operator(people: tuple[str, ...], answer: Answer) -> None:
    verdict = judge(Gate(images=("other",), override_people=2), overrides=_by(*people, check="images"))
    assert verdict.answer is answer
    assert ("overridden by 1 of 2 people" in verdict.reason) is (answer is Answer.HELD)


CHANNEL = "arn:aws:sts::123456789012:assumed-role/chat-channel/AWSChatbot"
"""The role of a chat channel, whose buttons anybody in the channel may press."""
CLAIMED = "arn:aws:sts::123456789012:assumed-role/ops/kim"


@pytest.mark.parametrize(
    ("by", "automation", "doubt"),
    [
        (CHANNEL, ("role/chat-*",), f"the override by {CHANNEL} does not count: no person uses its role"),
        ("AROA1:x", ("role/chat-*",), "the override by AROA1:x does not count: the name of its role is not known"),
        (CLAIMED, ("role/chat-*",), None),
        (OPS, ("role/chat-*",), None),
        (CHANNEL, (), None),
    ],
)
def test_a_role_that_no_person_uses_is_not_one_of_several_operators(
    by: str, automation: tuple[str, ...], doubt: str | None
) -> None:
    gate = Gate(images=("other",), override_people=2, automation=automation)
    verdict = judge(gate, overrides=_by(by, "arn:aws:iam::123456789012:user/dev", check="images"))
    assert verdict.answer is (Answer.HELD if doubt else Answer.PASSED)
    assert (doubt or "") in verdict.reason


@pytest.mark.parametrize(
    ("check", "gate", "given"),
    [
        ("approvers", Gate(approvers=("user/none",)), {}),
        ("four_eyes", Gate(four_eyes=True), {"registered_by": ANN}),
    ],
)
def test_a_role_that_no_person_uses_overrides_no_check_about_people(
    check: str, gate: Gate, given: dict[str, Any]
) -> None:
    asked = dataclasses.replace(gate, automation=("role/chat-*",))
    verdict = judge(asked, overrides=_by(CHANNEL, check=check), **given)
    assert verdict.answer is Answer.HELD
    assert "no person uses its role" in verdict.reason


def test_a_role_that_no_person_uses_may_override_what_is_not_about_people() -> None:
    gate = Gate(images=("other",), automation=("role/chat-*",))
    assert judge(gate, overrides=_by(CHANNEL, check="images")).answer is Answer.PASSED


def test_nobody_overrides_a_changed_pin() -> None:
    override = dataclasses.replace(OVERRIDE, check="pin")
    verdict = judge(Gate(), evidence=Evidence(pin=Pin("changed", (MODEL,))), overrides=(override,))
    reason = "its InferenceSpecification was changed after the approval; approve it again if that is right"
    assert (verdict.answer, verdict.reason) == (Answer.REFUSED, reason)


def test_a_reason_names_every_check_that_is_shut() -> None:
    verdict = judge(Gate(four_eyes=True, approvers=("user/bo",)), approver=None)
    assert verdict.reason == (
        "four_eyes could not be evaluated: found SageMaker does not say who approved it, "
        "wanted an approver who is none of the version's authors; approvers could not be evaluated: found SageMaker "
        "does not say who approved it, wanted one of user/bo"
    )


def test_a_package_without_containers_has_no_image_that_is_allowed() -> None:
    asked = dataclasses.replace(SPEC, gate=Gate(images=("*",)))
    question = checks.Question(asked, package(2, containers=()), approval(2, pin=PIN), EVIDENCE, NOW)
    assert checks.evaluate(question, ()).checks[1] == Check("images", Result.FAILED, "no image", "one of *")


MAKEABLE = "containers that SageMaker can make a model of"
WITHOUT = "no InferenceSpecification with containers; register a new version that has one"
ASKS = dataclasses.replace(SPEC, serving=Serving(environment=(Variable("LOG_LEVEL", "info"),)))


def _made_of(*containers: dict[str, Any]) -> Package:
    """The version with these containers, as the registry's edge returns it."""
    made = tuple(Container(each.get("Image"), model_data=each.get("ModelDataUrl")) for each in containers)
    return package(2, containers=made, description={"InferenceSpecification": {"Containers": list(containers)}})


@pytest.mark.parametrize(
    ("spec", "containers", "result", "found"),
    [
        (SPEC, (), Result.FAILED, WITHOUT),
        (SPEC, ({"Image": "i", "Environment": {"A": "1"}},), Result.PASSED, "containers: 1"),
        (ASKS, ({"Image": "i"},), Result.PASSED, "containers: 1"),
        (
            ASKS,
            ({"Image": "i"}, {"Image": "j", "Environment": {"SAGEMAKER_PROGRAM": "inference.py", "A": "1"}}),
            Result.FAILED,
            "an Environment of the version's own (A, SAGEMAKER_PROGRAM) besides `serving.environment`; remove "
            "`serving.environment`, or register a new version without Environment",
        ),
        (
            ASKS,
            ({"Image": "i", "Environment": {}},),
            Result.FAILED,
            "an Environment of the version's own (empty) besides `serving.environment`; remove `serving.environment`, "
            "or register a new version without Environment",
        ),
        (
            SPEC,
            ({"Image": "i\u202e", "ModelDataUrl": f"{SPEC.model_artifacts}a\n"},),
            Result.FAILED,
            f"characters that cannot be shown, in i\ufffd, {SPEC.model_artifacts}a ",
        ),
    ],
    ids=["none", "its own", "the spec's", "both", "both, one of them empty", "names that cannot be shown"],
)
def test_a_version_that_sagemaker_makes_no_model_of_is_held(
    spec: Spec, containers: tuple[dict[str, Any], ...], result: Result, found: str
) -> None:
    for mode in Mode:
        asked = dataclasses.replace(spec, gate=Gate(mode=mode))
        verdict = checks.evaluate(
            checks.Question(asked, _made_of(*containers), approval(2, pin=PIN), EVIDENCE, NOW), ()
        )
        assert verdict.checks[0] == Check("containers", result, found, MAKEABLE)
        assert verdict.answer is (Answer.PASSED if result is Result.PASSED else Answer.HELD)


def test_the_checks_to_override_are_those_the_spec_asks_for_and_never_the_pin() -> None:
    full = Gate(
        four_eyes=True,
        approvers=("role/reviewers",),
        require=(Condition("f1", "`true`"), Condition("risk", "`true`")),
        images=("*",),
        soak=Soak("staging", 24),
        freeze=(Freeze("0 0 * * *", 8, "UTC"),),
    )
    assert checks.overridable(dataclasses.replace(SPEC, gate=full)) == (
        "four_eyes",
        "approvers",
        "containers",
        "images",
        "artifacts",
        "require.f1",
        "require.risk",
        "soak",
        "freeze",
        "alarms",
        "adoption",
    )
    assert checks.overridable(SPEC) == ("containers", "artifacts", "alarms", "adoption")


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("images", Gate(images=("a*",)), Gate(images=("b*",))),
        ("approvers", Gate(approvers=("user/a",)), Gate(approvers=("user/b",))),
        (
            "require.f1",
            Gate(require=(Condition("f1", f"{F1} > `2`"),)),
            Gate(require=(Condition("f1", f"{F1} > `3`"),)),
        ),
        ("soak", Gate(soak=Soak("staging", 1)), Gate(soak=Soak("staging", 2))),
    ],
)
def test_a_check_that_still_fails_after_its_entry_changed_is_about_something_else(
    name: str, one: Gate, other: Gate
) -> None:
    evidence = dataclasses.replace(EVIDENCE, soaked=Soaked(None))
    found = [check(name, policy, evidence=evidence) for policy in (one, other)]
    assert [each.result for each in found] == [Result.FAILED, Result.FAILED]
    assert found[0].about != found[1].about


def test_an_unread_check_is_about_aws_s_answer_and_not_about_the_sentence() -> None:
    answers = ["s3://a could not be read: denied", "the artifact s3://a could not be read: denied", "s3://a is no JSON"]
    found = [check("pin", Gate(), evidence=Evidence(unread={"pin": answer})) for answer in answers]
    assert [each.about for each in found] == ["denied", "denied", ""]
