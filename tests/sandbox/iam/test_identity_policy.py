"""The verdicts of identity-based policies: one line per rule of IAM."""

from typing import Any

import pytest

from sandbox.iam.identity_policy import UnknownConditionError, Verdict, decide

ENDPOINT = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn"
ALLOWED, EXPLICIT, IMPLICIT = Verdict.ALLOWED, Verdict.DENIED_EXPLICITLY, Verdict.DENIED_IMPLICITLY


def statement(
    effect: str = "Allow", action: Any = "sagemaker:UpdateEndpoint", resource: Any = "*", **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def verdict(*statements: dict[str, Any], **context: Any) -> Verdict:
    return decide([{"Statement": list(statements)}], "sagemaker:UpdateEndpoint", ENDPOINT, context)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], IMPLICIT),
        ([statement()], ALLOWED),
        ([statement("Deny")], EXPLICIT),
        ([statement(), statement("Deny")], EXPLICIT),
        ([statement("Deny", resource="arn:aws:sagemaker:*:*:endpoint/other"), statement()], ALLOWED),
        ([statement(action=["sagemaker:Describe*", "sagemaker:Update*"])], ALLOWED),
        ([statement(action="SageMaker:updateendpoint")], ALLOWED),
        ([statement(action="sagemaker:UpdateEndpoint?")], IMPLICIT),
        ([statement(action="*")], ALLOWED),
        ([statement(resource=ENDPOINT)], ALLOWED),
        ([statement(resource="arn:aws:sagemaker:us-east-1:123456789012:endpoint/chur?")], ALLOWED),
        ([statement(resource="arn:aws:sagemaker:us-east-1:123456789012:endpoint/CHURN")], IMPLICIT),
        ([statement(resource=["arn:aws:sagemaker:*:*:model/*", "arn:aws:sagemaker:*:*:endpoint/*"])], ALLOWED),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], ALLOWED),
        ([{"Effect": "Allow", "NotAction": "sagemaker:*", "Resource": "*"}], IMPLICIT),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}], ALLOWED),
        ([{"Effect": "Allow", "Action": "*", "NotResource": ENDPOINT}], IMPLICIT),
    ],
)
def test_statements(statements: list[dict[str, Any]], expected: Verdict) -> None:
    assert verdict(*statements) is expected


def test_a_policy_may_hold_one_statement_that_is_no_list() -> None:
    assert decide([{"Statement": statement()}], "sagemaker:UpdateEndpoint", ENDPOINT, {}) is ALLOWED


def test_a_deny_in_one_policy_wins_over_an_allow_in_another() -> None:
    documents = [{"Statement": statement()}, {"Statement": statement("Deny")}]
    assert decide(documents, "sagemaker:UpdateEndpoint", ENDPOINT, {}) is EXPLICIT


TAG, STATUS, KEYS = "aws:resourcetag/approval-gate", "sagemaker:modelapprovalstatus", "aws:tagkeys"


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "found", "holds"),
    [
        ("StringEquals", TAG, "managed", "managed", True),
        ("StringEquals", TAG, "managed", "Managed", False),
        ("StringEquals", TAG, ["other", "managed"], "managed", True),
        ("StringEquals", TAG, "managed", None, False),
        ("StringEquals", "aws:ResourceTag/approval-gate", "managed", "managed", True),
        ("StringEqualsIfExists", TAG, "managed", None, True),
        ("StringEqualsIfExists", TAG, "managed", "other", False),
        ("StringNotEquals", STATUS, "Approved", "Approved", False),
        ("StringNotEquals", STATUS, ["Approved", "Rejected"], "Rejected", False),
        ("StringNotEquals", STATUS, "Approved", None, True),
        ("StringEqualsIgnoreCase", TAG, "managed", "MANAGED", True),
        ("StringLike", TAG, "man*", "managed", True),
        ("StringNotLike", TAG, "man*", "managed", False),
        (
            "ArnLike",
            "sagemaker:modelarn",
            "arn:aws:sagemaker:*:*:model/gate-*",
            "arn:aws:sagemaker:r:1:model/gate-x",
            True,
        ),
        (
            "ArnLike",
            "sagemaker:modelarn",
            "arn:aws:sagemaker:*:model/gate-*",
            "arn:aws:sagemaker:r:1:model/gate-x",
            False,
        ),
        ("ArnNotEquals", "aws:sourcearn", "arn:aws:sns:r:1:a", "arn:aws:sns:r:1:b", True),
        ("Bool", "aws:securetransport", "false", "true", False),
        ("Bool", "aws:securetransport", True, "true", True),
        ("Null", TAG, "true", None, True),
        ("Null", TAG, "true", "managed", False),
        ("Null", TAG, "false", "managed", True),
        ("ForAllValues:StringEquals", KEYS, ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", KEYS, ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", KEYS, ["a"], None, True),
        ("ForAnyValue:StringEquals", KEYS, ["a"], ["c", "a"], True),
        ("ForAnyValue:StringEquals", KEYS, ["a"], ["c"], False),
        ("ForAnyValue:StringEquals", KEYS, ["a"], None, False),
        ("ForAnyValue:StringLike", KEYS, "team-*", ["team-x"], True),
        ("ForAllValues:StringNotEquals", KEYS, "secret", ["a", "b"], True),
        ("ForAllValues:StringNotEquals", KEYS, "secret", ["a", "secret"], False),
        ("StringEquals", KEYS, "a", ["a"], True),
    ],
)
def test_conditions(operator: str, key: str, wanted: Any, found: Any, holds: bool) -> None:
    context = {} if found is None else {key.lower(): found}
    allowed = verdict(statement(Condition={operator: {key: wanted}}), **context)
    assert allowed is (ALLOWED if holds else IMPLICIT)


def test_every_key_of_every_operator_must_hold() -> None:
    condition = {"StringEquals": {TAG: "managed", STATUS: "Approved"}, "Bool": {"aws:SecureTransport": "true"}}
    context = {TAG: "managed", STATUS: "Approved", "aws:securetransport": "true"}
    assert verdict(statement(Condition=condition), **context) is ALLOWED
    for key in context:
        assert verdict(statement(Condition=condition), **(context | {key: "no"})) is IMPLICIT


@pytest.mark.parametrize(
    "condition",
    [
        {"NumericLessThan": {TAG: 3}},
        {"StringMatches": {TAG: "x"}},
        {"ForSomeValues:StringEquals": {KEYS: "x"}},
        {"StringEquals": {"sagemaker:Typo": "x"}},
        {"StringEquals": {"aws:PrincipalTag/team": "x"}},
        {"StringEquals": {TAG: "${aws:username}"}},
        {"StringEquals": {KEYS: "a"}},
    ],
)
def test_what_cannot_be_judged_is_raised_and_not_guessed(condition: dict[str, Any]) -> None:
    with pytest.raises(UnknownConditionError):
        verdict(statement(Condition=condition), **{TAG: "x", KEYS: ["a", "b"]})


def test_a_condition_of_a_statement_about_something_else_is_not_evaluated() -> None:
    other = statement(action="s3:GetObject", Condition={"StringMatches": {"s3:prefix": "x"}})
    assert verdict(other, statement()) is ALLOWED
