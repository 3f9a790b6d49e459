"""The sandbox over HTTP: its own routes, any SDK against it, people with keys, and errors that nobody can miss."""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.server import Sandbox

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


def test_it_is_ready_once_told(http: Http) -> None:
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
        before, started = sandbox.clock.time(), time.monotonic()
        _until(lambda: sandbox.clock.time() > before + 100)
        assert sandbox.clock.time() - before <= (time.monotonic() - started) * 1000


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
        ("POST", "faults", {"explode": True}, 400),
        ("POST", "faults", {"drop_events": {"count": 1}}, 400),
        ("POST", "faults", {"drop_events": {"pattern": {"source": "x"}}}, 400),
        ("POST", "faults", {"function_call": {"function": "f", "effect": "explode"}}, 400),
        ("POST", "faults", {"capacity": {"available": 1}}, 400),
        ("GET", "nothing", None, 404),
        ("GET", "advance", None, 404),
    ],
)
def test_a_bad_request_says_what_is_expected(http: Http, method: str, path: str, body: object, status: int) -> None:
    answer, fields = http.ask(method, path, body)
    assert (answer, list(fields)) == (status, ["error"])


def test_both_people_have_keys_and_are_who_they_are(http: Http) -> None:
    _, principals = http.ask("GET", "principals")
    callers = {name: http.client("sts", keys).get_caller_identity()["Arn"] for name, keys in principals.items()}
    assert callers == {name: f"arn:aws:iam::123456789012:user/{name}" for name in ("data-scientist", "reviewer")}


def test_both_may_register_and_approve_and_are_recorded(http: Http) -> None:
    _, principals = http.ask("GET", "principals")
    author, reviewer = (http.client("sagemaker", principals[name]) for name in ("data-scientist", "reviewer"))
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


def test_a_parameters_life_is_told_on_the_bus_and_its_versions_start_over(http: Http) -> None:
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


def test_faults_can_be_ordered_seen_and_cleared(http: Http) -> None:
    call = {"function": "f", "effect": "kill-before", "call": 3}
    http.ask("POST", "faults", {"function_call": call})
    http.ask("POST", "faults", {"capacity": {"instance_type": "ml.m5.large", "available": 1}})
    http.ask("POST", "faults", {"drop_events": {"pattern": {"source": ["aws.ssm"]}, "count": 1}})
    http.client("ssm").put_parameter(Name="p", Value="v", Type="String")
    _, faults = http.ask("GET", "faults")
    assert [event["detail"]["name"] for event in faults.pop("dropped_events")] == ["p"]
    assert faults == {
        "function_calls": [{**call, "action": None, "count": 1}],
        "capacity": {"ml.m5.large": 1},
    }
    http.ask("DELETE", "faults")
    _, faults = http.ask("GET", "faults")
    assert (faults["function_calls"], faults["capacity"]) == ([], {})


def test_what_aws_leaves_open_can_be_answered_otherwise(http: Http) -> None:
    status, assumptions = http.ask("POST", "assumptions", {"status_while_rolling_back": "Updating"})
    assert (status, assumptions["status_while_rolling_back"]) == (200, "Updating")
    assert http.sandbox.hosting.assumptions.status_while_rolling_back == "Updating"
    status, answer = http.ask("POST", "assumptions", {"mood": "good"})
    assert (status, answer["error"][:28]) == (400, "There is no assumption mood;")


def test_an_error_in_due_work_fails_the_advance_once_and_is_logged(
    http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("of the work")

    http.sandbox.clock.at(http.sandbox.clock.time() + 10, fail)
    assert http.ask("POST", "advance?seconds=20")[0] == 500
    assert http.ask("POST", "advance?seconds=20")[0] == 200


def test_an_error_in_the_background_is_logged_and_fails_the_next_advance(
    http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("of the background")

    with caplog.at_level(logging.ERROR):
        http.sandbox.clock.at(http.sandbox.clock.time(), fail)
        _until(lambda: "of the background" in caplog.text)
    assert [http.ask("POST", "advance?seconds=0")[0] for _ in range(2)] == [500, 200]


def test_an_endpoint_that_does_not_exist_answers_as_sagemaker_does(http: Http) -> None:
    runtime = http.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ClientError, match="Endpoint nothing of account 123456789012 not found"):
        runtime.invoke_endpoint(EndpointName="nothing", Body=b"1")
    assert http.ask("GET", "invocations") == (200, {"served": {}, "refused": {"nothing": 1}})


@pytest.mark.parametrize(("service", "operation"), [("ssm", "get_inventory"), ("sns", "list_origination_numbers")])
def test_what_it_does_not_know_is_said_once_and_logged(
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
def test_the_command_prints_what_to_export_and_stays_until_told_to_stop(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--port=0", "--no-deploy", f"--folder={tmp_path / 'folder'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        first, *exports = [process.stdout.readline() for _ in range(6)]
        url = first.split(" answers at ")[1].split(";")[0]
        assert sorted(exports) == [
            "export AWS_ACCESS_KEY_ID=testing\n",
            "export AWS_DEFAULT_REGION=us-east-1\n",
            f"export AWS_ENDPOINT_URL={url}\n",
            "export AWS_REGION=us-east-1\n",
            "export AWS_SECRET_ACCESS_KEY=testing\n",
        ]
        with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=30) as answer:
            assert json.load(answer) == {"ready": True}
        process.send_signal(number)
        assert (process.wait(timeout=30), process.stderr.read()) == (0, "")


def test_the_command_stops_although_its_shell_made_it_ignore_ctrl_c(tmp_path: Path) -> None:
    command = f"trap '' INT; exec {sys.executable} -m sandbox --port=0 --no-deploy --folder={tmp_path / 'folder'}"
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for _ in range(6):
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
