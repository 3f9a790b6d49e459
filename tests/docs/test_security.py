"""The policy of docs/security.md for everybody else: what it denies, to whom, and what it lets be. Its effect in the
sandbox: tests/e2e/test_policies.py."""

import json
from typing import Any

import parliament
import pytest

from lambdas.gate import names
from ops.guard import guard
from sandbox.iam.identity_policy import Verdict, decide
from tests.docs.policies import policy_for_everybody_else

ACCOUNT, REGION = "123456789012", "us-east-1"
PERSON = f"arn:aws:iam::{ACCOUNT}:user/data-scientist"
PIPELINE = f"arn:aws:iam::{ACCOUNT}:role/pipelines"
DEPLOYER, JANITOR, PUBLISHER = (
    f"arn:aws:iam::{ACCOUNT}:role/{names.function_role(REGION, function)}"
    for function in (names.DEPLOYER, names.JANITOR, names.PUBLISHER)
)
TAGGED = {f"aws:resourcetag/{names.TAG_KEY}": names.TAG_VALUE}
NEW = {f"aws:requesttag/{names.TAG_KEY}": names.TAG_VALUE}
EVERYTHING = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def verdict(principal: str, action: str, resource: str, **context: Any) -> Verdict:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"
    documents = [EVERYTHING, policy_for_everybody_else()]
    return decide(documents, f"sagemaker:{action}", arn, {"aws:principalarn": principal, **context})


CHANGES = ("UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "DeleteEndpoint", "CreateInferenceComponent")
COMPONENTS = ("UpdateInferenceComponent", "UpdateInferenceComponentRuntimeConfig", "DeleteInferenceComponent")


def test_the_command_prints_the_page_s_policy() -> None:
    assert guard("aws", ACCOUNT, REGION) == policy_for_everybody_else()


def test_it_is_a_policy_without_findings() -> None:
    found = parliament.analyze_policy_string(json.dumps(policy_for_everybody_else())).findings
    assert [finding.issue for finding in found] == []


@pytest.mark.parametrize("principal", [PERSON, PIPELINE, PUBLISHER])
@pytest.mark.parametrize("action", CHANGES)
def test_nobody_else_changes_a_managed_endpoint(principal: str, action: str) -> None:
    assert verdict(principal, action, "endpoint/churn", **TAGGED) is Verdict.DENIED_EXPLICITLY
    assert verdict(principal, action, "endpoint/other") is Verdict.ALLOWED


@pytest.mark.parametrize("action", COMPONENTS)
def test_nor_an_inference_component_that_carries_the_tag(action: str) -> None:
    assert verdict(PIPELINE, action, "inference-component/churn", **TAGGED) is Verdict.DENIED_EXPLICITLY
    assert verdict(PIPELINE, action, "inference-component/other") is Verdict.ALLOWED


@pytest.mark.parametrize("principal", [DEPLOYER, JANITOR])
@pytest.mark.parametrize("action", CHANGES)
def test_approval_gate_does(principal: str, action: str) -> None:
    assert verdict(principal, action, "endpoint/churn", **TAGGED) is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("principal", "expected"),
    [(PERSON, Verdict.DENIED_EXPLICITLY), (JANITOR, Verdict.DENIED_EXPLICITLY), (DEPLOYER, Verdict.ALLOWED)],
)
def test_only_the_deployer_creates_a_managed_endpoint(principal: str, expected: Verdict) -> None:
    assert verdict(principal, "CreateEndpoint", "endpoint/churn", **NEW) is expected
    assert verdict(principal, "CreateEndpoint", "endpoint/other") is Verdict.ALLOWED


@pytest.mark.parametrize("action", ["AddTags", "DeleteTags"])
def test_nobody_changes_the_tag_of_a_managed_endpoint_and_everybody_may_opt_one_in(action: str) -> None:
    its_tag, another = {"aws:tagkeys": [names.TAG_KEY, "team"]}, {"aws:tagkeys": ["team"]}
    for principal in (PERSON, DEPLOYER):
        assert verdict(principal, action, "endpoint/churn", **TAGGED, **its_tag) is Verdict.DENIED_EXPLICITLY
        assert verdict(principal, action, "endpoint/churn", **TAGGED, **another) is Verdict.ALLOWED
        assert verdict(principal, action, "endpoint/churn", **its_tag) is Verdict.ALLOWED


@pytest.mark.parametrize("action", ["CreateModel", "DeleteModel", "CreateEndpointConfig", "DeleteEndpointConfig"])
def test_nobody_else_makes_or_deletes_what_bears_approval_gates_names(action: str) -> None:
    kind = "model" if action.endswith("Model") else "endpoint-config"
    assert verdict(PERSON, action, f"{kind}/{names.OWNED}churn") is Verdict.DENIED_EXPLICITLY
    assert verdict(PERSON, action, f"{kind}/churn") is Verdict.ALLOWED
    assert verdict(DEPLOYER, action, f"{kind}/{names.OWNED}churn") is Verdict.ALLOWED
