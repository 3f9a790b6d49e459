"""Event source mappings in simulated time: which batches a function gets, when it gets them again, and where they
end."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.awslambda.models import lambda_backends

from sandbox.clock import Clock
from sandbox.functions.destination import Destination
from sandbox.functions.event_source_mappings import EventSourceMappings
from sandbox.functions.execution_environment import Outcome
from sandbox.sqs.queues import Queues
from world.call import Caller

ARN = "arn:aws:{}:us-east-1:123456789012:{}"
FAILED = Outcome('{"errorType": "Boom", "errorMessage": "boom"}', is_error=True)
START = 1_800_000_000


def report(*failed: str) -> Outcome:
    return Outcome(json.dumps({"batchItemFailures": [{"itemIdentifier": name} for name in failed]}))


class Account:
    """A queue `q` with a dead-letter queue `dead`, a table `t` with a stream, and a function `f` that `answer` stands
    for."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.batches: list[tuple[float, list[dict[str, Any]]]] = []
        self.answer: Callable[[list[dict[str, Any]]], Outcome] = lambda records: Outcome("null")
        self.triggers = EventSourceMappings(
            clock, self._invoke, Destination(clock, lambda role, action, resource: True)
        )
        self.triggers.install()
        Queues(clock, lambda key: Caller(f"arn of {key}", f"id of {key}")).install()
        clock.settle = self._settle
        self.lambda_, self.sqs, self.dynamodb = (boto3.client(name) for name in ("lambda", "sqs", "dynamodb"))
        role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        asset = io.BytesIO()
        zipfile.ZipFile(asset, "w").writestr("empty.py", "")
        self.lambda_.create_function(
            FunctionName="f", Runtime="python3.11", Role=role, Handler="x.y", Code={"ZipFile": asset.getvalue()}
        )
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        redrive = {"deadLetterTargetArn": ARN.format("sqs", "dead"), "maxReceiveCount": 3}
        attributes = {"VisibilityTimeout": "60", "RedrivePolicy": json.dumps(redrive)}
        self.queue = self.sqs.create_queue(QueueName="q", Attributes=attributes)["QueueUrl"]

    def map_queue(self, **settings: Any) -> str:
        mapping = self.lambda_.create_event_source_mapping(
            FunctionName="f", EventSourceArn=ARN.format("sqs", "q"), **settings
        )
        return str(mapping["UUID"])

    def map_stream(self, **settings: Any) -> None:
        self.lambda_.create_event_source_mapping(
            FunctionName="f", EventSourceArn=self.stream(), **({"StartingPosition": "TRIM_HORIZON"} | settings)
        )

    def stream(self) -> str:
        if "t" not in self.dynamodb.list_tables()["TableNames"]:
            self.dynamodb.create_table(
                TableName="t",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            )
        return str(self.dynamodb.describe_table(TableName="t")["Table"]["LatestStreamArn"])

    def send(self, *bodies: str, **settings: Any) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=body, **settings)

    def put(self, *keys: str) -> None:
        for key in keys:
            self.dynamodb.put_item(TableName="t", Item={"pk": {"S": key}})

    def handed(self) -> list[tuple[float, list[str]]]:
        """Return the simulated seconds since the start, and the bodies or keys of each batch."""
        return [(at - START, [_label(record) for record in records]) for at, records in self.batches]

    def dead_letters(self) -> list[str]:
        answer = self.sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in answer.get("Messages", [])]

    def left(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def _invoke(self, arn: str, payload: str) -> Outcome:
        records = json.loads(payload)["Records"]
        self.batches.append((self.clock.time(), records))
        return self.answer(records)

    def _settle(self) -> None:
        while self.triggers.poll():
            pass


def _label(record: dict[str, Any]) -> str:
    return str(record["body"] if "body" in record else record["dynamodb"]["Keys"]["pk"]["S"])


@pytest.fixture
def account(clock: Clock) -> Account:
    return Account(clock)


def test_a_message_is_handed_over_as_lambda_does_and_deleted(account: Account) -> None:
    account.map_queue()
    account.send("m", MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}})
    account.clock.advance(0)
    ((_, (record,)),) = account.batches
    assert record == {
        "messageId": record["messageId"],
        "receiptHandle": record["receiptHandle"],
        "body": "m",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(START * 1000),
            "SenderId": "id of AKIAEXAMPLE",
            "ApproximateFirstReceiveTimestamp": str(START * 1000),
        },
        "messageAttributes": {
            "kind": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
        },
        "md5OfBody": "6f8f57715090da2632453988d9a1501b",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN.format("sqs", "q"),
        "awsRegion": "us-east-1",
    }
    assert account.left() == 0


def test_messages_come_in_batches(account: Account) -> None:
    account.map_queue(BatchSize=3)
    account.send("a", "b", "c", "d")
    account.clock.advance(0)
    assert account.handed() == [(0, ["a", "b", "c"]), (0, ["d"])]


def test_a_batch_is_gathered_for_its_window_unless_it_is_full(account: Account) -> None:
    account.map_queue(BatchSize=3, MaximumBatchingWindowInSeconds=5)
    account.send("a", "b")
    account.clock.advance(10)
    account.send("c", "d", "e")
    account.clock.advance(0)
    assert account.handed() == [(5, ["a", "b"]), (10, ["c", "d", "e"])]


def test_a_delayed_message_comes_when_due(account: Account) -> None:
    account.map_queue()
    account.send("later", DelaySeconds=900)
    account.clock.advance(899)
    assert account.handed() == []
    account.clock.advance(1)
    assert account.handed() == [(900, ["later"])]


def test_a_failed_batch_comes_back_after_the_visibility_timeout_and_ends_in_the_dead_letter_queue(
    account: Account,
) -> None:
    account.map_queue()
    account.answer = lambda records: FAILED
    account.send("a")
    account.clock.advance(1000)
    assert account.handed() == [(0, ["a"]), (60, ["a"]), (120, ["a"])]
    assert [records[0]["attributes"]["ApproximateReceiveCount"] for _, records in account.batches] == ["1", "2", "3"]
    assert (account.dead_letters(), account.left()) == (["a"], 0)


def test_of_a_batch_only_the_reported_messages_come_back(account: Account) -> None:
    account.map_queue(FunctionResponseTypes=["ReportBatchItemFailures"])
    account.answer = lambda records: report(*[one["messageId"] for one in records if one["body"] == "b"])
    account.send("a", "b", "c")
    account.clock.advance(60)
    assert account.handed() == [(0, ["a", "b", "c"]), (60, ["b"])]


def test_without_report_batch_item_failures_the_answer_means_nothing(account: Account) -> None:
    account.map_queue()
    account.answer = lambda records: report(records[0]["messageId"])
    account.send("a")
    account.clock.advance(60)
    assert account.handed() == [(0, ["a"])]


@pytest.mark.parametrize("payload", ['{"batchItemFailures": [{"itemIdentifier": "?"}]}', '"text"', "[1]"])
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(account: Account, payload: str) -> None:
    account.map_queue(FunctionResponseTypes=["ReportBatchItemFailures"])
    account.answer = lambda records: Outcome(payload)
    account.send("a", "b")
    account.clock.advance(60)
    assert account.handed() == [(0, ["a", "b"]), (60, ["a", "b"])]


def test_as_many_batches_run_at_once_as_maximum_concurrency_allows(account: Account) -> None:
    account.map_queue(BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    account.send("a", "b", "c")
    assert [account.triggers.poll() for _ in range(3)] == [True, True, False]
    assert sorted(body for _, (body,) in account.handed()[:2]) == ["a", "b"]


def test_a_queue_purged_while_its_function_runs_is_empty_and_no_error(account: Account) -> None:
    def purge(records: list[dict[str, Any]]) -> Outcome:
        account.sqs.purge_queue(QueueUrl=account.queue)
        return Outcome("null")

    account.answer = purge
    account.map_queue()
    account.send("a")
    account.clock.advance(0)
    assert (account.handed(), account.left()) == ([(0, ["a"])], 0)


def test_a_filter_keeps_messages_from_the_function_and_deletes_them(account: Account) -> None:
    account.map_queue(FilterCriteria={"Filters": [{"Pattern": '{"body": {"n": [{"numeric": [">", 1]}]}}'}]})
    account.send('{"n": 1}', '{"n": 2}', "no JSON")
    account.clock.advance(0)
    assert account.handed() == [(0, ['{"n": 2}'])]
    assert account.left() == 0


def test_a_deleted_or_disabled_mapping_hands_over_nothing(account: Account) -> None:
    mapping = account.map_queue()
    account.lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
    account.send("a")
    account.clock.advance(0)
    assert account.handed() == []
    account.lambda_.update_event_source_mapping(UUID=mapping, Enabled=True)
    account.clock.advance(0)
    account.lambda_.delete_event_source_mapping(UUID=mapping)
    account.send("b")
    account.clock.advance(0)
    assert account.handed() == [(0, ["a"])]


def test_an_error_of_the_poller_reaches_the_caller_of_advance(account: Account) -> None:
    account.map_queue()
    account.answer = lambda records: Outcome("not JSON", is_error=False)
    lambda_backends["123456789012"]["us-east-1"].list_event_source_mappings("", "f")[0].function_response_types = [
        "ReportBatchItemFailures"
    ]
    account.send("a")
    with pytest.raises(json.JSONDecodeError):
        account.clock.advance(0)


def test_a_long_poll_gets_what_is_there_and_does_not_wait_for_a_clock_that_stands(account: Account) -> None:
    account.send("a")
    answer = account.sqs.receive_message(QueueUrl=account.queue, WaitTimeSeconds=20)
    assert [message["Body"] for message in answer["Messages"]] == ["a"]


def test_a_stream_record_is_handed_over_as_lambda_does(account: Account) -> None:
    account.map_stream()
    account.put("a")
    account.clock.advance(0)
    ((_, (record,)),) = account.batches
    assert record == {
        "eventID": record["eventID"],
        "eventName": "INSERT",
        "eventVersion": "1.0",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": START,
            "Keys": {"pk": {"S": "a"}},
            "NewImage": {"pk": {"S": "a"}},
            "SequenceNumber": record["dynamodb"]["SequenceNumber"],
            "SizeBytes": record["dynamodb"]["SizeBytes"],
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": account.stream(),
    }


def test_stream_records_come_in_order_and_once(account: Account) -> None:
    account.map_stream(BatchSize=2)
    account.put("a", "b", "c")
    account.clock.advance(0)
    account.put("d")
    account.clock.advance(100)
    assert account.handed() == [(0, ["a", "b"]), (0, ["c"]), (0, ["d"])]


def test_latest_skips_what_was_there_before(account: Account) -> None:
    account.stream()
    account.put("before")
    account.map_stream(StartingPosition="LATEST")
    account.put("after")
    account.clock.advance(0)
    assert account.handed() == [(0, ["after"])]


def test_a_poison_record_blocks_until_its_retries_end_and_its_place_goes_to_the_destination(account: Account) -> None:
    destination = {"OnFailure": {"Destination": ARN.format("sqs", "dead")}}
    account.map_stream(MaximumRetryAttempts=2, DestinationConfig=destination, BatchSize=1)
    account.answer = lambda records: FAILED if _label(records[0]) == "poison" else Outcome("null")
    account.put("a", "poison", "c")
    account.clock.advance(100)
    assert [labels for _, labels in account.handed()] == [["a"], ["poison"], ["poison"], ["poison"], ["c"]]
    (text,) = account.dead_letters()
    number = account.batches[1][1][0]["dynamodb"]["SequenceNumber"]
    record = json.loads(text)
    assert record["DDBStreamBatchInfo"] == {
        "shardId": record["DDBStreamBatchInfo"]["shardId"],
        "startSequenceNumber": number,
        "endSequenceNumber": number,
        "approximateArrivalOfFirstRecord": "2027-01-15T08:00:00.000Z",
        "approximateArrivalOfLastRecord": "2027-01-15T08:00:00.000Z",
        "batchSize": 1,
        "streamArn": account.stream(),
    }
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3


def test_a_failed_batch_is_bisected_until_the_poison_record_stands_alone_and_has_its_retries(account: Account) -> None:
    account.map_stream(MaximumRetryAttempts=1, BisectBatchOnFunctionError=True)
    account.answer = lambda records: FAILED if "poison" in map(_label, records) else Outcome("null")
    account.put("a", "b", "poison", "d")
    account.clock.advance(1000)
    assert [labels for _, labels in account.handed()] == [
        ["a", "b", "poison", "d"],
        ["a", "b"],
        ["poison", "d"],
        ["poison"],
        ["poison"],
        ["d"],
    ]


def test_the_batch_continues_at_a_reported_record(account: Account) -> None:
    account.map_stream(FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=5)
    tries: list[str] = []

    def fail_once(records: list[dict[str, Any]]) -> Outcome:
        failed = [one["dynamodb"]["SequenceNumber"] for one in records if _label(one) == "b" and not tries]
        tries.extend(failed)
        return report(*failed)

    account.answer = fail_once
    account.put("a", "b", "c")
    account.clock.advance(100)
    assert [labels for _, labels in account.handed()] == [["a", "b", "c"], ["b", "c"]]


def test_retries_have_no_end_but_the_retention_of_the_stream(account: Account) -> None:
    account.map_stream()
    account.answer = lambda records: FAILED
    account.put("a")
    account.clock.advance(86400 - 1)
    tries = len(account.batches)
    account.clock.advance(3600)
    assert tries > 1000
    assert len(account.batches) - tries < 3


def test_maximum_record_age_ends_them_earlier(account: Account) -> None:
    destination = {"OnFailure": {"Destination": ARN.format("sqs", "dead")}}
    account.map_stream(MaximumRecordAgeInSeconds=60, DestinationConfig=destination)
    account.answer = lambda records: FAILED
    account.put("a")
    account.clock.advance(600)
    assert account.handed()[-1][0] <= 60
    assert [json.loads(text)["requestContext"]["condition"] for text in account.dead_letters()] == ["RecordAgeExceeded"]


def test_a_filter_keeps_stream_records_from_the_function(account: Account) -> None:
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"pk": {"S": [{"prefix": "x"}]}}}}
    account.map_stream(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    account.put("xa", "b", "xc")
    account.clock.advance(0)
    assert account.handed() == [(0, ["xa", "xc"])]


def test_a_cancelled_transaction_leaves_no_records_and_a_committed_one_all(account: Account) -> None:
    account.map_stream()

    def put(key: str, **condition: str) -> dict[str, Any]:
        return {"Put": {"TableName": "t", "Item": {"pk": {"S": key}}, **condition}}

    account.put("first")
    account.clock.advance(0)
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        account.dynamodb.transact_write_items(
            TransactItems=[put("x"), put("y", ConditionExpression="attribute_exists(pk)")]
        )
    account.clock.advance(0)
    account.dynamodb.transact_write_items(TransactItems=[put("a"), put("b")])
    account.clock.advance(0)
    assert account.handed() == [(0, ["first"]), (0, ["a", "b"])]
