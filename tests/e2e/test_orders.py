"""Operators' orders through the deployed queue, and attacks on them, with everybody's own IAM policies."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate import codec, names, timing
from lambdas.gate.aws.ledger import HEAD, partition
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.orders import Order, OrderKind
from sandbox.app.deployment import ACCOUNT
from tests.e2e import command_line
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.lines import FIRST, accepted, approved, closed, held, opened
from tests.e2e.world import ON_CALL, REVIEWER, SCIENTIST, World

ON_CALL_ARN, REVIEWER_ARN = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in (ON_CALL, REVIEWER))


def _send(world: World, order: Order, by: str = ON_CALL, **more: Any) -> None:
    sqs = world.client("sqs", by)
    url = world.client("sqs").get_queue_url(QueueName=names.ORDERS)["QueueUrl"]
    fields = {"MessageGroupId": order.endpoint, "MessageDeduplicationId": order.id} | more
    sqs.send_message(QueueUrl=url, MessageBody=codec.encode(order), **fields)


def _rows(endpoint: Endpoint) -> list[tuple[str, str]]:
    """Kind and person of each row that an order left."""
    return [(row.fact.kind, row.fact.who) for row in endpoint.rows() if "order" in row.fact.detail]


def test_an_order_is_carried_out_in_the_name_that_aws_gives(take: Take, world: World) -> None:
    endpoint = take("ordered")
    endpoint.serving(versions=2)
    told = command_line.run(world, "pause", "ordered", "--reason", "release freeze")
    assert told.startswith("ordered: paused: release freeze.")
    endpoint.approve(2)
    endpoint.settle()
    assert endpoint.story() == [*FIRST, held(None), approved(2), held(2)]
    told = command_line.run(world, "pause", "ordered", "--reason", "again", code=1)
    assert told == "Error: The order to pause ordered was refused: ordered is already paused: release freeze\n"
    command_line.run(world, "resume", "ordered")
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    assert _rows(endpoint) == [
        (Kind.HELD, ON_CALL_ARN),
        (Kind.ORDER_REFUSED, ON_CALL_ARN),
        (Kind.RESUMED, ON_CALL_ARN),
    ]


def test_an_order_whose_function_died_is_carried_out_before_it_expires(take: Take, world: World) -> None:
    endpoint = take("delivered")
    endpoint.serving()
    world.fault(function_call={"function": names.DEPLOYER, "effect": "kill-before", "call": 1})
    _send(world, Order("died-once-1", OrderKind.RECONCILE, "delivered", "a spec was fixed", claimed=ON_CALL_ARN))
    world.advance()
    assert world.control("faults")["function_calls"] == []
    assert _rows(endpoint) == []
    world.advance(timing.ORDERS_VISIBILITY_TIMEOUT)
    assert _rows(endpoint) == [(Kind.RECONCILE_ORDERED, ON_CALL_ARN)]


def test_an_operator_rolls_back_and_sees_why_a_version_is_not_live(take: Take, world: World) -> None:
    endpoint = take("rolled-back")
    endpoint.serving(versions=3)
    endpoint.approve(2)
    assert "rolled-back: live" in command_line.run(world, "wait", "rolled-back", "2", "--timeout", "4h")
    told = command_line.run(world, "rollback", "rolled-back", "--reason", "customers complain")
    assert told.startswith(f"rolled-back: rollback from {endpoint.group}/2 to {endpoint.group}/1 ordered: customers")
    assert "rolled-back: live" in command_line.run(world, "wait", "rolled-back", "1", "--timeout", "4h")
    assert endpoint.live() == ("InService", 1)
    told = command_line.run(world, "explain", "rolled-back", "2", code=6)
    assert f"{endpoint.group}/2 is quarantined: on-call ordered the rollback to {endpoint.group}/1" in told
    assert "rolled-back: pending" in command_line.run(world, "explain", "rolled-back", "3", code=7)
    assert command_line.run(world, "rollback", "rolled-back", "--reason", "again", code=1) == (
        "Error: The order to roll back rolled-back was refused: No good version is left to roll back to.\n"
    )


def test_a_forged_name_an_old_order_and_a_repeated_one_reach_nothing(take: Take, world: World) -> None:
    endpoint = take("attacked")
    endpoint.serving()
    pause = Order("forged-name-1", OrderKind.PAUSE, "attacked", "because", claimed=REVIEWER_ARN)
    _send(world, pause)
    world.advance()
    (row,) = [row.fact for row in endpoint.rows() if "order" in row.fact.detail]
    user = world.client("iam").get_user(UserName=ON_CALL)["User"]["UserId"]
    assert (row.kind, row.who, row.detail["order"]["claimed"]) == (Kind.HELD, user, REVIEWER_ARN)
    assert row.detail["order"]["proved"] is False

    _send(world, pause, MessageDeduplicationId="another")
    world.advance()
    assert len(_rows(endpoint)) == 1

    with world.late(names.ORDERS):
        _send(world, Order("too-old-0001", OrderKind.RESUME, "attacked"))
        world.advance(301)
    world.advance()
    assert _rows(endpoint) == [(Kind.HELD, user), (Kind.ORDER_EXPIRED, user)]
    command_line.run(world, "resume", "attacked")


def test_only_operators_send_orders_and_operators_write_nothing(take: Take, world: World) -> None:
    endpoint = take("attacked")
    for stranger in (SCIENTIST, REVIEWER):
        with pytest.raises(ClientError, match="AccessDenied"):
            _send(world, Order("from-a-stranger", OrderKind.PAUSE, "attacked", "no"), by=stranger)
    dynamodb, key = world.client("dynamodb", ON_CALL), {"pk": {"S": partition("attacked")}, "sk": {"S": HEAD}}
    head = world.client("dynamodb").get_item(TableName=names.LEDGER, Key=key).get("Item", key)
    iam = world.client("iam")
    everything = {"Effect": "Allow", "Action": ["dynamodb:*", "sqs:*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName=ON_CALL, PolicyName="more", PolicyDocument=policy)
    try:
        put = {"TableName": names.LEDGER, "Item": head}
        for call, request in (
            ("put_item", put),
            ("delete_item", {"TableName": names.LEDGER, "Key": key}),
            ("transact_write_items", {"TransactItems": [{"Put": put}]}),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                getattr(dynamodb, call)(**request)
    finally:
        iam.delete_user_policy(UserName=ON_CALL, PolicyName="more")
    assert endpoint.name == "attacked"


@pytest.mark.parametrize("queue", [names.INBOX, names.DEAD_LETTERS])
def test_nobody_sends_to_the_inbox_or_the_dead_letters_whatever_else_allows_it(world: World, queue: str) -> None:
    iam, url = world.client("iam"), world.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
    everything = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName=REVIEWER, PolicyName="more", PolicyDocument=policy)
    try:
        with pytest.raises(ClientError, match="explicit deny"):
            world.client("sqs", REVIEWER).send_message(QueueUrl=url, MessageBody='{"endpoint": "attacked"}')
    finally:
        iam.delete_user_policy(UserName=REVIEWER, PolicyName="more")


def test_an_abort_of_all_stops_what_is_in_flight_in_the_name_of_the_operator(take: Take, world: World) -> None:
    endpoint = take("stopped")
    endpoint.serving(versions=2)
    endpoint.traffic(2)
    endpoint.approve(2)
    world.advance(200)
    command_line.run(world, "abort", "--all", "--reason", "incident 4711")
    endpoint.settle()
    ordered, requested = (Kind.ABORT_ORDERED, None, 2), (Kind.ABORT_REQUESTED, None, 2)
    assert endpoint.story() == [*FIRST, approved(2), opened(2), accepted(2), ordered, requested, closed(2, "aborted")]
    assert endpoint.live() == ("InService", 1)
    (row,) = [row.fact for row in endpoint.rows() if row.fact.kind is Kind.ABORT_ORDERED]
    assert (row.who, row.detail["ordered_for"]) == (ON_CALL_ARN, names.ALL)
    command_line.run(world, "resume", "--all")
