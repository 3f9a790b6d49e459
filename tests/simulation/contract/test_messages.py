"""SQS, SSM, EventBridge, SNS and Application Auto Scaling: what is sent and what is read."""

import json

import pytest

from lambdas.gate import names
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.publisher import notification
from simulation.world.example import NAME, SPEC, arn
from simulation.world.registry import ACCOUNT, ARN, REGION
from tests.simulation.contract.cases import TAGS, Case, deployable, done, params, serving
from tests.simulation.contract.worlds import Worlds

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{names.TOPIC}"
ROW = Row(NAME, 1, Fact(Kind.ALERT, 1_800_000_000.5, "out of order", "approval-gate", arn(1), {"a": [1]}), "", "f00")
MESSAGE = notification.message(ROW, TOPIC)
TARGETS = {
    "ServiceNamespace": "sagemaker",
    "ResourceIds": [f"endpoint/{NAME}/variant/{SPEC.variant.name}"],
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
PARAMETER = {"Name": names.spec_parameter(NAME)}
assert MESSAGE is not None


def send(delay: int) -> Case:
    body = json.dumps({"endpoint": NAME})
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{names.INBOX}"
    request = {"QueueUrl": url, "MessageBody": body, "DelaySeconds": delay}
    return Case(f"after {delay} s", "sqs", "SendMessage", request)


CASES = (
    send(0),
    send(900),
    Case("missing", "ssm", "GetParameter", PARAMETER, refused=("ParameterNotFound", "")),
    Case("there", "ssm", "GetParameter", PARAMETER, lambda w: w.do("write_spec")),
    Case(
        "written again",
        "ssm",
        "GetParameter",
        PARAMETER,
        done(lambda w: w.do("write_spec"), lambda w: w.advance(10), lambda w: w.do("write_spec")),
    ),
    Case("one", "events", "PutEvents", {"Entries": [notification.event(ROW)]}),
    Case("several", "events", "PutEvents", {"Entries": [notification.event(ROW)] * 3}),
    Case("to people", "sns", "Publish", MESSAGE),
    Case("none", "application-autoscaling", "DescribeScalableTargets", TARGETS),
    Case(
        "one", "application-autoscaling", "DescribeScalableTargets", TARGETS, done(serving, lambda w: w.do("autoscale"))
    ),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def test_a_spec_that_is_written_is_told(worlds: Worlds) -> None:
    worlds.do("write_spec")
    assert worlds.heard() == [("Parameter Store Change", {"name": PARAMETER["Name"]})]


def test_an_endpoint_that_is_created_by_hand_is_told(worlds: Worlds) -> None:
    deployable(worlds)
    worlds.answer("sagemaker", "CreateEndpoint", EndpointName=NAME, EndpointConfigName="gate-c1", Tags=TAGS)
    worlds.advance_until("InService")
    change = "SageMaker Endpoint State Change"
    statuses = [(change, {"EndpointName": NAME, "EndpointStatus": status}) for status in ("CREATING", "IN_SERVICE")]
    assert worlds.heard() == statuses
    assert ARN in arn(1)
