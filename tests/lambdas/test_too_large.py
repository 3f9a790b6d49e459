"""What is too large for a row, an event or a message is cut, so that it is written and told all the same."""

import json
from typing import Any

import pytest

from lambdas.gate import codec, names
from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.aws.ledger import Ledger, row_item
from lambdas.gate.decide.action import Close, Hold
from lambdas.gate.reconcile.pinning import MAXIMUM_PIN_BYTES, Pinning
from lambdas.gate.state import chain
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import MAXIMUM_BYTES, Fact, Kind, Row
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Container, FiredAlarm
from lambdas.gate.transitions import closing, notice
from lambdas.gate.transitions.transition import MOST_FIRED, evidence
from lambdas.publisher import notification
from lambdas.publisher.event import event
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, head, live, observed, package
from tests.lambdas.fakes import FakeArtifacts, FakeImages, FakeRegistrations

TOPIC = f"arn:aws:sns:us-east-1:123456789012:{names.TOPIC}"
EVENT_BYTES, MESSAGE_BYTES = 256 * 1024, 256 * 1024
ITEM_BYTES = 400 * 1024
EMOJI = "\N{OK HAND SIGN}"


def row(summary: str = "why", who: str = "Approval Gate", kind: Kind = Kind.ALERT, **detail: Any) -> Row:
    return Row(SPEC.endpoint, 1, Fact(kind, NOW, summary, who, arn(3), detail), "", 64 * "h")


# Events


@pytest.mark.parametrize(
    ("detail", "cut"),
    [
        ({"one": 260_000, "small": 10}, ["one"]),
        ({"one": 260_000, "two": 270_000, "small": 10}, ["one", "two"]),
        ({"one": 260_000, "two": 260_000, "small": 10}, ["one", "two"]),
        ({"one": 260_000, "small": 10, "two": 300_000, "three": 280_000}, ["one", "three", "two"]),
        ({"one": 130_000, "two": 130_000, "small": 10}, ["one"]),
        ({f"part {n}": 100_000 for n in range(9)} | {"small": 10}, [f"part {n}" for n in range(7)]),
        ({"small": 10}, None),
    ],
    ids=["one", "two", "two of one size", "three", "two together", "nine", "none"],
)
def test_parts_of_the_evidence_that_are_too_large_go_and_are_named(detail: dict[str, int], cut: Any) -> None:
    parts: dict[str, Any] = {name: size * "x" for name, size in detail.items()}
    told = row(**parts)
    text = event(told)["Detail"]
    found = json.loads(text)
    assert len(text.encode()) <= EVENT_BYTES
    assert found.get("evidence_cut") == cut
    assert found["evidence"] == {name: part for name, part in parts.items() if name not in (cut or [])}
    assert set(found) - {"evidence_cut"} == set(json.loads(event(row())["Detail"]))


def test_the_largest_part_is_the_one_with_the_most_bytes() -> None:
    found = json.loads(event(row(ascii="x" * 120_000, emoji=EMOJI * 50_000))["Detail"])
    assert (found["evidence_cut"], list(found["evidence"])) == (["emoji"], ["ascii"])


def test_a_summary_that_is_too_large_is_cut_before_what_is_smaller() -> None:
    found = json.loads(event(row(EMOJI * 90_000, "who" * 90_000, small="x", large="y" * 100_000))["Detail"])
    assert found["summary"] == f"{9_999 * EMOJI}…"
    assert (len(found["who"]), found["who"][-1]) == (10_000, "…")
    assert found["evidence"] == {"small": "x", "large": "y" * 100_000}
    assert "evidence_cut" not in found


def test_a_summary_and_two_parts_that_are_too_large_are_all_cut() -> None:
    told = row(EMOJI * 90_000, small="x", one="1" * 400_000, two="2" * 300_000, four="4" * 70_000, three="3" * 150_000)
    text = event(told)["Detail"]
    found = json.loads(text)
    assert len(text.encode()) <= EVENT_BYTES
    assert found["summary"] == f"{9_999 * EMOJI}…"
    assert (found["evidence_cut"], sorted(found["evidence"])) == (["one", "three", "two"], ["four", "small"])


# Messages


def check(name: str, result: str = "failed", **fields: Any) -> dict[str, Any]:
    return {"name": name, "result": result, "found": "f", "wanted": "w", "advisory": False, "overridden": None} | fields


def sent(told: Row) -> str:
    message = notification.request(told, TOPIC)
    assert message is not None
    text: str = message["Message"]
    attributes = codec.encode(message["MessageAttributes"])
    assert len(text.encode()) + len(attributes.encode()) <= MESSAGE_BYTES
    return text


def test_a_message_that_is_too_large_is_cut() -> None:
    long = EMOJI * 100_000
    checks = [check(f"require.c{n}", found=long, wanted=long, overridden=long) for n in range(30)]
    text = sent(row(long, long, gate={"checks": checks}, reason=long))
    headline = "The endpoint fraud-detection needs your attention because of FraudDetectionGroup/3."
    assert text.startswith(f"{headline}\n> {9_999 * EMOJI}…\n\nWhat to do:\n")
    assert "> ... and 11 more in the ledger\n\nRow 1 of" in text


@pytest.mark.parametrize("passed", [19, 20, 21, 40])
def test_of_many_checks_those_that_did_not_pass_are_told(passed: int) -> None:
    checks = [*(check(f"require.p{n}", "passed") for n in range(passed)), check("four_eyes")]
    lines = sent(row(kind=Kind.HELD, gate={"checks": checks})).partition("Why:\n")[2].partition("\n\n")[0].split("\n")
    left_out = passed + 1 - 20
    shown = [f"> check require.p{n}: passed" for n in range(min(passed, 19))]
    more = [f"> ... and {left_out} more in the ledger"] if left_out > 0 else []
    assert lines == [*shown, "> check four_eyes: failed, found f, wanted w", *more]


# Rows


@pytest.mark.parametrize(
    "detail",
    [
        {"text": "x" * 500_000},
        {"text": EMOJI * 500_000, "more": {"text": "x" * 500_000, "kept": 1}},
        {"list": [{"text": "x" * 900, "n": n} for n in range(5000)]},
        {"list": tuple("x" * 100_000 for _ in range(500))},
        {"nested": [[["x" * 100 for _ in range(20)] for _ in range(20)] for _ in range(20)]},
    ],
    ids=["a text", "texts", "a list", "a tuple of texts", "nested"],
)
def test_a_row_that_is_too_large_is_cut_and_says_which_parts(detail: dict[str, Any]) -> None:
    fact = Fact(
        Kind.ATTEMPT_CLOSED,
        NOW,
        "s" * 400_000,
        version=arn(2),
        detail={"attempt": 3, "outcome": Outcome.FAILED, **detail},
    )
    _, (written,) = chain.append(head(), (fact,))
    assert len(codec.encode(row_item(written)).encode()) < ITEM_BYTES
    kept = {name: written.fact.detail[name] for name in ("attempt", "outcome", "cut")}
    assert kept == {"attempt": 3, "outcome": Outcome.FAILED, "cut": sorted(detail)}
    assert written.fact.summary.endswith("…")
    assert chain.row_hash(written) == written.hash


def test_of_a_list_that_is_cut_the_first_and_the_newest_stay() -> None:
    fact = Fact(Kind.ALERT, NOW, "s", detail={"list": [{"n": n, "text": "x" * 1_000} for n in range(1_000)]})
    _, (written,) = chain.append(head(), (fact,))
    assert [each["n"] for each in written.fact.detail["list"]] == [*range(100), *range(900, 1_000)]


@pytest.mark.parametrize(
    "detail", [{}, {"text": "x" * 250_000}, {"list": list(range(20_000))}], ids=["none", "text", "list"]
)
def test_a_row_that_fits_is_whole(detail: dict[str, Any]) -> None:
    fact = Fact(Kind.ALERT, NOW, "s" * 30_000, detail=detail)
    _, (written,) = chain.append(head(), (fact,))
    assert written.fact == fact


def test_what_is_cut_is_written_and_its_chain_verifies(emptied: Any) -> None:
    ledger = Ledger(emptied, names.LEDGER)
    facts = tuple(
        Fact(Kind.HELD, NOW, EMOJI * 200_000, "x" * 200_000, detail={"reason": "r" * 600_000}) for _ in range(3)
    )
    written = ledger.write(None, head(rows=0, hash="", paused="x" * 600_000), facts)
    rows = ledger.rows(SPEC.endpoint)
    assert [each.number for each in rows] == [1, 2, 3]
    assert all(chain.row_hash(each) == each.hash for each in rows)
    assert all(len(codec.encode(each).encode()) <= MAXIMUM_BYTES + 1_000 for each in rows)
    assert (written.hash, ledger.head(SPEC.endpoint)) == (rows[-1].hash, written)


# Alarms that fire all the time


def alarm(name: str, at: float) -> FiredAlarm:
    return FiredAlarm(name, at, 1_000 * "r")


@pytest.mark.parametrize("count", [MOST_FIRED - 1, MOST_FIRED, MOST_FIRED + 1, 5_000])
def test_of_an_alarm_that_fires_all_the_time_the_first_and_the_newest_are_kept(count: int) -> None:
    flapping = tuple(alarm("kpi", NOW + n) for n in range(count))
    fired = (*flapping[:2], alarm("5xx", NOW + 1.5), *flapping[2:])
    found = evidence(fired)
    total = count + 1
    assert found.get("fired_in_all") == (total if total > MOST_FIRED else None)
    assert len(found["fired"]) == min(total, MOST_FIRED)
    assert [(each["name"], each["at"]) for each in found["fired"][:1]] == [("kpi", NOW)]
    assert ("5xx", NOW + 1.5) in [(each["name"], each["at"]) for each in found["fired"]]
    assert found["fired"][-1] == {"name": fired[-1].name, "at": fired[-1].at, "reason": fired[-1].reason}
    assert found["fired"] == sorted(found["fired"], key=lambda each: each["at"])


def test_the_rows_that_close_an_attempt_and_hold_one_fit_however_often_alarms_fired() -> None:
    fired = tuple(alarm(f"kpi {n % 10}", NOW + n) for n in range(5_000))
    tried = attempt(2)
    decision = Close("it fired", outcome=Outcome.ROLLED_BACK, quarantine=True, fired=fired)
    _, (closed,) = closing.closed(head(live=live(1), attempt=tried), tried, decision, endpoint(), NOW)
    held = Hold("it fires", notice=Notice(Code.ALARMS_UNFIT), approval=approval(2), fired=fired)
    _, (told,) = notice.noticed(head(live=live(1)), held, observed(), NOW)
    for fact in (closed, told):
        assert len(fact.detail["fired"]) == MOST_FIRED
        assert fact.detail["fired_in_all"] == 5_000
        assert len(codec.encode(fact).encode()) < MAXIMUM_BYTES


# Pins


@pytest.mark.parametrize(("containers", "is_read"), [(1, True), (2, True), (30, True), (90, False)])
def test_a_package_whose_pin_would_swell_the_head_is_not_pinned(containers: int, *, is_read: bool) -> None:
    artifacts = FakeArtifacts()
    uris = [f"s3://example-models/fraud/{n}/{500 * 'x'}" for n in range(containers)]
    artifacts.objects = dict.fromkeys(uris, (32 * "e", NOW))
    found = package(2, containers=tuple(Container(image=None, model_data=uri) for uri in uris))
    pinning = Pinning(artifacts, FakeImages(), FakeRegistrations())
    if is_read:
        assert len(codec.encode(pinning.read(SPEC, found)).encode()) <= MAXIMUM_PIN_BYTES
        return
    with pytest.raises(Unreadable, match=r"FraudDetectionGroup/2 loads takes \d+ bytes to name, of 40000"):
        pinning.read(SPEC, found)
