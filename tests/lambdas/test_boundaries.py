"""One boundary per unit of work: among any odd messages, rows and endpoints all good ones are handled, and only odd
ones are reported. What each function makes of the good ones is told by its own tests."""

import dataclasses
import io
import itertools
import json
import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.gate import codec, names
from lambdas.gate.aws.inbox import Malformed, parse
from lambdas.gate.aws.ledger import Ledger, outbox_key
from lambdas.gate.state.approval import is_version
from lambdas.gate.state.golden_result import GoldenResult, Wrong
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint, Witness
from lambdas.janitor.disposal import Disposal, Step
from lambdas.janitor.inventory import Hosted, Inventory, Kind
from lambdas.janitor.janitor import Janitor
from lambdas.janitor.policy import Mode, Policy
from lambdas.janitor.take_inventory import InventoryReader
from lambdas.publisher import handler as publisher_function
from lambdas.publisher.outbox import Outbox
from lambdas.publisher.publisher import Publisher
from tests.lambdas.builders import NOW
from tests.lambdas.deployer.test_batch import Deployer
from tests.lambdas.fakes import Crash
from tests.lambdas.gate.aws.test_inbox import bodies
from tests.lambdas.janitor.test_garbage import hosted, known, thing
from tests.lambdas.odd import BODIES, VALUES, altered
from tests.lambdas.prober.test_prober import CHECK, ROLLOUT, Function
from tests.lambdas.publisher.test_publisher import TOPIC, stream

FUZZED = settings(max_examples=120, derandomize=True, deadline=None)
_NUMBERS = itertools.count()
PLAYED = GoldenResult("ab", "gate-v2", 1.5, alone=True, failed=2, wrong=(Wrong("r", "0.1", "0.9"),))
TELLING = (*bodies("package-approved"), *bodies("trail-approved"), PLAYED.message("fraud-detection"))
GOOD = tuple(json.dumps({"endpoint": f"good-{number}"}) for number in range(3))
ODD = BODIES | st.sampled_from(TELLING).flatmap(lambda body: altered(json.loads(body))).map(json.dumps)


def mixed(odd: st.SearchStrategy[Any], good: tuple[Any, ...]) -> st.SearchStrategy[list[tuple[bool, Any]]]:
    """Up to seven odd ones among the good, in any order; each says whether it is good."""
    some = st.lists(odd.map(lambda each: (False, each)), min_size=1, max_size=7)
    return some.flatmap(lambda found: st.permutations([*found, *((True, each) for each in good)]))


# The deployer.


@FUZZED
@given(mixed(ODD, GOOD))
def test_the_deployer_handles_the_good_messages_of_an_odd_batch(batch: list[tuple[bool, Any]]) -> None:
    deployer = Deployer()
    records = [{"messageId": str(number), "body": body} for number, (_, body) in enumerate(batch)]
    answer = deployer.batch.run(records, NOW)
    failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    assert failed & {str(number) for number, (is_good, _) in enumerate(batch) if is_good} == set()
    assert {f"good-{number}" for number in range(3)} <= {endpoint for endpoint, _ in deployer.reconciler.asked}


@FUZZED
@given(ODD)
def test_what_a_message_tells_is_of_the_kind_that_the_deployer_works_with(body: Any) -> None:
    """Or one odd message would take along the good ones about the same endpoint."""
    try:
        message = parse(body)
    except Malformed:
        return
    for kind, told in ((ApprovalHint, message.hint), (Witness, message.witness), (GoldenResult, message.golden)):
        if told is not None:
            text = codec.encode(told)
            assert codec.decode(cast(Any, kind), text) == told
            assert text.encode()
    assert message.hint is None or is_version(message.hint.version)
    assert message.witness is None or is_version(message.witness.version)
    assert message.endpoint is None or len(message.endpoint) <= 63


@pytest.mark.parametrize(
    "record",
    [{}, {"body": GOOD[0]}, {"messageId": "", "body": GOOD[0]}, {"messageId": 7, "body": GOOD[0]}, None, "x", []],
    ids=str,
)
def test_a_record_that_cannot_be_named_takes_no_other_along(record: Any) -> None:
    """Lambda takes an empty name in the answer for the whole batch."""
    deployer = Deployer()
    good = {"messageId": "1", "body": GOOD[0]}
    assert deployer.batch.run([record, good], NOW) == {"batchItemFailures": []}
    assert [endpoint for endpoint, _ in deployer.reconciler.asked] == ["good-0"]
    assert deployer.lines[0]["level"] == "ERROR"
    prober = Function()
    prober.prober.run([record, {"messageId": "1", "body": ROLLOUT.message()}], NOW)
    assert prober.runtime.asked


def raising(error: BaseException) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


@pytest.mark.parametrize(
    "error",
    [
        TypeError("'NoneType' object is not iterable"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        ZeroDivisionError(),
        RecursionError(),
        KeyError("x"),
        Exception(),
    ],
    ids=repr,
)
def test_an_endpoint_s_mistake_is_its_own(error: Exception) -> None:
    deployer = Deployer(good_1=raising(error))
    assert deployer.run(GOOD[0], GOOD[1], GOOD[2], GOOD[1]) == ["2", "4"]
    assert [endpoint for endpoint, _ in deployer.reconciler.asked] == ["good-0", "good-1", "good-2"]
    (told,) = [line for line in deployer.lines if line["level"] == "ERROR"]
    assert (told["message"], told["endpoint"], told["exception_name"]) == ("fault", "good-1", type(error).__name__)


def test_what_ends_the_invocation_is_not_caught() -> None:
    with pytest.raises(Crash):
        Deployer(good_1=raising(Crash())).run(GOOD[1])


# The publisher.


class Told:
    """The table, the bus and the topic. `marked`: the keys of the outbox; every row of it is to be published."""

    def __init__(self, items: dict[str, dict[str, Any]] | None = None, outbox: list[Any] | None = None) -> None:
        self._items = items or {}
        self._outbox = outbox or []
        self.events: list[tuple[str, int]] = []

    def get_item(self, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's names
        if Key["pk"]["S"] == "outbox":
            return {"Item": {}}
        found = self._items.get(f"{Key['pk']['S']} {Key['sk']['S']}")
        return {"Item": found} if found else {}

    def query(self, **_: Any) -> dict[str, Any]:
        return {"Items": self._outbox}

    def delete_item(self, **_: Any) -> None: ...

    def publish(self, **_: Any) -> None: ...

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's names
        detail = json.loads(Entries[0]["Detail"])
        self.events.append((detail["endpoint"], detail["number"]))
        return {"FailedEntryCount": 0}

    def publisher(self) -> Publisher:
        logger = Logger(service=f"told-{next(_NUMBERS)}", stream=io.StringIO())
        return Publisher(outbox=Outbox(self, names.LEDGER), events=self, sns=self, topic_arn=TOPIC, logger=logger)


RECORDS = stream("ledger-stream-batch")["Records"]
IMAGES = [record["dynamodb"]["NewImage"] for record in RECORDS]
ROWS = tuple((image["endpoint"]["S"], int(image["number"]["N"])) for image in IMAGES)


@FUZZED
@given(mixed(st.sampled_from(RECORDS).flatmap(altered) | VALUES, tuple(RECORDS)))
def test_the_publisher_tells_the_good_rows_of_an_odd_batch_of_the_stream(batch: list[tuple[bool, Any]]) -> None:
    told = Told()
    answer = publisher_function._take_batch(told.publisher(), [record for _, record in batch])
    assert [row for row in ROWS if row not in told.events] == []
    failures = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert len(failures) <= 1
    numbers = [record["dynamodb"]["SequenceNumber"] for is_good, record in batch if is_good]
    altered_too = [record for is_good, record in batch if not is_good and _sequence(record) in numbers]
    assert altered_too or not set(failures) & set(numbers)


def _sequence(record: Any) -> Any:
    try:
        return str(record["dynamodb"]["SequenceNumber"])
    except (KeyError, TypeError):
        return None


MARKS = tuple({"pk": {"S": "outbox"}, "sk": {"S": outbox_key(*row)}, "at": {"N": "1763900000.25"}} for row in ROWS)
KEYS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["churn", "#", "churn#", "churn#²", "churn#٣", "#0000000001", "churn#-1", f"churn#{'9' * 5000}", "churn#1_0"]
)
TIMES = st.sampled_from([{"N": "1e999"}, {"N": "NaN"}, {"N": ""}, {"N": "²"}, {"S": "x"}, {"N": "1763900000"}, None])
ODD_MARKS = st.builds(lambda key, at: {"pk": {"S": "outbox"}, "sk": {"S": key}, "at": at}, KEYS, TIMES)


@FUZZED
@given(mixed(ODD_MARKS, MARKS))
def test_a_sweep_tells_the_good_rows_behind_any_odd_item(marks: list[tuple[bool, Any]]) -> None:
    items = {f"{image['pk']['S']} {image['sk']['S']}": image for image in IMAGES}
    told = Told(items, [mark for _, mark in marks])
    with pytest.raises(publisher_function.SweepFailed) if any(map(_is_odd, marks)) else nullcontext() as failed:
        publisher_function._sweep(told.publisher())
    assert [row for row in ROWS if f"{row[0]}#{row[1]}," in f"{failed.value if failed else ''},"] == []
    assert set(told.events) == set(ROWS)


def _is_odd(mark: tuple[bool, Any]) -> bool:
    """The time of some odd ones has not come yet."""
    return not mark[0] and mark[1]["at"] != {"N": "1e999"}


def test_an_item_of_the_outbox_without_a_time_is_not_left_for_ever() -> None:
    told = Told(outbox=[{"pk": {"S": "outbox"}, "sk": {"S": "churn#0000000007"}}])
    assert list(Outbox(told, names.LEDGER).waiting(since=5.0)) == [("churn", 7)]


# The prober.

ASKING = tuple(json.loads(errand.message()) for errand in (ROLLOUT, CHECK))
ODD_ERRANDS = BODIES | st.sampled_from(ASKING).flatmap(altered).map(json.dumps)


@FUZZED
@given(mixed(ODD_ERRANDS, (ROLLOUT.message(),)))
def test_the_prober_plays_what_the_good_messages_of_an_odd_batch_ask(batch: list[tuple[bool, Any]]) -> None:
    function = Function()
    records = [{"messageId": str(number), "body": body} for number, (_, body) in enumerate(batch)]
    failed = {each["itemIdentifier"] for each in function.prober.run(records, NOW)["batchItemFailures"]}
    assert failed & {str(number) for number, (is_good, _) in enumerate(batch) if is_good} == set()
    assert function.runtime.asked


# The janitor.


class FakeLedger(Ledger):
    def __init__(self, heads: dict[str, Head], faults: dict[str, Exception]) -> None:
        self.heads, self.faults = heads, faults

    def head(self, endpoint: str) -> Head | None:
        return self.heads.get(endpoint)

    def write(self, before: Head | None, after: Head, facts: Any = ()) -> Head:
        if after.endpoint in self.faults:
            raise self.faults[after.endpoint]
        self.heads[after.endpoint] = after
        return after


class FakeReader(InventoryReader):
    def __init__(self, stock: Inventory) -> None:
        self.stock = stock

    def take(self, policy: Policy, now: float) -> Inventory:
        return self.stock

    def endpoint(self, name: str) -> Hosted | None:
        return next(each for each in self.stock.endpoints if each.name == name)


class FakeDisposal(Disposal):
    def __init__(self, faults: dict[str, Exception]) -> None:
        self.faults, self.deleted = faults, list[str]()

    def delete(self, step: Step) -> None:
        if step[0].endpoint in self.faults:
            raise self.faults[step[0].endpoint]
        self.deleted += (each.name for each in step)


FAULTS = st.sampled_from([TypeError, KeyError, ValueError, ZeroDivisionError, RecursionError, Exception])
HELD_BY = st.sampled_from(["ledger", "disposal"])


@FUZZED
@given(st.dictionaries(st.sampled_from("abcde"), st.tuples(HELD_BY, FAULTS), min_size=1, max_size=4))
def test_the_janitor_cleans_all_endpoints_but_those_with_a_fault(odd: dict[str, tuple[str, type[Exception]]]) -> None:
    everyone = "abcde"
    ledger_faults, disposal_faults = (
        {name: kind(name) for name, (where, kind) in odd.items() if where == which} for which in ("ledger", "disposal")
    )
    heads: dict[str, Head | None] = {name: _at(name) for name in everyone}
    stock = Inventory(
        endpoints=tuple(hosted(name=name) for name in everyone),
        things=tuple(thing(Kind.CONFIG, f"gate-old-{name}", endpoint=name) for name in everyone),
        heads=heads,
    )
    disposal = FakeDisposal(disposal_faults)
    ledger = FakeLedger({name: found for name, found in heads.items() if found}, ledger_faults)
    logger = Logger(service=f"janitor-{next(_NUMBERS)}", stream=io.StringIO(), level=logging.INFO)
    policy = Policy(Mode.DELETE, retention_days=30, keep_good=2, failed_endpoint_days=7)
    janitor = Janitor(FakeReader(stock), disposal, ledger, policy, logger, lambda: NOW)
    with pytest.raises(tuple({kind for _, kind in odd.values()})):
        janitor.run()
    assert disposal.deleted == [f"gate-old-{name}" for name in everyone if name not in odd]


def _at(name: str) -> Head:
    return dataclasses.replace(known(), endpoint=name)
