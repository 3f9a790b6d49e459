"""What people with far too many rights might forge, so that something goes live, or so that the record says something
else: the real deployment, with IAM on. Each attempt ends denied, or without effect, or it stops the endpoint and is
told.

docs/security.md lists them. One endpoint serves for all of them.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.inbox import CLOUDTRAIL_EVENT, PACKAGE_EVENT
from lambdas.gate.aws.ledger import HEAD, partition, row_key
from lambdas.gate.state.fact import Kind
from ops.rows import read_rows
from sandbox.app.deployment import ACCOUNT, REGION
from tests.e2e import command_line
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.world import CONTRIBUTOR, ON_CALL, World

NAME, PROBED, COMPARED = "forged", "answering", "differing"
FORGERY = "approval-gate-forged"
"""A rule of the attacker. The queue's policy lets rules of such names send, because those of other stacks have them."""
KEY = {"pk": {"S": partition(NAME)}, "sk": {"S": HEAD}}


@pytest.fixture
def forged(take: Take) -> Endpoint:
    """Version 1 is live, and version 2 waits for somebody to approve it."""
    endpoint = take(NAME)
    if endpoint.live() is None:
        endpoint.serving(versions=2)
    return endpoint


@contextmanager
def _allowed_everything(world: World, person: str) -> Iterator[None]:
    iam = world.client("iam")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=person, PolicyName="everything", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_user_policy(UserName=person, PolicyName="everything")


Call = Callable[[Callable[[str], Any]], object]
"""Makes one call, with a function that returns the attacker's client of a service."""


def _row_of_the_ledger(client: Callable[[str], Any]) -> object:
    row = KEY | {"sk": {"S": row_key(99)}, "summary": {"S": "approved by somebody else"}}
    return client("dynamodb").put_item(TableName=names.LEDGER, Item=row)


def _several_items(client: Callable[[str], Any]) -> object:
    put = {"PutRequest": {"Item": KEY | {"head": {"S": "{}"}}}}
    return client("dynamodb").batch_write_item(RequestItems={names.LEDGER: [put]})


def _time_to_live(client: Callable[[str], Any]) -> object:
    by_age = {"Enabled": True, "AttributeName": "at"}
    return client("dynamodb").update_time_to_live(TableName=names.LEDGER, TimeToLiveSpecification=by_age)


def _message(queue: str) -> Call:
    def send(client: Callable[[str], Any]) -> object:
        url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue}"
        return client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"endpoint": NAME}))

    return send


TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{names.LEDGER}"
BY_ADMINISTRATORS: dict[str, Call] = {
    "write the head": lambda client: client("dynamodb").put_item(TableName=names.LEDGER, Item=KEY),
    "delete the head": lambda client: client("dynamodb").delete_item(TableName=names.LEDGER, Key=KEY),
    "add a row": _row_of_the_ledger,
    "write several items": _several_items,
    "let rows expire": _time_to_live,
    "take the deletion protection off": lambda client: client("dynamodb").update_table(
        TableName=names.LEDGER, DeletionProtectionEnabled=False
    ),
    "delete the table": lambda client: client("dynamodb").delete_table(TableName=names.LEDGER),
    "delete the table's policy": lambda client: client("dynamodb").delete_resource_policy(ResourceArn=TABLE_ARN),
    "send to the inbox": _message(names.INBOX),
    "send to the dead letters": _message(names.DEAD_LETTERS),
    "send to the queue of a prober": _message(names.prober(PROBED)),
    "send to the queue of a comparer": _message(names.comparer(COMPARED)),
}


@pytest.mark.parametrize("act", BY_ADMINISTRATORS)
def test_what_is_denied_even_to_somebody_who_may_do_everything(world: World, act: str) -> None:
    with _allowed_everything(world, CONTRIBUTOR), pytest.raises(ClientError, match="explicit deny"):
        BY_ADMINISTRATORS[act](lambda service: world.client(service, CONTRIBUTOR))


def _metric(namespace: str) -> Call:
    data = [{"MetricName": "Invocations", "Value": 1.0}]
    return lambda client: client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


def _floor(client: Callable[[str], Any]) -> object:
    return client("ssm").put_parameter(Name=names.FLOOR_PARAMETER, Value="{}", Type="String", Overwrite=True)


BY_FUNCTIONS: dict[str, tuple[str, Call]] = {
    "the publisher writes a head": (
        names.PUBLISHER,
        lambda client: client("dynamodb").put_item(TableName=names.LEDGER, Item=KEY),
    ),
    "the deployer deletes a row": (
        names.DEPLOYER,
        lambda client: client("dynamodb").delete_item(TableName=names.LEDGER, Key=KEY | {"sk": {"S": row_key(1)}}),
    ),
    "the deployer writes its own spec": (
        names.DEPLOYER,
        lambda client: client("ssm").put_parameter(Name=names.spec_parameter(NAME), Value="{}", Overwrite=True),
    ),
    "the deployer writes the floor": (names.DEPLOYER, _floor),
    "a prober puts another endpoint's metrics": (
        names.prober(PROBED),
        _metric(names.golden_namespace(NAME)),
    ),
    "a prober puts SageMaker's metrics": (names.prober(PROBED), _metric("AWS/SageMaker")),
    "a comparer reads what is no capture of its endpoint": (
        names.comparer(COMPARED),
        lambda client: client("s3").get_object(Bucket="e2e-models", Key=f"{COMPARED}/model.tar.gz"),
    ),
    "a comparer lists what is no capture of its endpoint": (
        names.comparer(COMPARED),
        lambda client: client("s3").list_objects_v2(Bucket="e2e-models", Prefix=COMPARED),
    ),
    "a comparer describes its endpoint": (
        names.comparer(COMPARED),
        lambda client: client("sagemaker").describe_endpoint(EndpointName=COMPARED),
    ),
    "a prober gives an order": (
        names.prober(PROBED),
        lambda client: client("sqs").send_message(
            QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{names.ORDERS}",
            MessageBody="{}",
            MessageGroupId=NAME,
            MessageDeduplicationId="1",
        ),
    ),
}


@pytest.mark.parametrize("act", BY_FUNCTIONS)
def test_what_is_denied_to_the_functions_themselves(world: World, act: str) -> None:
    function, call = BY_FUNCTIONS[act]
    with pytest.raises(ClientError, match="AccessDenied"):
        call(lambda service: world.as_function(function, service))


def _package_event(endpoint: Endpoint, version: int, status: str, at: str) -> dict[str, Any]:
    detail = {
        "ModelPackageArn": endpoint.arn(version),
        "ModelApprovalStatus": status,
        "UpdatedModelPackageFields": ["ModelApprovalStatus"],
        "LastModifiedTime": at,
    }
    return {"detail-type": PACKAGE_EVENT, "time": at, "detail": detail}


def _trail_event(endpoint: Endpoint, version: int, call: str, status: str | None, at: str) -> dict[str, Any]:
    name = "modelPackageName" if call == "DeleteModelPackage" else "modelPackageArn"
    asked = {name: endpoint.arn(version)} | ({"modelApprovalStatus": status} if status else {})
    user = {"arn": f"arn:aws:iam::{ACCOUNT}:user/reviewer", "principalId": "AIDAFORGEDFORGEDFORGE"}
    detail = {"eventName": call, "eventTime": at, "userIdentity": user, "requestParameters": asked}
    return {"detail-type": CLOUDTRAIL_EVENT, "time": at, "detail": detail}


Event = Callable[[Endpoint, str], dict[str, Any]]
EVENTS: dict[str, Event] = {
    "an approval": lambda endpoint, at: _package_event(endpoint, 2, "Approved", at),
    "a rejection of the live version": lambda endpoint, at: _package_event(endpoint, 1, "Rejected", at),
    "the reviewer's approval": lambda endpoint, at: _trail_event(endpoint, 2, "UpdateModelPackage", "Approved", at),
    "the reviewer's rejection": lambda endpoint, at: _trail_event(endpoint, 1, "UpdateModelPackage", "Rejected", at),
    "a deletion": lambda endpoint, at: _trail_event(endpoint, 1, "DeleteModelPackage", None, at),
    "an order": lambda endpoint, at: {"id": "in-the-inbox", "kind": "pause", "endpoint": NAME, "reason": "because"},
}


@pytest.mark.parametrize("event", EVENTS)
def test_a_forged_event_causes_a_reconcile_and_nothing_else(forged: Endpoint, world: World, event: str) -> None:
    """A rule of the attacker's own may send to the inbox if it is named like one of Approval Gate's."""
    at = datetime.fromtimestamp(world.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"endpoint": NAME, "event": EVENTS[event](forged, at)}
    before, runs = forged.story(), len(world.calls())
    with _allowed_everything(world, CONTRIBUTOR):
        events = world.client("events", CONTRIBUTOR)
        events.put_rule(Name=FORGERY, EventPattern=json.dumps({"source": ["forger"]}))
        inbox = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{names.INBOX}"
        events.put_targets(Rule=FORGERY, Targets=[{"Id": "1", "Arn": inbox, "Input": json.dumps(body)}])
        events.put_events(Entries=[{"Source": "forger", "DetailType": "forged", "Detail": "{}"}])
        world.advance(300)
        events.disable_rule(Name=FORGERY)
    assert len(world.calls()) > runs
    assert (forged.story(), forged.live()) == (before, ("InService", 1))


PAUSE = {"id": "odd-order-1", "kind": "pause", "endpoint": NAME, "reason": "because"}
ODD: dict[str, str] = {
    "no object": "[]",
    "a kind that does not exist": json.dumps(PAUSE | {"kind": "approve"}),
    "a key twice": json.dumps(PAUSE).replace('"reason"', '"kind": "resume", "reason"'),
    "one field more": json.dumps(PAUSE | {"who": "reviewer"}),
    "an endpoint that is none": json.dumps(PAUSE | {"endpoint": "../forged"}),
    "a blank reason": json.dumps(PAUSE | {"reason": " \u200b"}),
    "a retry of all": json.dumps(PAUSE | {"kind": "retry", "endpoint": names.ALL}),
    "a message of the inbox": json.dumps({"endpoint": NAME, "event": {"detail-type": PACKAGE_EVENT}}),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_order_is_refused_with_a_row_and_changes_nothing(forged: Endpoint, world: World, odd: str) -> None:
    before, refused = (forged.live(), forged.story()), _refused(world)
    sqs, url = world.client("sqs", ON_CALL), f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{names.ORDERS}"
    sqs.send_message(QueueUrl=url, MessageBody=ODD[odd], MessageGroupId=NAME, MessageDeduplicationId=f"{hash(odd)}")
    world.advance()
    refusals = forged.story()[len(before[1]) :]
    assert _refused(world) == refused + 1
    assert (forged.live(), [kind for kind, *_ in refusals if kind != Kind.ORDER_REFUSED]) == (before[0], [])
    assert _head(world)["paused"] is None


def _refused(world: World) -> int:
    """How many orders were refused so far, for this endpoint or for none."""
    rows = (row for name in (NAME, names.ALL) for row in read_rows(world.client("dynamodb"), name))
    return sum(row.fact.kind is Kind.ORDER_REFUSED for row in rows)


def _head(world: World) -> dict[str, Any]:
    item = world.client("dynamodb").get_item(TableName=names.LEDGER, Key=KEY)["Item"]
    head: dict[str, Any] = json.loads(item["head"]["S"])
    return head


def _approved_by_another(head: dict[str, Any]) -> None:
    head["live"]["approval"]["by"] = f"arn:aws:iam::{ACCOUNT}:user/somebody-else"


def _served_before(head: dict[str, Any]) -> None:
    head["good"] = [head["live"]]


EDITS: dict[str, Callable[[dict[str, Any]], None]] = {
    "a pause ended": lambda head: head.update(paused=None),
    "another approver": _approved_by_another,
    "a good version invented": _served_before,
    "a check overridden": lambda head: head.update(
        overrides=[{"order": 2, "check": "four_eyes", "by": "somebody", "reason": "because", "at": 0.0}]
    ),
    "an older state put back": lambda head: head.update(rows=head["rows"] - 1),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_head_stops_the_endpoint_and_is_told(forged: Endpoint, world: World, edit: str) -> None:
    """By somebody with the deployer's own role, because nobody else may write it."""
    command_line.run(world, "pause", NAME, "--reason", "nothing may go")
    item = world.client("dynamodb").get_item(TableName=names.LEDGER, Key=KEY)["Item"]
    head = json.loads(item["head"]["S"])
    EDITS[edit](head)
    dynamodb = world.as_function(names.DEPLOYER, "dynamodb")
    dynamodb.put_item(TableName=names.LEDGER, Item=item | {"head": {"S": json.dumps(head)}})
    with pytest.raises(AssertionError, match="is not intact"):
        command_line.run(world, "verify", NAME)
    before, updates = forged.live(), forged.updates()
    forged.approve(2)
    world.advance(600)
    assert (forged.live(), forged.updates()) == (before, updates)
    forged.decide(2, "PendingManualApproval")
    command_line.run(world, "restore", NAME, "--reason", "somebody edited the head")
    command_line.run(world, "verify", NAME)
    assert _head(world)["paused"] == "nothing may go"
    command_line.run(world, "resume", NAME)
