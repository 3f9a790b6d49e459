"""May the deployer, the comparer and the models use the KMS keys that an endpoint's entry names? Only what the keys'
policies and grants show is said."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.spec.spec import Spec
from ops.checks.expectation import Answer, Expectation, Verdict, is_missing, not_seen, required
from ops.checks.gate import Clients, usable
from ops.key_policy import Found, KeyAnswer, KeyUse, evaluate
from ops.policies import is_denial


def of_endpoint(clients: Clients, spec: Spec) -> Iterator[Expectation]:
    """Yield what must be so of each key."""
    for key, uses in _uses(spec).items():
        yield required(f"the key {key} can be used", partial(usable, clients, key))
        for use in uses:
            yield required(f"{use.who} may use the key {key}", partial(_may_use, clients, key, use))


def _uses(spec: Spec) -> dict[str, list[KeyUse]]:
    """Return who uses each key, by the key's ARN."""
    serving, role = spec.serving, spec.execution_role_arn
    capture, asynchronous = serving.data_capture, serving.asynchronous
    found: dict[str, list[KeyUse]] = {}
    if key := serving.kms_key:
        who = "the deployer, for which SageMaker makes a grant,"
        deployer = _role(spec, key, names.DEPLOYER)
        found[key] = [KeyUse(who, deployer, ("kms:CreateGrant", "kms:DescribeKey"), "sagemaker")]
    for key in dict.fromkeys((capture.kms_key if capture else "", asynchronous.kms_key if asynchronous else "")):
        if key:
            use = KeyUse("the execution role", role, ("kms:Decrypt", "kms:GenerateDataKey"), "s3")
            found.setdefault(key, []).append(use)
    if capture and capture.kms_key and spec.comparer:
        comparer = _role(spec, capture.kms_key, names.comparer(spec.endpoint))
        found[capture.kms_key].append(KeyUse("the comparer", comparer, ("kms:Decrypt",), "s3"))
    return found


def _role(spec: Spec, key: str, function: str) -> str:
    """Return the ARN of a function's role in the key's Region."""
    _, partition, _, _, account, _ = spec.execution_role_arn.split(":", 5)
    return f"arn:{partition}:iam::{account}:role/{names.function_role(_region(key), function)}"


def _region(key: str) -> str:
    return key.split(":")[3]


def _may_use(clients: Clients, key: str, use: KeyUse) -> Answer:
    try:
        policy = json.loads(clients("kms").get_key_policy(KeyId=key)["Policy"])
    except ClientError as error:
        return not_seen(f"its policy cannot be read: {_why(error)}")
    grants: list[Any] | None = None
    try:
        pages = clients("kms").get_paginator("list_grants").paginate(KeyId=key, GranteePrincipal=use.role)
        grants = [grant for page in pages for grant in page["Grants"]]
    except ClientError as error:
        unread = _why(error)
    found = evaluate(use, key, policy, grants or ())
    if found.answer is KeyAnswer.NOT_ALLOWED and grants is None:
        return not_seen(f"its policy does not allow {found.action}, and its grants cannot be read: {unread}")
    return _answer(found, key, use)


def _answer(found: Found, key: str, use: KeyUse) -> Answer:
    statement = f" (statement {found.where})" if found.where else ""
    show = f"aws kms get-key-policy --key-id {key} --query Policy --output text"
    match found.answer:
        case KeyAnswer.ALLOWED:
            return Answer(Verdict.AGREES, "its policy or a grant allows it")
        case KeyAnswer.LEFT_TO_IAM:
            return Answer(Verdict.AGREES, "its policy leaves it to IAM, and the role's stack gives it what it needs")
        case KeyAnswer.OPEN:
            what = f"its policy{statement} or a grant allows {found.action}"
            return not_seen(f"whether {what} depends on conditions that only a request shows")
        case KeyAnswer.DENIED:
            fix = f"Take {use.role} out of that denial. To see the policy: {show}"
            return Answer(Verdict.DIFFERS, f"its policy denies {found.action}{statement} to {use.role}", fix)
    wanted = {
        "Effect": "Allow",
        "Principal": {"AWS": use.role},
        "Action": list(use.actions),
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"{use.service}.{_region(key)}.amazonaws.com"}},
    }
    fix = f"Add this statement to the key's policy: {json.dumps(wanted)}. To see the policy: {show}"
    return Answer(Verdict.DIFFERS, f"neither its policy nor a grant allows {found.action} to {use.role}", fix)


def _why(error: ClientError) -> str:
    """Return why KMS did not answer. It shows the policy of no key of another account."""
    if is_missing(error):
        return "there is no such key"
    return "AWS denies it" if is_denial(error) else str(error)
