"""Over all stacks: what feeds the functions takes back what failed, and nobody else's account is let in or heard."""

import importlib.util
import inspect
import json
from collections.abc import Iterator
from typing import Any

from tests.infra.synthesized import Template, of_type, resolved

ACCOUNT = "123456789012"


def _package(template: Template, function: str) -> str:
    """The package of a function, whose handler is `lambdas.start.FOLDER`."""
    (made,) = [each for each in of_type(template, "AWS::Lambda::Function") if each["FunctionName"] == function]
    return f"lambdas.{str(made['Handler']).removeprefix('lambdas.start.')}"


def test_every_source_whose_function_names_what_failed_takes_that_back(templates: dict[str, Template]) -> None:
    """Without ReportBatchItemFailures Lambda takes the answer for a success, and deletes the messages.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""
    found = {}
    for template in templates.values():
        for mapping in resolved(template, of_type(template, "AWS::Lambda::EventSourceMapping")):
            package = _package(template, mapping["FunctionName"])
            found[mapping["FunctionName"]] = mapping.get("FunctionResponseTypes")
            assert _answers_with_failures(package), mapping["FunctionName"]
    assert found == {
        name: ["ReportBatchItemFailures"]
        for name in ("approval-gate-deployer", "approval-gate-publisher", "approval-gate-prober-fraud-detection")
    }


def _answers_with_failures(package: str) -> bool:
    modules = ("handler", "batch", package.rpartition(".")[2])
    there = (module for module in modules if importlib.util.find_spec(f"{package}.{module}"))
    return any("batchItemFailures" in inspect.getsource(importlib.import_module(f"{package}.{m}")) for m in there)


def test_every_rule_that_hears_events_names_the_account(templates: dict[str, Template]) -> None:
    """A bus may get other accounts' events forwarded."""
    patterns = {
        rule["Name"]: rule["EventPattern"]["account"]
        for template in templates.values()
        for rule in resolved(template, of_type(template, "AWS::Events::Rule"))
        if "EventPattern" in rule
    }
    assert patterns == {
        name: [ACCOUNT]
        for name in (
            "approval-gate-alarm.states",
            "approval-gate-fraud-detection",
            "approval-gate-churn",
            "approval-gate-prober.fraud-detection",
        )
    }


def test_whoever_lets_a_service_in_names_the_account_for_which_it_acts(templates: dict[str, Template]) -> None:
    """A service acts for every account. What is granted to a role is a matter of that role's own policy."""
    let_in = [
        (statement["Sid"], statement["Condition"].get("StringEquals", {}).get("aws:SourceAccount"))
        for template in templates.values()
        for kind in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy")
        for policy in resolved(template, of_type(template, kind))
        for statement in _statements(policy)
        if statement["Effect"] == "Allow" and "Service" in json.dumps(statement["Principal"])
    ]
    assert {account for _, account in let_in} == {ACCOUNT}
    assert "ItsOwnRule" in {sid for sid, _ in let_in}


def _statements(policy: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from policy["PolicyDocument"]["Statement"]
