"""How long a version has been live elsewhere, and whether it was quiet there."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Denied, Unreadable
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.spec.spec import Soak, SpecError
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.evidence import Soaked
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.pin import Artifact, Pin
from lambdas.gate.state.tries import Quarantined
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn, fired, head, live
from tests.lambdas.fakes import FakeSpecs, FakeWatch, Journal

SOAK = Soak("fraud-detection", 24)
STANDING = "approval-gate/fraud-detection/standing/model-errors"
SINCE = NOW - 90_000
WAITING = approval(2)


class Staging(Ledger):
    def __init__(self, row: Head | None) -> None:
        self.row = row

    def head(self, endpoint: str) -> Head | None:
        assert endpoint == SOAK.endpoint
        return self.row


def _soaked(
    row: Head | None,
    watch: FakeWatch,
    specs: FakeSpecs | None = None,
    *,
    wanted: Approval = WAITING,
    pinned: bool = True,
) -> Soaked:
    return SoakReader(Staging(row), specs or FakeSpecs(), watch).soaked(SOAK, wanted, pinned=pinned)


@pytest.fixture
def watch() -> FakeWatch:
    return FakeWatch(Journal())


LIVE = live(2, since=SINCE)
REPLACED = live(2, since=SINCE, until=SINCE + 600)
BURNT = Quarantined(approval(2), SPEC.settings, "5xx fired")


@pytest.mark.parametrize(
    ("row", "soaked"),
    [
        (head(live=LIVE), Soaked(SINCE)),
        (head(live=dataclasses.replace(LIVE, approval=approval(2, version=arn(2).lower()))), Soaked(SINCE)),
        (head(live=dataclasses.replace(LIVE, since=NOW, version_since=SINCE, relaunched=True)), Soaked(SINCE)),
        (head(live=dataclasses.replace(LIVE, since=NOW, version_since=SINCE)), Soaked(NOW)),
        (head(live=live(3), good=(live(1), REPLACED)), Soaked(SINCE, SINCE + 600)),
        (head(live=LIVE, good=(REPLACED,)), Soaked(SINCE)),
        (head(live=live(3), good=(live(2, since=SINCE),)), Soaked(SINCE, SINCE)),
        (head(live=live(3), good=(REPLACED,), quarantined=(BURNT,)), Soaked(SINCE, SINCE + 600, ("5xx fired",))),
        (head(live=LIVE, quarantined=(BURNT,)), Soaked(SINCE, None, ("5xx fired",))),
        (head(live=live(2, since=SINCE, approval=approval(2, order=9)), quarantined=(BURNT,)), Soaked(SINCE)),
        (head(live=live(3)), Soaked()),
        (head(live=None), Soaked()),
        (head(live=live(None)), Soaked()),
    ],
    ids=[
        "live",
        "live, spelled in lower case",
        "live, and launched anew for a shadow",
        "live, and launched anew for other settings",
        "it was live",
        "live again counts from now on",
        "until when is not known",
        "it was taken back",
        "it is being taken back",
        "an earlier try was taken back",
        "another is live",
        "nothing is live",
        "something is live by hand",
    ],
)
def test_when_it_was_live_there(watch: FakeWatch, row: Head, soaked: Soaked) -> None:
    assert _soaked(row, watch) == soaked


MODEL = Artifact("s3://example-models/fraud/2.tar.gz", "e1", None, SINCE)
SOAKED = dataclasses.replace(PIN, artifacts=(MODEL,))
SWAPPED = dataclasses.replace(PIN, artifacts=(dataclasses.replace(MODEL, etag="e2"),))


@pytest.mark.parametrize(
    ("served", "approved", "pinned", "since"),
    [
        (SOAKED, SOAKED, True, SINCE),
        (SOAKED, SWAPPED, True, None),
        (SOAKED, Pin("other", (MODEL,)), True, None),
        (PIN, SOAKED, True, SINCE),
        (None, SOAKED, True, SINCE),
        (SOAKED, PIN, False, SINCE),
        (SOAKED, Pin("other"), False, None),
    ],
    ids=[
        "the same",
        "another artifact, approved again",
        "another specification, approved again",
        "there only the specification is pinned",
        "what was adopted there is not pinned",
        "here only the specification is pinned",
        "here only the specification is pinned, and another",
    ],
)
def test_only_what_was_approved_has_soaked(
    watch: FakeWatch, served: Pin | None, approved: Pin, *, pinned: bool, since: float | None
) -> None:
    row = head(live=live(2, since=SINCE, approval=approval(2, pin=served)))
    assert _soaked(row, watch, wanted=approval(2, order=9, pin=approved), pinned=pinned) == Soaked(since)


@pytest.mark.parametrize("is_former", [False, True])
def test_what_a_person_put_there_has_not_soaked(watch: FakeWatch, is_former: bool) -> None:
    """Nobody knows what its model loads, whatever version it names."""
    by_hand = live(2, since=SINCE, approval=approval(2, pin=None), by_hand_at=SINCE)
    row = head(live=live(1), good=(by_hand,)) if is_former else head(live=by_hand)
    assert _soaked(row, watch, wanted=approval(2, order=9)) == Soaked(None)


def test_what_was_approved_has_to_be_read_to_say_whether_it_has_soaked(watch: FakeWatch) -> None:
    with pytest.raises(Unreadable, match=r"^what was approved has not been read yet$"):
        _soaked(head(live=LIVE), watch, wanted=approval(2, pin=None))


@pytest.mark.parametrize(
    ("history", "told"),
    [
        ([fired(STANDING, at=SINCE + 5), fired(STANDING, at=SINCE + 50)], (STANDING,)),
        ([fired(STANDING, at=SINCE - 5)], ()),
        ([fired("kpi", at=SINCE + 5)], ()),
    ],
    ids=["one that fired twice is said once", "before it was live", "another alarm"],
)
def test_what_is_live_there_is_quiet_while_no_standing_alarm_fires(
    watch: FakeWatch, history: list[FiredAlarm], told: tuple[str, ...]
) -> None:
    watch.history = history
    assert _soaked(head(live=LIVE), watch) == Soaked(SINCE, None, told)


def test_the_alarms_of_now_do_not_tell_of_what_was_replaced(watch: FakeWatch) -> None:
    watch.history = [fired(STANDING, at=NOW - 5)]
    assert _soaked(head(live=live(3), good=(REPLACED,)), watch) == Soaked(SINCE, SINCE + 600)


def test_what_fired_before_it_was_replaced_was_not_quiet(watch: FakeWatch) -> None:
    watch.history = [fired(STANDING, at=SINCE + 300)]
    assert _soaked(head(live=live(3), good=(REPLACED,)), watch) == Soaked(SINCE, SINCE + 600, (STANDING,))


def test_an_alarm_that_fired_before_and_is_still_in_alarm_is_not_quiet(watch: FakeWatch) -> None:
    watch.alarms[STANDING] = fired(STANDING, at=SINCE - 5)
    assert _soaked(head(live=LIVE), watch) == Soaked(SINCE, None, (STANDING,))


@pytest.mark.parametrize("row", [head(live=LIVE), head(live=live(3), good=(REPLACED,))], ids=["live", "replaced"])
def test_without_an_alarm_nothing_says_that_it_was_quiet(watch: FakeWatch, row: Head) -> None:
    watch.deleted = {STANDING}
    with pytest.raises(
        Unreadable, match=f"^nothing says whether fraud-detection was quiet: there is no alarm {STANDING}$"
    ):
        _soaked(row, watch)


class _Odd(Ledger):
    def __init__(self) -> None:
        pass

    def head(self, endpoint: str) -> Head | None:
        raise TypeError("'x' is no int.")


def test_a_head_that_cannot_be_read_says_nothing(watch: FakeWatch) -> None:
    with pytest.raises(Unreadable, match=r"^the head of fraud-detection could not be read: 'x' is no int"):
        SoakReader(_Odd(), FakeSpecs(), watch).soaked(SOAK, WAITING, pinned=True)


class _Specs(FakeSpecs):
    def read(self, endpoint: str) -> Any:
        raise SpecError("does not fit")


class _Watch(FakeWatch):
    def fired_since(self, alarm_names: tuple[str, ...], since: float) -> tuple[FiredAlarm, ...]:
        raise Denied("not authorized")


@pytest.mark.parametrize(
    ("row", "specs", "watch", "told"),
    [
        (None, FakeSpecs(), FakeWatch(Journal()), "fraud-detection is not an endpoint of Approval Gate"),
        (
            head(live=LIVE),
            _Specs(),
            FakeWatch(Journal()),
            "the spec of fraud-detection could not be read: does not fit",
        ),
        (head(live=LIVE), FakeSpecs(), _Watch(Journal()), "what fired on fraud-detection does not exist, or"),
    ],
    ids=["unknown to the ledger", "another version's spec", "not allowed"],
)
def test_what_cannot_be_said(row: Head | None, specs: FakeSpecs, watch: FakeWatch, told: str) -> None:
    with pytest.raises(Unreadable, match=f"^{told}"):
        _soaked(row, watch, specs)


def test_an_endpoint_whose_stack_is_gone_has_no_alarms_to_ask(watch: FakeWatch) -> None:
    specs = FakeSpecs()
    specs.stored = None
    with pytest.raises(Unreadable, match=r"^fraud-detection has no stack any more$"):
        _soaked(head(live=LIVE), watch, specs)
