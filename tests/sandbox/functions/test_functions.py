"""Functions in AWS's runtime interface client: their environment, their failures, and the faults that tests can
request."""

import io
import json
import os
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from sandbox.server.faults import CallFault
from sandbox.server.request_bodies import parsed
from sandbox.server.sandbox import Sandbox

CODE = """
import json, os, time, urllib.request
import boto3
from botocore.config import Config

started = os.getpid()

def handler(event, context):
    print("handling", json.dumps(event))
    action = event.get("do")
    if action == "fail":
        raise ValueError("boom")
    if action == "exit":
        os._exit(3)
    if action == "sleep":
        time.sleep(event["seconds"])
    if action == "forbidden":
        boto3.client("ssm").get_parameter(Name="/p")
    if action == "call":
        s3 = boto3.client("ssm", config=Config(retries={"total_max_attempts": event.get("attempts", 1)}))
        urllib.request.urlopen(os.environ["CLOCK"]).read()
        for name in event["names"]:
            s3.put_parameter(Name=name, Value="v", Type="String")
    return {
        "pid": started,
        "clock": float(urllib.request.urlopen(os.environ["CLOCK"]).read()),
        "region": os.environ["AWS_REGION"],
        "own": os.environ.get("OWN"),
        "remaining": context.get_remaining_time_in_millis(),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "caller": boto3.client("sts").get_caller_identity()["Arn"] if action == "identify" else None,
    }
"""
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:123456789012:dead"},
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


class Account:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.lambda_, self.logs, self.ssm = (self.client(name) for name in ("lambda", "logs", "ssm"))
        iam = self.client("iam")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(POLICY))
        asset = io.BytesIO()
        with zipfile.ZipFile(asset, "w") as archive:
            archive.writestr("app/code.py", CODE)
        self.lambda_.create_function(
            FunctionName="f",
            Runtime="python3.11",
            Role=role,
            Handler="app.code.handler",
            Timeout=20,
            Environment={"Variables": {"OWN": "value"}},
            Code={"ZipFile": asset.getvalue()},
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.sandbox.url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def invoke(self, **event: Any) -> Any:
        return json.loads(self.lambda_.invoke(FunctionName="f", Payload=json.dumps(event))["Payload"].read())

    def names(self) -> list[str]:
        return [one["Name"] for one in self.ssm.describe_parameters()["Parameters"]]

    def set_timeout(self, seconds: int) -> None:
        self.lambda_.update_function_configuration(FunctionName="f", Timeout=seconds)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(port=0, speed=0, folder=folder, clock_variable="CLOCK") as sandbox:
        yield Account(sandbox)


@pytest.fixture(autouse=True)
def no_faults(account: Account) -> Iterator[None]:
    yield
    account.sandbox.faults.clear()


def test_a_function_runs_as_on_lambda(account: Account) -> None:
    answer = account.invoke(do="identify")
    assert answer == {
        "pid": answer["pid"],
        "clock": account.sandbox.aws.clock.time(),
        "region": "us-east-1",
        "own": "value",
        "remaining": answer["remaining"],
        "request_id": account.sandbox.aws.functions.runs[-1].request_id,
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
        "caller": "arn:aws:sts::123456789012:assumed-role/r/f",
    }
    assert 15_000 < answer["remaining"] <= 20_000


def test_it_stays_warm_until_its_configuration_changes(account: Account) -> None:
    first, second = account.invoke()["pid"], account.invoke()["pid"]
    account.lambda_.update_function_configuration(FunctionName="f", Environment={"Variables": {"OWN": "new"}})
    changed = account.invoke()
    assert first == second != changed["pid"]
    assert changed["own"] == "new"
    assert not _lives(first)


def test_an_exception_is_an_unhandled_error_and_leaves_it_warm(account: Account) -> None:
    before = account.invoke()["pid"]
    answer = account.lambda_.invoke(FunctionName="f", Payload=json.dumps({"do": "fail"}))
    error = json.loads(answer["Payload"].read())
    assert (answer["FunctionError"], error["errorType"], error["errorMessage"]) == ("Unhandled", "ValueError", "boom")
    assert account.invoke()["pid"] == before


def test_an_exit_is_an_error_and_the_next_run_starts_anew(account: Account) -> None:
    before = account.invoke()["pid"]
    error = account.invoke(do="exit")
    request_id = account.sandbox.aws.functions.runs[-1].request_id
    assert error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: exit status 3",
    }
    assert account.invoke()["pid"] != before


def test_the_timeout_is_enforced(account: Account) -> None:
    before = account.invoke()["pid"]
    account.set_timeout(1)
    error = account.invoke(do="sleep", seconds=30)
    account.set_timeout(20)
    request_id = account.sandbox.aws.functions.runs[-1].request_id
    assert error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    assert not _lives(before)


def test_what_it_prints_is_logged(account: Account) -> None:
    account.invoke(mark="printed")
    account.invoke(do="fail")
    events = [
        event["message"]
        for stream in account.logs.describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]
        for event in account.logs.get_log_events(logGroupName="/aws/lambda/f", logStreamName=stream["logStreamName"])[
            "events"
        ]
    ]
    assert 'handling {"mark": "printed"}' in events
    assert any("[ERROR] ValueError: boom" in event for event in events)


def test_the_clock_stands_still_while_it_runs(account: Account) -> None:
    account.invoke()
    with ThreadPoolExecutor() as pool:
        runs = len(account.sandbox.aws.functions.runs)
        answer = pool.submit(account.invoke, do="sleep", seconds=0.3)
        while len(account.sandbox.aws.functions.runs) == runs:
            time.sleep(0.01)
        account.sandbox.aws.clock.advance(100)
    assert answer.result()["clock"] == account.sandbox.aws.functions.runs[-1].time
    assert account.sandbox.aws.clock.time() == account.sandbox.aws.functions.runs[-1].time + 100


def test_an_asynchronous_failure_is_tried_twice_more_in_simulated_time(account: Account) -> None:
    start, runs = account.sandbox.aws.clock.time(), len(account.sandbox.aws.functions.runs)
    account.lambda_.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"do": "fail"}))
    account.sandbox.aws.clock.advance(1000)
    times = [one.time - start for one in account.sandbox.aws.functions.runs[runs:]]
    assert times == [0, 60, 180]


@pytest.mark.parametrize(("queue", "received"), [("dead", 1), ("forbidden", 0), ("gone", 0)])
def test_a_message_that_failed_for_the_last_time_goes_to_the_dead_letter_queue_if_the_role_permits(
    account: Account, queue: str, received: int, caplog: pytest.LogCaptureFixture
) -> None:
    sqs, target = account.client("sqs"), f"arn:aws:sqs:us-east-1:123456789012:{queue}"
    url = sqs.create_queue(QueueName=queue if queue != "gone" else "other")["QueueUrl"]
    account.lambda_.update_function_configuration(FunctionName="f", DeadLetterConfig={"TargetArn": target})
    assert account.lambda_.get_function_configuration(FunctionName="f")["DeadLetterConfig"] == {"TargetArn": target}
    account.lambda_.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"do": "fail", "to": queue}))
    account.sandbox.aws.clock.advance(1000)
    account.lambda_.update_function_configuration(FunctionName="f", DeadLetterConfig={})
    messages = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])
    assert len(messages) == received
    assert ("lost:" in caplog.text) == (not received)
    for message in messages:
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        request_id = account.sandbox.aws.functions.runs[-1].request_id
        assert json.loads(message["Body"]) == {"do": "fail", "to": queue}
        assert attributes == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "boom"}


def test_an_action_that_its_policy_lacks_is_denied(account: Account) -> None:
    error = account.invoke(do="forbidden")
    assert (
        error["errorType"],
        "because no identity-based policy allows the ssm:GetParameter" in error["errorMessage"],
    ) == (
        "AccessDeniedException",
        True,
    )
    assert account.sandbox.aws.functions.runs[-1].calls == ["ssm:GetParameter"]


def test_a_topic_invokes_it_asynchronously(account: Account) -> None:
    sns = account.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint="arn:aws:lambda:us-east-1:123456789012:function:f")
    sns.publish(TopicArn=topic, Message="hello")
    account.sandbox.aws.clock.advance(0)
    assert account.sandbox.aws.functions.runs[-1].event["Records"][0]["Sns"]["Message"] == "hello"


def test_its_calls_are_recorded_without_those_for_the_time(account: Account) -> None:
    account.invoke(do="call", names=["/r/a", "/r/b"])
    recorded = account.sandbox.aws.functions.runs[-1]
    assert (recorded.function, recorded.calls, recorded.error) == ("f", ["ssm:PutParameter"] * 2, None)


@pytest.mark.parametrize(
    ("effect", "handled"),
    [("kill-before", ["/{0}/1"]), ("kill-after", ["/{0}/1", "/{0}/2"])],
)
def test_it_can_be_killed_around_one_of_its_calls(account: Account, effect: str, handled: list[str]) -> None:
    before = account.invoke()["pid"]
    _order(account, effect=effect, call=2)
    error = account.invoke(do="call", names=[f"/{effect}/{number}" for number in (1, 2, 3)])
    assert error["errorMessage"].endswith("Runtime exited with error: signal: SIGKILL")
    assert [name for name in account.names() if name.startswith(f"/{effect}/")] == [n.format(effect) for n in handled]
    assert not _lives(before)
    assert account.invoke(do="call", names=[f"/{effect}/4"])["pid"] != before


@pytest.mark.parametrize(
    ("effect", "error_type", "handled"),
    [
        ("throttle", "ThrottlingException", []),
        ("lose-request", "ConnectionClosedError", []),
        ("lose-answer", "ConnectionClosedError", ["/lose-answer/1"]),
    ],
)
def test_one_of_its_calls_can_fail(account: Account, effect: str, error_type: str, handled: list[str]) -> None:
    _order(account, effect=effect, action="ssm:PutParameter")
    error = account.invoke(do="call", names=[f"/{effect}/1"])
    assert error["errorType"] == error_type
    assert [name for name in account.names() if name.startswith(f"/{effect}/")] == handled


def test_a_fault_is_used_up(account: Account) -> None:
    _order(account, effect="throttle", action="ssm:PutParameter", count=2)
    account.invoke(do="call", names=["/used/1"], attempts=5)
    assert account.sandbox.aws.functions.runs[-1].calls == ["ssm:PutParameter"] * 3


def test_several_run_at_once_in_environments_of_their_own(account: Account) -> None:
    account.invoke()
    for _ in range(2):
        account.lambda_.invoke(
            FunctionName="f", InvocationType="Event", Payload=json.dumps({"do": "sleep", "seconds": 1})
        )
    started = time.monotonic()
    account.sandbox.aws.clock.advance(0)
    assert time.monotonic() - started < 10
    assert {one.error for one in account.sandbox.aws.functions.runs[-2:]} == {None}


def _order(account: Account, **fault: Any) -> None:
    account.sandbox.faults.add(parsed(CallFault, {"function": "f", **fault}))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
