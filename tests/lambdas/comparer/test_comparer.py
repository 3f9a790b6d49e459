"""A task of the comparer, with S3's and SQS's clients as fakes."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.comparer.captures import Captures
from lambdas.comparer.comparer import MOST_BYTES, Comparer
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.spec.shadow import Differ
from lambdas.gate.spec.tolerance import Tolerance
from lambdas.gate.state.answers import AnswersResult, AnswersTask, Pair
from tests.lambdas.comparer.lines import NOW, line

TASK = AnswersTask("AllTraffic", "shadow-2-4", NOW, NOW + 600, Differ(1, "score", Tolerance(0.01)))
SECRET = "jane@example.com"


class FakeS3:
    """`objects`: by their keys, each with the time of its writing. `gone`: those that are deleted after they were
    listed. `error`: the answer to a list. A list has two objects a page."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[float, bytes]] = {}
        self.gone: set[str] = set()
        self.error: Exception | None = None

    def put(self, variant: str, *lines: bytes, at: float = NOW + 100, name: str = "08/00-00") -> None:
        key = f"captured/fraud/{variant}/2027/01/15/{name}-{len(self.objects)}.jsonl"
        self.objects[key] = at, b"\n".join(lines)

    def list_objects_v2(self, **request: str) -> dict[str, Any]:
        assert request["Bucket"] == "bucket"
        if self.error:
            raise self.error
        keys = [key for key in sorted(self.objects) if key.startswith(request["Prefix"])]
        keys = [key for key in keys if key > request.get("ContinuationToken", "")]
        page = [{"Key": key, "LastModified": datetime.fromtimestamp(self.objects[key][0], UTC)} for key in keys[:2]]
        more = {"IsTruncated": True, "NextContinuationToken": keys[1]} if len(keys) > 2 else {"IsTruncated": False}
        return {"Contents": page, **more} if page else {"IsTruncated": False}

    def get_object(self, **request: str) -> dict[str, Any]:
        if request["Key"] in self.gone:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[request["Key"]][1])}


class FakeSqs:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **request: Any) -> None:
        self.sent.append(request)


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, message: str, **fields: Any) -> None:
        self.lines.append(f"{message} {fields}")

    error = info


class World:
    """`passes`: how many seconds pass between two looks at the clock. `limits`: others than usual."""

    def __init__(self, passes: float = 0, *, most_bytes: int = MOST_BYTES, **limits: int) -> None:
        self.s3, self.sqs, self.log, self.seconds = FakeS3(), FakeSqs(), Log(), 0.0

        def elapsed() -> float:
            self.seconds += passes
            return self.seconds

        self.comparer = Comparer(
            "fraud",
            Captures(self.s3, "s3://bucket/captured/", "fraud", **limits),
            Inbox(self.sqs, "inbox"),
            self.log,  # type: ignore[arg-type]
            elapsed,
            most_bytes,
        )

    def compared(self) -> AnswersResult:
        return self.comparer.compared(TASK)

    def run(self, body: str) -> list[dict[str, str]]:
        answer = self.comparer.run([{"messageId": "m1", "body": body}])
        found: list[dict[str, str]] = answer["batchItemFailures"]
        return found


def answer(score: float) -> str:
    return json.dumps({"score": score, "customer": SECRET})


def result(copies: int, pairs: int, differing: int, **others: Any) -> AnswersResult:
    return AnswersResult("shadow-2-4", NOW, NOW + 600, copies, pairs, differing, **others)


@pytest.fixture
def world() -> World:
    return World()


def test_the_answers_of_both_variants_are_compared(world: World) -> None:
    world.s3.put("AllTraffic", *(line(f"{number}", answer(0.5), NOW + number) for number in range(10)))
    world.s3.put("AllTraffic", *(line(f"{number}", answer(0.5), NOW + number) for number in range(10, 20)))
    world.s3.put("shadow-2-4", *(line(f"{number}", answer(0.505), NOW + number) for number in range(0, 20, 2)))
    world.s3.put("shadow-2-4", line("5", answer(0.9), NOW + 5, eventId="0f8b-2"))
    world.s3.put("shadow-1-1", line("7", answer(0.9), NOW + 7))
    digest = "ef2d127de37b942b"  # Of "5".
    assert world.compared() == result(11, 11, 1, first=(Pair(digest, "0f8b-1", "0f8b-2"),))


def test_requests_of_another_time_are_left_out(world: World) -> None:
    for at in (-1, 0, 599, 600):
        world.s3.put("AllTraffic", line(f"{at}", answer(0.5), NOW + at))
        world.s3.put("shadow-2-4", line(f"{at}", answer(0.5), NOW + at))
    assert world.compared() == result(2, 2, 0)


def test_the_hour_in_a_name_may_be_that_of_the_writing(world: World) -> None:
    task = AnswersTask("AllTraffic", "shadow-2-4", NOW + 3000, NOW + 3600, TASK.differ)
    world.s3.put("AllTraffic", line("1", answer(0.5), NOW + 3599), at=NOW + 3700, name="09/01-00")
    world.s3.put("shadow-2-4", line("1", answer(0.9), NOW + 3599), at=NOW + 3800, name="09/02-00")
    assert world.comparer.compared(task).differing == 1


def test_without_captures_nothing_was_compared(world: World) -> None:
    assert world.compared() == result(0, 0, 0)
    world.s3.put("shadow-2-4", line("1", answer(0.5)))
    assert world.compared() == result(1, 0, 0)


def test_lines_that_are_none_are_skipped() -> None:
    world = World(longest=100_000)
    world.s3.put("AllTraffic", b"x" * 300_000, line("1", answer(0.5)), b"", b"{}")
    world.s3.put("shadow-2-4", b"[" * 50_000, line("1", answer(0.5)), b"y" * 200_000)
    assert world.compared() == result(1, 1, 0)


def test_an_object_that_is_deleted_meanwhile_is_skipped(world: World) -> None:
    world.s3.put("shadow-2-4", line("1", answer(0.9)))
    world.s3.gone = set(world.s3.objects)
    world.s3.put("AllTraffic", line("1", answer(0.5)))
    world.s3.put("shadow-2-4", line("1", answer(0.5)))
    assert world.compared() == result(1, 1, 0)


@pytest.mark.parametrize("limits", [{"most_bytes": 500, "chunk": 400}, {"most_objects": 1}, {"passes": 3.0}])
def test_what_is_read_is_bounded_and_the_result_says_so(limits: dict[str, Any]) -> None:
    world = World(**limits)
    for variant in ("AllTraffic", "shadow-2-4"):
        for number in range(3):
            world.s3.put(variant, line(f"{number}", answer(0.5)))
    found = world.compared()
    assert (found.copies < 3, found.is_part) == (True, True)


def test_the_time_is_bounded_between_two_requests() -> None:
    world = World(0.5)
    world.s3.put("shadow-2-4", *(line(f"{number}", answer(0.5)) for number in range(100)))
    world.s3.put("AllTraffic", *(line(f"{number}", answer(0.5)) for number in range(100)))
    found = world.compared()
    assert (found.copies, 10 < found.pairs < 50, found.is_part) == (100, True, True)


def test_a_task_is_reported_to_the_inbox(world: World) -> None:
    world.s3.put("AllTraffic", line("1", answer(0.5)))
    world.s3.put("shadow-2-4", line("1", answer(0.9)))
    assert world.run(TASK.message()) == []
    ((sent),) = world.sqs.sent
    assert (sent["QueueUrl"], sent["DelaySeconds"]) == ("inbox", 0)
    assert json.loads(sent["MessageBody"])["endpoint"] == "fraud"
    assert AnswersResult.from_message(json.loads(sent["MessageBody"])["answers"], None, "own") == world.compared()


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"compare": {}}', SECRET, TASK.message().replace("600", "0")])
def test_a_message_that_is_no_task_fails_alone(world: World, body: str) -> None:
    assert world.run(body) == [{"itemIdentifier": "m1"}]
    assert world.sqs.sent == []


def test_no_content_is_logged_or_reported(world: World) -> None:
    world.s3.put("AllTraffic", line(SECRET, answer(0.5), eventId=SECRET, inferenceId=SECRET))
    world.s3.put("shadow-2-4", line(SECRET, answer(0.9), eventId=SECRET, inferenceId=SECRET))
    world.run(TASK.message())
    world.run(SECRET)
    world.s3.error = ClientError({"Error": {"Code": "AccessDenied", "Message": SECRET}}, "ListObjectsV2")
    assert world.run(TASK.message()) == [{"itemIdentifier": "m1"}]
    assert SECRET not in "".join((*world.log.lines, *(str(sent) for sent in world.sqs.sent)))
    assert len(world.log.lines) == 3
