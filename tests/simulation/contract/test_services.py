"""What moto models in the sandbox, and the simulation models too: both answer the same requests alike."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from lambdas.gate import names
from lambdas.gate.aws.ledger import row_item
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.publisher import notification
from lambdas.publisher.event import event
from simulation.world.example import NAME, SPEC, arn
from simulation.world.registry import ACCOUNT, HERE, REGION
from tests.simulation.contract.both import Both, client
from world.storage import host

Item = dict[str, Any]
Step = Callable[[Both], None]


def ask(operation: str, refused: str = "", **request: Any) -> Step:
    """`refused`: the code of the refusal, or the codes of a transaction's reasons."""

    def step(both: Both) -> None:
        assert both.ask(operation, request) == (refused, [])

    return step


# -- DynamoDB

HEAD, MARK = {"pk": {"S": "endpoint#e"}, "sk": {"S": "head"}}, {"pk": {"S": "open"}, "sk": {"S": "e"}}
NEW = {"ConditionExpression": "attribute_not_exists(pk)"}
FAILED = "ConditionalCheckFailed"
TABLE: Item = {"TableName": names.LEDGER}


def head(revision: int) -> Item:
    return HEAD | {"revision": {"N": str(revision)}, "head": {"S": "{}"}}


def row(number: int) -> Item:
    return row_item(Row("e", number, Fact(Kind.BASELINE, 1800000000.25, "First reconcile"), "", ""))


def seen(revision: int) -> dict[str, Any]:
    value = {":seen": {"N": str(revision)}}
    return {"ConditionExpression": "revision = :seen", "ExpressionAttributeValues": value}


def put(item: Item, **condition: Any) -> dict[str, Any]:
    return {"Put": {**TABLE, "Item": item, **condition}}


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [put(row(number)) for number in numbers]


def delete(key: Item) -> dict[str, Any]:
    return {"Delete": {**TABLE, "Key": key}}


def write(*writes: dict[str, Any], refused: str = "") -> Step:
    return ask("TransactWriteItems", refused, TransactItems=list(writes))


def query(partition: str, beginning: str = "") -> Step:
    condition = "pk = :pk AND begins_with(sk, :row)" if beginning else "pk = :pk"
    values = {":pk": {"S": partition}} | ({":row": {"S": beginning}} if beginning else {})
    asked: Item = {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}
    return ask("Query", **TABLE, **asked, ConsistentRead=True)


GET = ask("GetItem", **TABLE, Key=HEAD, ConsistentRead=True)
DELETE = ask("DeleteItem", **TABLE, Key=MARK)
WRITTEN = write(put(head(1)), put(row(1)), put(MARK))
LEDGER: dict[str, list[Step]] = {
    "an item is found once it is written": [GET, WRITTEN, GET],
    "the first head and the next": [
        write(put(head(1), **NEW), put(row(1), **NEW), put(MARK)),
        write(put(head(2), **seen(1)), put(row(2), **NEW), delete(MARK)),
        query("endpoint#e"),
        query("open"),
    ],
    "a head that exists is not new": [WRITTEN, write(put(head(1), **NEW), refused=FAILED)],
    "a head that does not exist has no revision": [write(put(head(2), **seen(1)), refused=FAILED)],
    "a cancelled transaction writes nothing": [
        WRITTEN,
        write(put(head(3), **seen(2)), put(row(2), **NEW), delete(MARK), refused=f"{FAILED} None None"),
        write(put(head(2), **seen(1)), put(row(1), **NEW), refused=f"None {FAILED}"),
        write(put(head(2), **seen(2)), put(row(1), **NEW), refused=f"{FAILED} {FAILED}"),
        query("endpoint#e"),
        query("open"),
    ],
    "what is deleted need not exist": [WRITTEN, DELETE, query("open"), DELETE, write(delete(MARK))],
    "a single item": [
        ask("PutItem", **TABLE, Item=MARK | {"told": {"BOOL": True}}),
        ask("PutItem", f"{FAILED}Exception", **TABLE, Item=MARK, **NEW),
        query("open"),
    ],
    "a transaction has at most 100 items": [
        write(*rows(*range(100))),
        write(*rows(*range(101)), refused="ValidationException"),
        query("endpoint#e"),
    ],
    "a transaction has an item once": [write(put(MARK), delete(MARK), refused="ValidationException"), query("open")],
    "a query has a partition in order of the sort keys": [
        write(put(head(1)), put(MARK), *rows(3, 1, 2, 7, 10, 6, 5)),
        query("endpoint#e"),
        query("endpoint#e", "row#"),
        query("open"),
        query("outbox"),
    ],
}

# -- S3 and ECR

BUCKET, _, KEY = f"{SPEC.model_artifacts}report.json".removeprefix("s3://").partition("/")
OBJECT: Item = {"Bucket": BUCKET, "Key": KEY}
WRITE: Item = {"Body": b'{"f1": 0.9}', "ContentType": "application/json", "ChecksumAlgorithm": "SHA256"}
PUT, PUT_ONCE = ask("PutObject", **OBJECT, **WRITE), ask("PutObject", **OBJECT, **WRITE, IfNoneMatch="*")
OBJECT_HEAD, OBJECT_READ = ask("HeadObject", **OBJECT), ask("GetObject", **OBJECT)


def image(tag: str, refused: str = "") -> Step:
    return ask("BatchGetImage", refused, registryId=ACCOUNT, repositoryName="xgboost", imageIds=[{"imageTag": tag}])


def tag_image(both: Both) -> None:
    both.world.storage.tag(f"{host(HERE)}/xgboost:1", "sha256:1", both.world.now)
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
    client("ecr").create_repository(repositoryName="xgboost")
    client("ecr").put_image(repositoryName="xgboost", imageManifest=json.dumps(manifest), imageTag="1")


STORAGE: dict[str, list[Step]] = {
    "an object that does not exist": [ask("HeadObject", "404", **OBJECT), ask("GetObject", "NoSuchKey", **OBJECT)],
    "an object that is written again is later": [PUT, OBJECT_HEAD, Both.later, PUT, OBJECT_HEAD, OBJECT_READ],
    "an object that is written once": [
        PUT_ONCE,
        Both.later,
        ask("PutObject", "PreconditionFailed", **OBJECT, Body=b"[]", IfNoneMatch="*"),
        OBJECT_READ,
    ],
    "an image": [image("1", "RepositoryNotFoundException"), tag_image, image("1"), image("2")],
}

# -- SQS, SSM, EventBridge, SNS and SageMaker Runtime

ROW = Row(NAME, 1, Fact(Kind.ALERT, 1_800_000_000.5, "out of order", "approval-gate", arn(1), {"a": [1]}), "", "f00")
EVENT = event(ROW)
NOTIFICATION = notification.request(ROW, f"arn:aws:sns:{REGION}:{ACCOUNT}:{names.TOPIC}") or {}
MESSAGE: Item = {
    "QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{names.INBOX}",
    "MessageBody": json.dumps({"endpoint": NAME}),
}
PARAMETER = names.spec_parameter(NAME)
GET_SPEC = ask("GetParameter", Name=PARAMETER)


def write_spec(both: Both) -> None:
    both.world.write_spec(SPEC)
    client("ssm").put_parameter(Name=PARAMETER, Value=SPEC.to_json(), Type="String", Overwrite=True)


MESSAGES: dict[str, list[Step]] = {
    "a message": [ask("SendMessage", **MESSAGE, DelaySeconds=delay) for delay in (0, 900)],
    "events": [ask("PutEvents", Entries=[EVENT] * number) for number in (1, 3)],
    "a notification": [ask("Publish", **NOTIFICATION)],
    "a request to no endpoint": [ask("InvokeEndpoint", "ValidationError", EndpointName=NAME, Body=b"1")],
    "the spec": [
        ask("GetParameter", "ParameterNotFound", Name=PARAMETER),
        *(write_spec, GET_SPEC, Both.later, write_spec, GET_SPEC),
    ],
}

# -- Application Auto Scaling

ANY: Item = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
VARIANT = ANY | {"ResourceId": f"endpoint/{NAME}/variant/{SPEC.variant.name}"}
METRIC = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
TRACKING = {"TargetValue": 1000.0, "PredefinedMetricSpecification": METRIC}
TRACKED: Item = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": TRACKING}
MORNING = VARIANT | {"ScheduledActionName": "approval-gate-morning"}
BOUNDS: Item = {"MinCapacity": 2, "MaxCapacity": 8}
SCALED = [
    ask("RegisterScalableTarget", **VARIANT, **BOUNDS),
    ask("PutScalingPolicy", **VARIANT, **TRACKED, PolicyName="approval-gate-invocations"),
    ask("PutScheduledAction", **MORNING, Schedule="cron(0 8 * * ? *)", ScalableTargetAction=BOUNDS),
]
TARGETS = ask("DescribeScalableTargets", **ANY, ResourceIds=[VARIANT["ResourceId"]])
DESCRIBED = [TARGETS, *(ask(f"Describe{kind}", **VARIANT) for kind in ("ScalingPolicies", "ScheduledActions"))]
SCALING: dict[str, list[Step]] = {
    "nothing is registered": DESCRIBED,
    "what is put twice is described once": [*SCALED, *DESCRIBED, *SCALED, *DESCRIBED],
    "a scheduled action is deleted": [*SCALED, ask("DeleteScheduledAction", **MORNING), *DESCRIBED],
    "a target is deregistered": [*SCALED, ask("DeregisterScalableTarget", **VARIANT), TARGETS],
}

SEQUENCES = LEDGER | STORAGE | MESSAGES | SCALING


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Both(tmp_path)


@pytest.mark.parametrize("steps", SEQUENCES.values(), ids=SEQUENCES)
def test_the_sandbox_answers_the_same(both: Both, steps: list[Step]) -> None:
    client("dynamodb").create_table(
        **TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    client("s3").create_bucket(Bucket=BUCKET)
    client("sqs").create_queue(QueueName=names.INBOX)
    client("sns").create_topic(Name=names.TOPIC)
    for step in steps:
        step(both)
