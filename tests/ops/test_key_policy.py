"""What a KMS key's policy and grants say about one use of the key: a line for each way in which a key says it."""

from typing import Any

import pytest

from ops.key_policy import Found, KeyAnswer, KeyUse, evaluate

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::123456789012:role/approval-gate/approval-gate-us-east-1-churn"
OTHER = "arn:aws:iam::123456789012:role/other"
ROOT = "arn:aws:iam::123456789012:root"
USE = KeyUse("the execution role", ROLE, ("kms:Decrypt",), "s3")
GRANTING = KeyUse("the deployer", ROLE, ("kms:CreateGrant",), "sagemaker")
ALLOWED, IAM, DENIED, NOT_ALLOWED, OPEN = (
    KeyAnswer.ALLOWED,
    KeyAnswer.LEFT_TO_IAM,
    KeyAnswer.DENIED,
    KeyAnswer.NOT_ALLOWED,
    KeyAnswer.OPEN,
)


def allow(principal: Any = ROLE, action: Any = "kms:Decrypt", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*", **more}


def deny(**more: Any) -> dict[str, Any]:
    return allow(**{"principal": "*"} | more, effect="Deny")


def when(operator: str, name: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {name: value}}}


def grant(*operations: str, **constraints: str) -> dict[str, Any]:
    made: dict[str, Any] = {"GranteePrincipal": ROLE, "Operations": list(operations)}
    return made | ({"Constraints": {"EncryptionContextEquals": constraints}} if constraints else {})


def found(*statements: dict[str, Any], grants: tuple[Any, ...] = (), use: KeyUse = USE) -> KeyAnswer:
    return evaluate(use, KEY, {"Statement": list(statements)}, grants).answer


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], NOT_ALLOWED),
        ([allow()], ALLOWED),
        ([allow([OTHER, ROLE], ["kms:Encrypt", "kms:Decrypt"])], ALLOWED),
        ([allow(action="kms:*")], ALLOWED),
        ([allow(action="KMS:dec*")], ALLOWED),
        ([allow("*")], ALLOWED),
        ([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}], ALLOWED),
        ([allow(ROOT)], IAM),
        ([allow("123456789012")], IAM),
        ([allow(ROOT), allow()], ALLOWED),
        ([allow("arn:aws:iam::999999999999:root")], NOT_ALLOWED),
        ([allow(OTHER)], NOT_ALLOWED),
        ([allow(action="kms:Encrypt")], NOT_ALLOWED),
        ([{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "*"}], NOT_ALLOWED),
        ([allow(Resource=KEY)], ALLOWED),
        ([allow(Resource=KEY.replace("1234abcd", "other"))], NOT_ALLOWED),
        ([{"Effect": "Allow", "Principal": {"AWS": ROLE}, "NotAction": "kms:Encrypt"}], ALLOWED),
        ([{"Effect": "Allow", "Principal": {"AWS": ROLE}, "NotAction": "kms:*"}], NOT_ALLOWED),
        ([{"Effect": "Allow", "NotPrincipal": {"AWS": OTHER}, "Action": "kms:*"}], OPEN),
    ],
)
def test_a_statement_allows_a_use_or_leaves_it_to_iam(statements: list[dict[str, Any]], expected: KeyAnswer) -> None:
    assert found(*statements) is expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow(), deny()], DENIED),
        ([allow(), deny(principal=ROOT)], DENIED),
        ([allow(), deny(principal=OTHER)], ALLOWED),
        ([allow(), deny(**when("ArnNotEquals", "aws:PrincipalArn", ROLE))], ALLOWED),
        ([allow(), deny(**when("ArnNotLike", "aws:PrincipalArn", OTHER))], DENIED),
        ([allow(), deny(**when("Bool", "aws:SecureTransport", "false"))], OPEN),
        ([deny(**when("Bool", "aws:SecureTransport", "false"))], OPEN),
    ],
)
def test_a_denial_counts_before_everything_else(statements: list[dict[str, Any]], expected: KeyAnswer) -> None:
    assert found(*statements) is expected
    assert found(*statements, grants=(grant("Decrypt"),)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (when("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"), ALLOWED),
        (when("StringEquals", "KMS:viaservice", ["x", "s3.us-east-1.amazonaws.com"]), ALLOWED),
        (when("StringLike", "kms:ViaService", "s3.*.amazonaws.com"), ALLOWED),
        (when("StringEquals", "kms:ViaService", "sqs.us-east-1.amazonaws.com"), NOT_ALLOWED),
        (when("StringNotEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"), NOT_ALLOWED),
        (when("StringEquals", "kms:CallerAccount", "123456789012"), ALLOWED),
        (when("StringEqualsIfExists", "aws:PrincipalAccount", "999999999999"), NOT_ALLOWED),
        (when("StringEquals", "kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::b"), OPEN),
        (when("ForAnyValue:StringEquals", "kms:CallerAccount", "123456789012"), OPEN),
        (when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), OPEN),
    ],
)
def test_a_condition_counts_as_far_as_it_is_known(condition: dict[str, Any], expected: KeyAnswer) -> None:
    assert found(allow(**condition)) is expected


def test_sagemaker_s_grant_is_for_a_resource_of_aws() -> None:
    persistent = when("Bool", "kms:GrantIsForAWSResource", True)
    assert found(allow(action="kms:CreateGrant", **persistent), use=GRANTING) is ALLOWED
    assert found(allow(**persistent)) is OPEN


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ((grant("Decrypt", "Encrypt"),), ALLOWED),
        ((grant("Encrypt"),), NOT_ALLOWED),
        ((grant("Decrypt", volume="v"),), OPEN),
        ((grant("Decrypt", volume="v"), grant("Decrypt")), ALLOWED),
    ],
)
def test_a_grant_allows_what_no_statement_does(grants: tuple[Any, ...], expected: KeyAnswer) -> None:
    assert found(grants=grants) is expected


def test_the_worst_of_the_actions_counts_and_is_named() -> None:
    use = KeyUse("x", ROLE, ("kms:Decrypt", "kms:GenerateDataKey"), "s3")
    policy = {"Statement": [allow(Sid="Read"), deny(action="kms:Generate*", Sid="NoNewKeys")]}
    assert evaluate(use, KEY, policy, ()) == Found(DENIED, "kms:GenerateDataKey", "NoNewKeys")
    assert evaluate(use, KEY, {"Statement": allow()}, ()) == Found(NOT_ALLOWED, "kms:GenerateDataKey")
