"""The prober: messages in; requests, metrics, evidence and its own delayed messages out."""

import dataclasses
import io
import itertools
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError
from botocore.response import StreamingBody

from lambdas.gate.rollout import alarms
from lambdas.gate.state.golden_result import GoldenResult, Wrong
from lambdas.prober.comparison import MOST_BYTES
from lambdas.prober.golden_request import GoldenRequest
from lambdas.prober.patience import within
from lambdas.prober.player import BUDGET_SECONDS, Patience, Player
from lambdas.prober.probe_task import BATCH, MOST_REPEATED, MOST_TRIES, SECONDS_BETWEEN, Batch, ProbeTask
from lambdas.prober.prober import LATEST_REPORT, Prober
from lambdas.prober.settings import ProberSettings
from tests.lambdas.builders import NOW
from tests.lambdas.fakes import FakeInbox, Journal
from tests.lambdas.request_model import violations

_NUMBERS = itertools.count()
SETTINGS = ProberSettings(
    "fraud-detection", "https://sqs/own", "https://sqs/inbox", "ff" * 32, "ApprovalGate/own", 300, 300
)
REQUESTS = tuple(GoldenRequest(f"r{number}", f"{number}".encode(), "text/csv", expect=number) for number in range(3))
ROLLOUT = ProbeTask("gate-v2", NOW, alone=False, until=NOW + 300)
CHECK = ProbeTask("gate-v1", NOW, alone=True)
Answer = Callable[[bytes], bytes]


def right(body: bytes) -> bytes:
    return body


def one_wrong(body: bytes) -> bytes:
    return b"7" if body == b"1" else body


def refused(code: str, message: str = "no") -> Answer:
    def answer(body: bytes) -> bytes:
        raise ClientError({"Error": {"Code": code, "Message": message}}, "InvokeEndpoint")

    return answer


def silent(body: bytes) -> bytes:
    raise ReadTimeoutError(endpoint_url="https://runtime")


class FakeRuntime:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        assert violations("sagemaker-runtime", "InvokeEndpoint", request) == []
        self.asked.append(request)
        body = self.answer(request["Body"])
        return {"Body": StreamingBody(io.BytesIO(body), len(body)), "ContentType": "text/csv"}


class FakeCloudWatch:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.refuse = 0
        self.put: list[dict[str, Any]] = []

    def put_metric_data(self, **request: Any) -> None:
        assert violations("cloudwatch", "PutMetricData", request) == []
        if self.refuse:
            self.refuse -= 1
            raise ClientError({"Error": {"Code": "InternalFailure", "Message": "no"}}, "PutMetricData")
        with self._journal.call("PutMetricData"):
            self.put.append(request)


class RefusingInbox(FakeInbox):
    """The first `refuse` messages."""

    refuse = 0

    def send(self, body: str, delay: float) -> None:
        if self.refuse:
            self.refuse -= 1
            raise ClientError({"Error": {"Code": "KmsThrottled", "Message": "no"}}, "SendMessage")
        super().send(body, delay)


class Function:
    def __init__(self, answer: Answer = right, requests: tuple[GoldenRequest, ...] = REQUESTS) -> None:
        self.journal = Journal()
        self.runtime, self.cloudwatch = FakeRuntime(answer), FakeCloudWatch(self.journal)
        self.queue, self.inbox = RefusingInbox(self.journal), RefusingInbox(self.journal)
        self.output = io.StringIO()
        logger = Logger(service=f"prober-{next(_NUMBERS)}", stream=self.output)
        player = Player(self.runtime, SETTINGS.endpoint, elapsed=lambda: 0.0)
        self.prober = Prober(SETTINGS, requests, player, self.cloudwatch, self.queue, self.inbox, logger)

    def run(self, *bodies: str, received: int = 1) -> list[str]:
        attributes = {"ApproximateReceiveCount": str(received)}
        records = [
            {"messageId": str(number), "body": body, "attributes": attributes} for number, body in enumerate(bodies, 1)
        ]
        failures = self.prober.run(records, NOW)["batchItemFailures"]
        return [failure["itemIdentifier"] for failure in failures]

    @property
    def next(self) -> list[tuple[Any, float]]:
        return [(ProbeTask.from_message(json.loads(body)["errand"]), delay) for body, delay in self.queue.copies]


def metric(name: str, value: int) -> dict[str, Any]:
    at_full_traffic = name.endswith("Traffic")
    described = alarms.golden_metric("ApprovalGate/own", "fraud-detection", "gate-v2", at_full_traffic=at_full_traffic)
    assert described["MetricName"] == name
    datum = {
        "MetricName": name,
        "Dimensions": described["Dimensions"],
        "Timestamp": datetime.fromtimestamp(NOW, UTC),
        "Value": value,
        "StorageResolution": 1,
    }
    return {"Namespace": "ApprovalGate/own", "MetricData": [datum]}


def test_right_answers_are_no_news_and_the_next_batch_follows() -> None:
    function = Function()
    assert function.run(ROLLOUT.message()) == []
    assert len(function.runtime.asked) == BATCH
    assert function.runtime.asked[0] == {"EndpointName": "fraud-detection", "Body": b"0", "ContentType": "text/csv"}
    assert function.journal.calls == ["SendMessage"]
    assert function.next == [
        (
            ProbeTask("gate-v2", NOW, alone=False, until=NOW + 300, next=BATCH % 3, right=3, digest="ff" * 32, left=()),
            float(SECONDS_BETWEEN),
        )
    ]


def test_a_wrong_answer_sets_off_the_alarm_and_is_then_told_to_the_deployer() -> None:
    function = Function(one_wrong)
    function.run(ROLLOUT.message())
    assert function.journal.calls == ["PutMetricData", "SendMessage", "SendMessage"]
    found = GoldenResult("ff" * 32, "gate-v2", NOW, alone=False, failed=8, wrong=(Wrong("r1", "7.0", "1"),))
    assert function.inbox.copies == [(found.message("fraud-detection"), 0)]
    assert function.cloudwatch.put == [metric("GoldenFailures", 8)]
    ((after, _),) = function.next
    assert after.told


def test_at_full_traffic_it_counts_without_a_baseline_too() -> None:
    function = Function(one_wrong)
    function.run(ProbeTask("gate-v2", NOW, alone=True, until=NOW + 300, told=True).message())
    assert function.cloudwatch.put == [metric("GoldenFailures", 8), metric("GoldenFailuresAtFullTraffic", 8)]
    assert function.inbox.copies == []


def test_a_check_publishes_nothing_that_rolls_back_and_tells_the_whole() -> None:
    function = Function(one_wrong)
    function.run(CHECK.message())
    assert [request["Body"] for request in function.runtime.asked] == [b"0", b"1", b"2"]
    found = GoldenResult("ff" * 32, "gate-v1", NOW, alone=True, failed=1, wrong=(Wrong("r1", "7.0", "1"),))
    assert (function.inbox.copies, function.cloudwatch.put, function.next) == (
        [(found.message("fraud-detection"), 0)],
        [],
        [],
    )


def test_a_long_check_goes_on_at_once() -> None:
    function = Function(requests=REQUESTS * 10)
    function.run(CHECK.message())
    assert function.next == [(ProbeTask("gate-v1", NOW, alone=True, next=25, right=25, digest="ff" * 32), 0.0)]
    assert function.inbox.copies == []


def test_an_endpoint_that_is_not_there_is_not_probed_any_more() -> None:
    function = Function(refused("ValidationError", "Endpoint fraud-detection of account 1 not found."))
    assert (function.run(ROLLOUT.message()), function.next) == ([], [])


def test_what_is_malformed_is_delivered_again_and_leaves_the_others() -> None:
    function = Function()
    assert function.run("{}", "[" * 100_000, ROLLOUT.message(), '{"detail-type": "x"}') == ["1", "2", "4"]
    assert len(function.next) == 1


def test_unknown_errors_are_no_answers_and_end_nothing() -> None:
    function = Function(refused("AccessDeniedException", "not\ud800 allowed"), REQUESTS * 10)
    assert function.run(ROLLOUT.message()) == []
    ((after, _),) = function.next
    assert (after.right, after.owed, after.unsaid, function.cloudwatch.put) == (0, 0, None, [])
    (line,) = (json.loads(text) for text in function.output.getvalue().splitlines())
    assert (line["sent"], line["right"], line["failed"]) == (BATCH, 0, 0)
    assert line["unanswered"] == {"Denied: not\ufffd allowed": BATCH}
    check = Function(refused("NobodyHasSeenThis"))
    assert (check.run(CHECK.message()), check.next, check.inbox.copies) == ([], [], [])


@pytest.mark.parametrize("step", ["PutMetricData", "tell"])
def test_what_is_refused_once_goes_along_with_the_next_batch(step: str) -> None:
    function = Function(one_wrong)
    refusing = function.cloudwatch if step == "PutMetricData" else function.inbox
    refusing.refuse = 1
    assert function.run(ROLLOUT.message()) == []
    told, put = [found(8).message("fraud-detection")], [metric("GoldenFailures", 8)]
    assert ([body for body, _ in function.inbox.copies], function.cloudwatch.put) == (
        (told, []) if step == "PutMetricData" else ([], put)
    )
    ((after, delay),) = function.next
    assert (after.owed, after.unsaid) == ((8, None) if step == "PutMetricData" else (0, found(8)))
    assert delay == SECONDS_BETWEEN
    function.run(after.message())
    assert [body for body, _ in function.inbox.copies] == told
    assert function.cloudwatch.put[-1] == metric("GoldenFailures", 17 if step == "PutMetricData" else 9)
    assert (function.next[1][0].owed, function.next[1][0].unsaid) == (0, None)


def test_what_is_refused_after_the_last_batch_is_tried_for_a_while_and_then_people_are_to_see_it() -> None:
    function = Function(one_wrong)
    function.cloudwatch.refuse = 1000
    body, rounds = dataclasses.replace(ROLLOUT, until=NOW + 20).message(), 0
    while not function.run(body):
        body, rounds = function.next[-1][0].message(), rounds + 1
    assert (rounds, len(function.runtime.asked), len(function.inbox.copies)) == (MOST_TRIES, BATCH, 1)
    assert len(function.next) == rounds
    assert "8 wrong answers were not published" in function.output.getvalue()


def test_a_next_message_that_is_refused_makes_this_one_come_again() -> None:
    function = Function(one_wrong)
    function.queue.refuse = 1
    assert function.run(ROLLOUT.message()) == ["1"]
    assert (len(function.cloudwatch.put), len(function.inbox.copies), function.next) == (1, 1, [])
    assert function.run(ROLLOUT.message(), received=2) == []
    ((after, _),) = function.next
    assert after.again == 1


def test_a_line_of_messages_that_come_again_is_not_doubled_for_ever() -> None:
    function = Function(one_wrong)
    again = dataclasses.replace(ROLLOUT, again=MOST_REPEATED)
    # It ends where people see it: in the dead letters.
    assert (function.run(again.message(), received=2), function.next) == (["1"], [])
    assert len(function.cloudwatch.put) == 1
    function.cloudwatch.refuse = 1
    assert (function.run(again.message(), received=2), function.next) == (["1"], [])


def test_right_answers_at_full_traffic_are_told_once() -> None:
    function = Function()
    function.run(dataclasses.replace(ROLLOUT, alone=True).message())
    right = GoldenResult("ff" * 32, "gate-v2", NOW, alone=True)
    assert function.inbox.copies == [(right.message("fraud-detection"), 0)]
    function.run(function.next[0][0].message())
    assert (len(function.inbox.copies), function.cloudwatch.put) == (1, [])


def test_an_explanation_waits_for_the_next_batch_where_the_time_is_short() -> None:
    function = Function(one_wrong)
    ticks = itertools.count(step=LATEST_REPORT + 1)
    prober = dataclasses.replace(function.prober, elapsed=lambda: next(ticks))
    prober.run([{"messageId": "1", "body": ROLLOUT.message()}], NOW)
    assert (len(function.cloudwatch.put), function.inbox.copies) == (1, [])
    assert function.next[0][0].unsaid == found(8)


def found(failed: int) -> GoldenResult:
    return GoldenResult("ff" * 32, "gate-v2", NOW, alone=False, failed=failed, wrong=(Wrong("r1", "7.0", "1"),))


def test_one_line_per_batch_names_the_set_and_what_was_wrong() -> None:
    function = Function(one_wrong)
    function.run(CHECK.message())
    (line,) = (json.loads(text) for text in function.output.getvalue().splitlines())
    fields = ("message", "endpoint_config", "golden_requests", "purpose", "sent", "right", "failed", "wrong")
    assert [line[field] for field in fields] == [
        "played",
        "gate-v1",
        "ff" * 32,
        "check",
        3,
        2,
        1,
        [{"request": "r1", "found": "7.0", "wanted": "1"}],
    ]


# -- the player


def play(answer: Answer, elapsed: Callable[[], float] = lambda: 0.0) -> Batch:
    return Player(FakeRuntime(answer), "fraud-detection", elapsed).play(REQUESTS)


@pytest.mark.parametrize(
    "answer",
    [
        *(refused(code) for code in ("ThrottlingException", "ServiceUnavailable", "InternalFailure")),
        *(refused(code) for code in ("AccessDeniedException", "ValidationError", "NobodyHasSeenThis")),
        refused("ModelError", "Received server error (500)"),
        refused("ModelNotReadyException"),
        silent,
    ],
)
def test_what_is_not_answered_with_200_is_left_to_the_error_alarms(answer: Answer) -> None:
    assert play(answer) == Batch(3)


def test_of_a_request_that_is_answered_wrong_again_and_again_one_answer_is_shown() -> None:
    runtime = FakeRuntime(one_wrong)
    batch = Player(runtime, "fraud-detection", lambda: 0.0).play(REQUESTS * 4)
    assert (batch.sent, batch.right, batch.failed, batch.wrong) == (12, 8, 4, (Wrong("r1", "7.0", "1"),))


def test_a_slow_model_is_asked_less_in_a_batch_and_at_least_once() -> None:
    ticks = itertools.count(step=BUDGET_SECONDS / 2 + 1)
    assert play(right, lambda: next(ticks)).sent == 2
    slow = itertools.count(step=BUDGET_SECONDS + 1)
    assert play(right, lambda: next(slow)).sent == 1


def test_a_request_says_what_it_sends_and_what_it_takes() -> None:
    runtime = FakeRuntime(right)
    request = GoldenRequest("r", b"{}", "application/json", accept="text/csv", expect={})
    Player(runtime, "fraud-detection", lambda: 0.0).play([request])
    assert runtime.asked == [
        {"EndpointName": "fraud-detection", "Body": b"{}", "ContentType": "application/json", "Accept": "text/csv"}
    ]


class Stream:
    """A body that comes in chunks, each after `delay` seconds, of so many bytes."""

    def __init__(self, length: int, delay: float = 0.0) -> None:
        self.left, self.delay, self.is_closed = length, delay, False

    def read(self, amount: int) -> bytes:
        threading.Event().wait(self.delay)
        chunk = min(amount, self.left, 1 if self.delay else amount)
        self.left -= chunk
        return b"1" * chunk

    def close(self) -> None:
        self.is_closed = True


def streamed(stream: Any, patience: Patience = within) -> Batch:
    runtime = FakeRuntime(right)
    runtime.invoke_endpoint = lambda **request: {"Body": stream, "ContentType": "text/plain"}  # type: ignore[method-assign]
    return Player(runtime, "fraud-detection", lambda: 0.0, patience).play(REQUESTS[:1])


def test_an_answer_is_read_to_its_bound_and_no_further() -> None:
    endless = Stream(10**12)
    batch = streamed(endless)
    assert (batch.failed, [each.found for each in batch.wrong]) == (1, [f"an answer larger than {MOST_BYTES} bytes"])
    assert (10**12 - endless.left, endless.is_closed) == (MOST_BYTES + 1, True)
    whole = streamed(Stream(MOST_BYTES))
    assert (whole.failed, whole.wrong[0].found[:5]) == (1, '"1111')


def test_a_body_that_trickles_is_no_answer() -> None:
    trickle = Stream(10**6, delay=0.01)
    batch = streamed(trickle, lambda seconds, call: within(seconds / 1000, call))
    assert batch == Batch(1)
    assert batch.unanswered == (("TimeoutError: no whole answer within 0.02 s", 1),)


@pytest.mark.parametrize("error", [IncompleteReadError(actual_bytes=1, expected_bytes=2), OSError("reset"), KeyError()])
def test_a_body_that_breaks_off_is_no_answer(error: Exception) -> None:
    class Broken(Stream):
        def read(self, amount: int) -> bytes:
            raise error

    assert streamed(Broken(1)) == Batch(1)


def test_what_a_call_raises_is_raised_where_it_is_waited_for() -> None:
    class Crash(BaseException):
        pass

    def crash(is_late: Any) -> None:
        raise Crash

    with pytest.raises(Crash):
        within(1, crash)
    assert within(1, lambda is_late: is_late()) is False
