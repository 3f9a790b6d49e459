"""The sandbox over HTTP: its own routes, any SDK, users with keys, and errors that cannot be overlooked."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime, parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from unittest.mock import ANY
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.app import principals
from sandbox.server.sandbox import Sandbox

PEOPLE = ("data-scientist", "reviewer", "contributor", "on-call", "viewer", "auditor")
CODE = "import os\n\ndef handler(event, context):\n    return os.getpid()\n"


class Http:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.sandbox.url}/_sandbox/{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            return error.code, json.loads(text) if text.startswith("{") else text

    def client(self, service: str, keys: dict[str, str] | None = None) -> Any:
        keys = keys or {"AccessKeyId": "testing", "SecretAccessKey": "testing"}
        return boto3.client(
            service,
            endpoint_url=self.sandbox.url,
            region_name="us-east-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
        )


@pytest.fixture
def http(tmp_path: Path) -> Iterator[Http]:
    with Sandbox(port=0, speed=0, folder=tmp_path) as sandbox:
        yield Http(sandbox)


def test_it_is_ready_after_the_ready_request(http: Http) -> None:
    assert http.ask("GET", "health") == (503, {"ready": False})
    http.ask("POST", "ready")
    assert http.ask("GET", "health") == (200, {"ready": True})


def test_the_clock_moves_only_by_advance_where_speed_is_0(http: Http) -> None:
    before = http.ask("GET", "time")
    assert http.ask("GET", "time") == before
    assert http.ask("POST", "advance?seconds=90.5") == (200, {"now": before[1] + 90.5})
    assert http.ask("GET", "time") == (200, before[1] + 90.5)


def test_the_clock_runs_by_itself_at_its_speed(tmp_path: Path) -> None:
    with Sandbox(port=0, speed=1000, folder=tmp_path) as sandbox:
        before, started = sandbox.aws.clock.time(), time.monotonic()
        _until(lambda: sandbox.aws.clock.time() > before + 100)
        assert sandbox.aws.clock.time() - before <= (time.monotonic() - started) * 1000


@pytest.mark.parametrize(
    ("service", "ask"), [("dynamodb", "list_tables"), ("sts", "get_caller_identity"), ("s3", "list_buckets")]
)
def test_an_answer_is_dated_by_the_simulated_clock(http: Http, service: str, ask: str) -> None:
    http.sandbox.aws.clock.advance(86_400)
    answer = getattr(http.client(service), ask)()
    simulated = format_datetime(http.sandbox.aws.clock.now(), usegmt=True)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["date"] == simulated


def test_an_answer_to_the_cdks_cli_is_dated_by_the_machine(http: Http) -> None:
    """Its SDK waits for minutes if the Date is not its own."""
    http.sandbox.aws.clock.advance(86_400)
    connection = _connected(http.sandbox)
    connection.request("GET", "/_sandbox/health", headers={"User-Agent": "aws-sdk-js/3.1130.0 ua/2.1"})
    date = parsedate_to_datetime(str(connection.getresponse().headers["Date"]))
    connection.close()
    assert abs(date.timestamp() - time.time()) < 3600


def test_a_connection_serves_one_request_after_the_other(http: Http) -> None:
    connection = _connected(http.sandbox)
    connection.connect()
    socket = connection.sock
    for method, body in (("POST", b"{}"), ("HEAD", None), ("GET", None), ("GET", None)):
        connection.request(method, "/_sandbox/health", body)
        answer = connection.getresponse()
        answer.read()
        assert (answer.will_close, connection.sock) == (False, socket)


def test_a_body_of_no_stated_length_is_read(http: Http) -> None:
    connection = _connected(http.sandbox)
    connection.request("POST", "/_sandbox/faults", iter([b'{"drop_events": ', b'{"count": 1, "pattern": {}}}']))
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["error"]) == (400, ANY)


def test_a_client_that_asks_whether_to_send_its_body_is_told_to_before_it_sends_it(http: Http) -> None:
    """Otherwise botocore waits for a second before each upload."""
    host = urlsplit(http.sandbox.url)
    head = "PUT /bucket HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection((host.hostname or "", host.port or 0), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"  ")
        assert connection.recv(1000).startswith(b"HTTP/1.1 ")


def test_a_failure_is_answered_and_logged(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    http.sandbox.control._routes["GET", "time"] = lambda request: 1 / 0
    assert http.ask("GET", "time")[0] == 500
    assert "division by zero" in caplog.text


def test_stopping_ends_the_connections(tmp_path: Path) -> None:
    with Sandbox(port=0, speed=0, folder=tmp_path) as sandbox:
        connection = _connected(sandbox)
        connection.request("GET", "/_sandbox/time")
        connection.getresponse().read()
        socket = connection.sock
    assert socket.recv(1) == b""


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "advance", None, 400),
        ("POST", "advance?seconds=-1", None, 400),
        ("POST", "advance?seconds=soon", None, 400),
        ("POST", "advance?seconds=nan", None, 400),
        ("POST", "traffic", {"endpoint": "churn"}, 400),
        ("POST", "traffic", {"requests_per_second": 1}, 400),
        ("POST", "traffic", [1], 400),
        ("POST", "user-profiles", {"access_key_id": "AKIA"}, 400),
        ("POST", "faults", {"explode": True}, 400),
        ("POST", "faults", {"drop_events": {"count": 1}}, 400),
        ("POST", "faults", {"drop_events": {"pattern": {"source": "x"}}}, 400),
        ("POST", "faults", {"function_call": {"function": "f", "effect": "explode"}}, 400),
        ("POST", "faults", {"capacity": {"available": 1}}, 400),
        ("POST", "faults", None, 400),
        ("POST", "assumptions", {"account_has_trail": "perhaps"}, 400),
        ("GET", "nothing", None, 404),
        ("GET", "advance", None, 404),
    ],
)
def test_a_bad_request_says_what_is_expected(http: Http, method: str, path: str, body: object, status: int) -> None:
    answer, fields = http.ask(method, path, body)
    assert (answer, list(fields)) == (status, ["error"])


def test_the_people_have_keys_and_are_who_they_are(http: Http) -> None:
    _, people = http.ask("GET", "principals")
    callers = {name: http.client("sts", keys).get_caller_identity()["Arn"] for name, keys in people.items()}
    assert callers == {name: f"arn:aws:iam::123456789012:user/{name}" for name in PEOPLE}


def test_two_may_register_and_approve_and_are_recorded(http: Http) -> None:
    _, people = http.ask("GET", "principals")
    author, reviewer = (http.client("sagemaker", people[name]) for name in ("data-scientist", "reviewer"))
    author.create_model_package_group(ModelPackageGroupName="churn")
    container = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1", "ModelDataUrl": "s3://models/m.tar.gz"}
    arn = author.create_model_package(
        ModelPackageGroupName="churn",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    reviewer.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    package = reviewer.describe_model_package(ModelPackageName=arn)
    people = [package[who]["IamIdentity"]["Arn"].split("/")[-1] for who in ("CreatedBy", "LastModifiedBy")]
    assert people == ["data-scientist", "reviewer"]
    statuses = [event["detail"]["ModelApprovalStatus"] for event in http.ask("GET", "events")[1]]
    assert statuses == ["PendingManualApproval", "Approved"]
    (last,) = http.ask("GET", "events?after=1")[1]
    assert last["detail"]["ModelApprovalStatus"] == "Approved"
    assert http.ask("GET", "events?after=-1")[0] == 400


def test_a_contributor_may_register_and_not_approve(http: Http) -> None:
    _, people = http.ask("GET", "principals")
    contributor = http.client("sagemaker", people["contributor"])
    contributor.create_model_package_group(ModelPackageGroupName="churn")
    arn = contributor.create_model_package(ModelPackageGroupName="churn")["ModelPackageArn"]
    with pytest.raises(ClientError, match="explicit deny"):
        contributor.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    with pytest.raises(ClientError, match="explicit deny"):
        contributor.create_model_package(ModelPackageGroupName="churn", ModelApprovalStatus="Approved")
    assert contributor.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == "PendingManualApproval"
    http.ask("POST", "advance?seconds=20")
    trail = [e["detail"] for e in http.ask("GET", "events")[1] if e["detail-type"] == "AWS API Call via CloudTrail"]
    told = [
        (one["eventName"], one["requestParameters"].get("modelApprovalStatus"), one.get("errorCode")) for one in trail
    ]
    assert told == [
        ("CreateModelPackage", None, None),
        ("UpdateModelPackage", "Approved", "AccessDenied"),
        ("CreateModelPackage", "Approved", "AccessDenied"),
    ]


def test_the_apps_managed_policies_take_the_place_of_the_peoples_own(http: Http) -> None:
    iam = http.client("iam")
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}]}
    approve, register, *others = (
        f"approval-gate-{which}-us-east-1" for which in ("may-approve", "may-register", "operator", "viewer", "auditor")
    )
    for name in (approve, register, *others):
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(nothing))
    principals.attach(iam, "us-east-1")
    attached = {
        name: (
            [policy["PolicyName"] for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]],
            iam.list_user_policies(UserName=name)["PolicyNames"],
        )
        for name in PEOPLE
    }
    assert attached == {
        "data-scientist": ([approve], ["besides"]),
        "reviewer": ([approve], ["besides"]),
        "contributor": ([register], ["besides"]),
        **{name: ([policy], []) for name, policy in zip(PEOPLE[3:], others, strict=True)},
    }


def test_a_refusal_to_head_has_no_body_so_that_a_client_knows_its_status_only(http: Http) -> None:
    _, people = http.ask("GET", "principals")
    http.client("s3").create_bucket(Bucket="models")
    http.client("iam").delete_user_policy(UserName="reviewer", PolicyName="besides")
    with pytest.raises(ClientError) as refused:
        http.client("s3", people["reviewer"]).head_object(Bucket="models", Key="fraud/model.tar.gz")
    assert refused.value.response["Error"] == {"Code": "403", "Message": "Forbidden"}


def test_a_studio_user_is_identified_by_the_user_profile(http: Http) -> None:
    _, people = http.ask("GET", "principals")
    key = people["reviewer"]
    http.ask("POST", "user-profiles", {"access_key_id": key["AccessKeyId"], "domain": "d-1", "name": "ann"})
    sagemaker = http.client("sagemaker", key)
    sagemaker.create_model_package_group(ModelPackageGroupName="churn")
    arn = sagemaker.create_model_package(ModelPackageGroupName="churn")["ModelPackageArn"]
    created_by = sagemaker.describe_model_package(ModelPackageName=arn)["CreatedBy"]
    assert created_by.pop("IamIdentity")["Arn"].endswith("user/reviewer")
    assert created_by == {
        "UserProfileArn": "arn:aws:sagemaker:us-east-1:123456789012:user-profile/d-1/ann",
        "UserProfileName": "ann",
        "DomainId": "d-1",
    }


def test_changes_of_a_parameter_are_events_and_its_versions_start_over(http: Http) -> None:
    ssm, name = http.client("ssm"), "/gate/endpoints/churn"
    ssm.put_parameter(Name=name, Value="1", Type="String", Description="A spec")
    ssm.put_parameter(Name=name, Value="2", Overwrite=True)
    ssm.delete_parameter(Name=name)
    ssm.put_parameter(Name=name, Value="3", Type="String")
    ssm.delete_parameters(Names=[name, "/gone"])
    events = http.ask("GET", "events")[1]
    assert [(event["detail"]["operation"], event["detail"].get("description")) for event in events] == [
        ("Create", "A spec"),
        ("Update", "A spec"),
        ("Delete", "A spec"),
        ("Create", None),
        ("Delete", None),
    ]
    assert {key: events[0][key] for key in ("source", "detail-type", "resources", "detail")} == {
        "source": "aws.ssm",
        "detail-type": "Parameter Store Change",
        "resources": ["arn:aws:ssm:us-east-1:123456789012:parameter/gate/endpoints/churn"],
        "detail": {"operation": "Create", "name": name, "type": "String", "description": "A spec"},
    }


def test_what_is_due_now_is_delivered_while_the_clock_stands(http: Http) -> None:
    function = _deploy(http)
    sqs = http.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    source = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    http.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=source)
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    _until(lambda: any(not run["is_running"] for run in http.ask("GET", f"invocation-calls?function={function}")[1]))
    (run,) = http.ask("GET", f"invocation-calls?function={function}")[1]
    assert (run["calls"], run["error"], run["event"]["Records"][0]["body"]) == ([], None, "hello")
    assert http.ask("GET", "invocation-calls?function=other") == (200, [])


def test_faults_can_be_added_listed_and_cleared(http: Http) -> None:
    call = {"function": "f", "effect": "kill-before", "call": 3}
    http.ask("POST", "faults", {"function_call": call})
    http.ask("POST", "faults", {"capacity": {"instance_type": "ml.m5.large", "available": 1}})
    http.ask("POST", "faults", {"drop_events": {"pattern": {"source": ["aws.ssm"]}, "count": 1}})
    http.ask("POST", "faults", {"late_captures": {"seconds": 7200}})
    http.ask("POST", "faults", {"slow_calls": {"seconds": 0.25}})
    http.client("ssm").put_parameter(Name="p", Value="v", Type="String")
    _, faults = http.ask("GET", "faults")
    assert [event["detail"]["name"] for event in faults.pop("dropped_events")] == ["p"]
    assert faults == {
        "function_calls": [{**call, "action": None, "count": 1}],
        "capacity": {"ml.m5.large": 1},
        "late_captures": 7200,
        "slow_calls": 0.25,
    }
    http.ask("DELETE", "faults")
    _, faults = http.ask("GET", "faults")
    del faults["dropped_events"]
    assert faults == {"function_calls": [], "capacity": {}, "late_captures": 0, "slow_calls": 0}


def test_what_aws_leaves_open_can_be_answered_otherwise(http: Http) -> None:
    status, assumptions = http.ask("POST", "assumptions", {"rolling_back_shows": False})
    assert (status, assumptions["rolling_back_shows"]) == (200, False)
    assert not http.sandbox.aws.sagemaker.surroundings.assumptions.rolling_back_shows
    status, answer = http.ask("POST", "assumptions", {"mood": "good"})
    assert (status, answer["error"].partition(";")[0]) == (400, "There is no mood")


def test_an_error_in_due_work_fails_the_advance_once_and_is_logged(
    http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("of the work")

    http.sandbox.aws.clock.at(http.sandbox.aws.clock.time() + 10, fail)
    assert http.ask("POST", "advance?seconds=20")[0] == 500
    assert http.ask("POST", "advance?seconds=20")[0] == 200


def test_an_error_in_the_background_is_logged_and_fails_the_next_advance(
    http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("of the background")

    with caplog.at_level(logging.ERROR):
        http.sandbox.aws.clock.at(http.sandbox.aws.clock.time(), fail)
        _until(lambda: "of the background" in caplog.text)
    assert [http.ask("POST", "advance?seconds=0")[0] for _ in range(2)] == [500, 200]


def test_an_endpoint_that_does_not_exist_answers_as_sagemaker_does(http: Http) -> None:
    runtime = http.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ClientError, match="Endpoint nothing of account 123456789012 not found"):
        runtime.invoke_endpoint(EndpointName="nothing", Body=b"1")
    assert http.ask("GET", "invocations") == (200, {"served": {}, "refused": {"nothing": 1}})


@pytest.mark.parametrize(("service", "operation"), [("ssm", "get_inventory"), ("sns", "list_origination_numbers")])
def test_an_unknown_operation_is_refused_without_retries_and_logged(
    http: Http, service: str, operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = http.client(service)
    with pytest.raises(client.exceptions.ClientError, match=rf"NotImplemented.*{operation.title().replace('_', '')}"):
        getattr(client, operation)()
    assert caplog.text.count("is not modelled") == 1


def test_who_may_not_invoke_an_endpoint_is_refused(http: Http) -> None:
    iam = http.client("iam")
    iam.create_user(UserName="stranger")
    key = iam.create_access_key(UserName="stranger")["AccessKey"]
    runtime = http.client("sagemaker-runtime", key)
    with pytest.raises(runtime.exceptions.ClientError, match=r"AccessDeniedException.*sagemaker:InvokeEndpoint"):
        runtime.invoke_endpoint(EndpointName="nothing", Body=b"1")
    decision = http.ask("GET", "decisions")[1][-1]
    assert decision == {
        "principal": "arn:aws:iam::123456789012:user/stranger",
        "action": "sagemaker:InvokeEndpoint",
        "resource": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/nothing",
        "allowed": False,
    }


def test_stopping_ends_every_function(tmp_path: Path) -> None:
    with Sandbox(port=0, speed=0, folder=tmp_path) as sandbox:
        http = Http(sandbox)
        answer = http.client("lambda").invoke(FunctionName=_deploy(http))["Payload"].read()
        pid = int(answer)
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_what_to_source_and_runs_until_it_is_stopped(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--port=0", "--no-deploy", f"--folder={tmp_path / 'folder'}"]
    with _started(command) as process:
        assert process.stdout
        assert process.stderr
        first, second = process.stdout.readline(), process.stdout.readline()
        url = first.split(" answers at ")[1].split(";")[0]
        environment = tmp_path / "folder" / "environment"
        assert second == f"The sandbox is ready. In another terminal, run: source {environment}\n"
        assert f"export AWS_ENDPOINT_URL={url}\n" in environment.read_text()
        with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=30) as answer:
            assert json.load(answer) == {"ready": True}
        process.send_signal(number)
        assert (process.wait(timeout=30), process.stderr.read()) == (0, "")


def test_the_command_stops_although_its_shell_made_it_ignore_ctrl_c(tmp_path: Path) -> None:
    command = f"trap '' INT; exec {sys.executable} -m sandbox --port=0 --no-deploy --folder={tmp_path / 'folder'}"
    with _started(["sh", "-c", command]) as process:
        assert process.stdout
        for _ in range(2):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_the_command_empties_no_folder_of_the_users(tmp_path: Path) -> None:
    (tmp_path / "thesis").touch()
    command = [sys.executable, "-m", "sandbox", "--port=0", "--no-deploy", f"--folder={tmp_path}"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (refused.returncode, (tmp_path / "thesis").exists()) == (2, True)
    assert f"{tmp_path} is not empty" in refused.stderr


@contextmanager
def _started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _connected(sandbox: Sandbox) -> HTTPConnection:
    return HTTPConnection(urlsplit(sandbox.url).netloc, timeout=30)


def _deploy(http: Http) -> str:
    role = http.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    asset = io.BytesIO()
    with zipfile.ZipFile(asset, "w") as archive:
        archive.writestr("code_of_f.py", CODE)
    http.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.11",
        Role=role,
        Handler="code_of_f.handler",
        Timeout=20,
        Code={"ZipFile": asset.getvalue()},
    )
    return "f"


def _until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)
