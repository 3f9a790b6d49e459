"""A run of the janitor: what it does with garbage, when somebody else is at work, and when AWS does not answer."""

import dataclasses
import io
import itertools
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.logging import Logger
from botocore.exceptions import ClientError, ReadTimeoutError

from lambdas.gate import names
from lambdas.gate.aws.errors import AwsError, Denied, InProgress, Limited, Refused, Throttled
from lambdas.gate.aws.ledger import Conflict, Ledger
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.fact import Kind as Happened
from lambdas.gate.state.head import Head
from lambdas.gate.state.record import digest
from lambdas.gate.timing import FUNCTION_TIMEOUT, JANITOR_TIMEOUT, LANDING, LOCK
from lambdas.janitor import janitor as under_test
from lambdas.janitor.disposal import Disposal, Step, steps
from lambdas.janitor.garbage import Deletion
from lambdas.janitor.inventory import Failure, Hosted, Inventory, Kind
from lambdas.janitor.janitor import Janitor, Result, Unread
from lambdas.janitor.policy import Mode, Policy
from lambdas.janitor.take_inventory import InventoryReader
from tests.lambdas.builders import NOW, SPEC, attempt, head
from tests.lambdas.fakes import begin
from tests.lambdas.janitor.test_garbage import ROWS, hosted, known, stillborn, thing

NUMBERS = itertools.count()
"""Powertools keeps one handler for each logger's name."""
NAME = SPEC.endpoint
ALARMS = tuple(thing(Kind.ALARM, f"approval-gate/{NAME}/gate-old/{signal}") for signal in ("5xx", "abort"))
CONFIG, MODEL = thing(Kind.CONFIG, "gate-old"), thing(Kind.MODEL, "gate-old-model")
EVERYTHING = (*ALARMS, CONFIG, MODEL)
ENDED = NOW + JANITOR_TIMEOUT + LANDING
"""Nothing of the run is at work any more."""
INTERNAL = ClientError({"Error": {"Code": "InternalFailure", "Message": "unknown"}}, "DeleteEndpointConfig")


class FakeReader(InventoryReader):
    """`found` is the stock but for its heads, which are the ledger's. `at_take` runs after it was taken, and `now` is
    what DescribeEndpoint then says."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.found = Inventory(endpoints=(hosted(),), things=EVERYTHING)
        self.now: dict[str, Hosted] = {NAME: hosted()}
        self.failure: Exception | None = None
        self.at_take: Callable[[], None] = lambda: None

    def take(self, policy: Policy, now: float) -> Inventory:
        if self.failure:
            raise self.failure
        owners = {*(each.endpoint for each in self.found.things), *(each.name for each in self.found.endpoints)}
        heads = {name: self._ledger.head(name) for name in owners if name}
        self.at_take()
        return dataclasses.replace(self.found, heads=heads)

    def endpoint(self, name: str) -> Hosted | None:
        return self.now.get(name)


class FakeDisposal(Disposal):
    """`refusals`: by name of what is to be deleted. `at_delete` runs before each."""

    def __init__(self) -> None:
        self.deleted: list[str] = []
        self.refusals: dict[str, Exception] = {}
        self.at_delete: Callable[[], None] = lambda: None

    def delete(self, step: Step) -> None:
        self.at_delete()
        if error := next((self.refusals[each.name] for each in step if each.name in self.refusals), None):
            raise error
        self.deleted += (each.name for each in step)


class Account:
    def __init__(self, dynamodb: Any) -> None:
        self.ledger = Ledger(dynamodb, names.LEDGER)
        self.reader = FakeReader(self.ledger)
        self.disposal = FakeDisposal()
        self.policy = Policy(Mode.DELETE, retention_days=30, keep_good=2, failed_endpoint_days=7)
        self.now = NOW
        self.output = io.StringIO()
        self.begin(known(rows=0, hash=""))

    def begin(self, head: Head) -> None:
        begin(self.ledger, head)

    def head(self, name: str = NAME) -> Head:
        found = self.ledger.head(name)
        assert found is not None
        return found

    def run(self) -> Result:
        logger = Logger(service=f"janitor-{next(NUMBERS)}", stream=self.output, level=logging.INFO)
        return Janitor(self.reader, self.disposal, self.ledger, self.policy, logger, lambda: self.now).run()

    @property
    def told(self) -> list[tuple[str, ...]]:
        lines = [json.loads(line) for line in self.output.getvalue().splitlines()]
        return [(line["message"], *(line[key] for key in ("kind", "resource") if key in line)) for line in lines]

    @property
    def rows(self) -> list[tuple[Happened, str]]:
        return [(fact.kind, fact.summary) for fact in self.facts]

    @property
    def facts(self) -> list[Fact]:
        """Of all rows, but for those that this test wrote to begin with."""
        facts = (row.fact for row in self.ledger.rows(NAME))
        return [fact for fact in facts if fact.kind is not Happened.STATE_CHANGED]


@pytest.fixture
def account(emptied: Any) -> Account:
    return Account(emptied)


def test_garbage_is_deleted_on_the_record_and_the_claim_ends(account: Account) -> None:
    names_ = [each.name for each in EVERYTHING]
    assert account.run() == Result(found=4, deleted=4)
    assert account.disposal.deleted == names_
    assert account.rows == [
        (
            Happened.CLEANING,
            "about to delete 2 alarms, 1 endpoint config, 1 model that nothing needs any more",
        ),
        (Happened.CLEANED, "deleted 2 alarms, 1 endpoint config, 1 model"),
    ]
    reason = "made 31 days ago; nothing serves it, waits for it or goes back to it"
    listed = [{"kind": each.kind.value, "name": each.name, "reason": reason} for each in EVERYTHING]
    assert [fact.detail for fact in account.facts] == [{"deletions": listed}] * 2
    assert account.told == [("deleted", each.kind.value, each.name) for each in EVERYTHING]
    assert account.head() == dataclasses.replace(
        known(), revision=account.head().revision, rows=3, hash=account.head().hash, digest=digest(known())
    )


def test_during_the_deletions_the_head_says_so(account: Account) -> None:
    seen: list[float] = []
    account.disposal.at_delete = lambda: seen.append(account.head().cleaning_until)
    account.run()
    assert (seen, account.head().cleaning_until) == ([ENDED] * 3, 0.0)


def test_a_dry_run_says_what_it_would_and_does_nothing(account: Account) -> None:
    account.policy = dataclasses.replace(account.policy, mode=Mode.DRY_RUN)
    before = account.head()
    assert account.run() == Result(found=4)
    assert (account.disposal.deleted, account.rows, account.head()) == ([], [], before)
    assert account.told == [("would delete", each.kind.value, each.name) for each in EVERYTHING]


def test_without_garbage_nothing_is_written(account: Account) -> None:
    account.reader.found = Inventory(endpoints=(hosted(),))
    assert (account.run(), account.rows, account.told) == (Result(), [], [])


def test_whatever_is_written_to_the_head_in_the_meantime_keeps_everything(account: Account) -> None:
    """An intent above all: it is how the deployer says that it rests on what is there."""
    account.reader.at_take = lambda: account.begin(dataclasses.replace(account.head(), attempt=attempt()))
    assert account.run() == Result(found=4)
    assert (account.disposal.deleted, account.rows) == ([], [])
    assert account.told == [("left for the next run: somebody is at work on the endpoint",)]
    assert account.head().attempt == attempt()


@pytest.mark.parametrize(
    "change",
    [
        {NAME: hosted(config="gate-old")},
        {NAME: hosted(pending_config="gate-old")},
        {NAME: hosted(status="Updating")},
        {},
    ],
    ids=["serves it now", "is on its way to it", "is busy", "is deleted"],
)
def test_an_endpoint_that_somebody_changed_in_the_meantime_is_left_alone(
    account: Account, change: dict[str, Hosted]
) -> None:
    account.reader.now = change
    assert account.run() == Result(found=4)
    assert (account.disposal.deleted, account.rows) == ([], [])
    assert account.told == [("left for the next run: the endpoint has changed",)]


def test_an_endpoint_that_somebody_created_in_the_meantime_is_left_alone(account: Account) -> None:
    account.reader.found = Inventory(things=EVERYTHING)
    assert (account.run(), account.disposal.deleted) == (Result(found=4), [])


def test_autoscaling_meanwhile_is_no_change(account: Account) -> None:
    account.reader.now = {NAME: hosted(modified_at=NOW)}
    assert account.run().deleted == 4


def test_one_endpoint_in_the_way_does_not_keep_the_others_back(account: Account) -> None:
    theirs = thing(Kind.CONFIG, "gate-theirs", endpoint="churn")
    account.begin(known(endpoint="churn", rows=0, hash=""))
    account.reader.found = Inventory(endpoints=(hosted(),), things=(CONFIG, theirs))
    account.reader.now = {}
    assert account.run() == Result(found=2, deleted=1)
    assert account.disposal.deleted == ["gate-theirs"]


@pytest.mark.parametrize("error", [Throttled("Rate exceeded"), InProgress("Cannot update in-progress endpoint")])
def test_where_aws_is_busy_the_run_ends_quietly_and_the_next_goes_on(account: Account, error: AwsError) -> None:
    theirs = thing(Kind.CONFIG, "gate-theirs", endpoint="zeta")
    account.begin(known(endpoint="zeta", rows=0, hash=""))
    account.reader.found = Inventory(endpoints=(hosted(),), things=(*EVERYTHING, theirs))
    account.disposal.refusals = {"gate-old": error}
    assert account.run() == Result(found=5, deleted=2)
    assert account.rows[1] == (Happened.CLEANED, "deleted 2 alarms")
    assert account.head().cleaning_until == 0
    assert account.told[-1] == ("stopped; the next run goes on",)
    account.disposal.refusals = {}
    account.reader.found = Inventory(endpoints=(hosted(),), things=(CONFIG, MODEL, theirs))
    assert account.run() == Result(found=3, deleted=3)


def test_a_throttled_look_around_ends_the_run_quietly(account: Account) -> None:
    account.reader.failure = Throttled("Rate exceeded")
    assert (account.run(), account.told) == (Result(), [("stopped; the next run goes on",)])


@pytest.mark.parametrize("error", [Denied("no"), Refused("no"), Limited("no")])
def test_what_aws_refuses_is_counted_and_keeps_nothing_else_back(account: Account, error: AwsError) -> None:
    account.disposal.refusals = {"gate-old": error}
    assert account.run() == Result(found=4, deleted=3, refused=1)
    assert account.told[2] == ("not deleted", "endpoint config", "gate-old")
    assert account.rows[1] == (Happened.CLEANED, "deleted 2 alarms, 1 model")


def test_a_crash_leaves_a_claim_that_ends_by_itself_and_the_next_run_goes_on(account: Account) -> None:
    account.disposal.refusals = {"gate-old": ZeroDivisionError("the function dies here")}
    with pytest.raises(ZeroDivisionError):
        account.run()
    assert account.head().cleaning_until == ENDED
    account.disposal.refusals = {}
    account.now = ENDED - 1
    assert account.run() == Result()
    account.now = ENDED
    assert account.run() == Result(found=4, deleted=4)


@pytest.mark.parametrize("error", [ReadTimeoutError(endpoint_url="https://aws.example"), INTERNAL, AwsError("new")])
def test_a_deletion_without_an_answer_may_come_late_and_the_claim_ends_after_that(
    account: Account, error: Exception
) -> None:
    account.disposal.refusals = {"gate-old": error}
    with pytest.raises(type(error)):
        account.run()
    assert account.head().cleaning_until == NOW + LANDING
    assert account.rows[1] == (Happened.CLEANED, "deleted 2 alarms")


def test_no_deletion_begins_late_for_a_rollout_may_wait(account: Account) -> None:
    def pass_time() -> None:
        account.now += FUNCTION_TIMEOUT / 2

    account.disposal.at_delete = pass_time
    assert account.run() == Result(found=4, deleted=3)
    assert account.disposal.deleted[-1] == "gate-old"


def test_a_run_ends_with_time_to_spare(account: Account) -> None:
    def pass_time() -> None:
        account.now += JANITOR_TIMEOUT - LOCK + 1

    account.reader.at_take = pass_time
    assert (account.run(), account.rows) == (Result(found=4), [])


def test_a_run_deletes_so_many_things_at_most(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "MOST", 3)
    assert account.run() == Result(found=4, deleted=3)
    assert "gate-old-model" not in account.disposal.deleted


def test_an_operator_who_pauses_in_the_midst_of_it_is_not_overwritten(account: Account) -> None:
    def pause() -> None:
        if not account.head().paused:
            account.begin(dataclasses.replace(account.head(), paused="audit"))

    account.disposal.at_delete = pause
    assert account.run().deleted == 4
    assert (account.head().paused, account.head().cleaning_until, account.rows[-1][0]) == (
        "audit",
        0.0,
        Happened.CLEANED,
    )


def test_a_claim_that_cannot_be_ended_is_a_fault(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    write = account.ledger.write

    def conflict(before: Head | None, after: Head, facts: Any = ()) -> Head:
        if facts and facts[-1].kind is Happened.CLEANED:
            raise Conflict(NAME)
        return write(before, after, facts)

    monkeypatch.setattr(account.ledger, "write", conflict)
    with pytest.raises(Conflict):
        account.run()


@pytest.mark.parametrize("mode", Mode)
def test_an_endpoint_whose_part_of_the_ledger_nobody_can_read_is_a_fault_once_the_others_are_cleaned(
    account: Account, mode: Mode
) -> None:
    account.policy = dataclasses.replace(account.policy, mode=mode)
    account.reader.found = dataclasses.replace(account.reader.found, unread={"b": "KeyError", "a": "x"})
    with pytest.raises(Unread, match=r"^the ledger cannot be read for a, b$"):
        account.run()
    assert account.told[:2] == [("skipped: its part of the ledger cannot be read",)] * 2
    assert len(account.told) == 2 + len(EVERYTHING)


def test_a_stillborn_endpoint_has_a_row_of_its_own(account: Account) -> None:
    found = stillborn()
    account.begin(head(rows=0, hash=""))
    account.reader.found = dataclasses.replace(found, failures={NAME: Failure(ROWS, True, 0)})
    account.reader.now = {NAME: found.endpoints[0]}
    assert account.run() == Result(found=1, deleted=1)
    assert account.rows == [
        (Happened.CLEANING, "about to delete 1 endpoint that nothing needs any more"),
        (
            Happened.ENDPOINT_DELETED,
            f"the endpoint {NAME} is deleted: its creation failed 8 days ago, and it has never been in service",
        ),
        (Happened.CLEANED, "deleted 1 endpoint"),
    ]


def test_alarms_go_a_hundred_to_a_call() -> None:
    alarms = tuple(Deletion(Kind.ALARM, str(number), NAME, "") for number in range(250))
    rest = tuple(Deletion(kind, "x", NAME, "") for kind in (Kind.ENDPOINT, Kind.CONFIG, Kind.MODEL))
    assert [len(step) for step in steps((*alarms, *rest))] == [100, 100, 50, 1, 1, 1]
    assert [each for step in steps((*alarms, *rest)) for each in step] == [*alarms, *rest]
