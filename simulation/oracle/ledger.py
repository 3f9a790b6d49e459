"""Compares the ledger at the end with what truly happened: its chain, its outcomes, and what was published."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.state import record
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.chain import row_hash
from lambdas.gate.state.fact import Fact as Told
from lambdas.gate.state.fact import Kind as Fact
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.timing import FUNCTION_TIMEOUT
from lambdas.publisher import copy, notification
from simulation.functions.publisher import TOPIC_ARN
from simulation.oracle.allowances import manual_returns, unseen_manual_changes
from simulation.oracle.expected_outcome import is_managed
from simulation.oracle.records import rows_of
from simulation.oracle.shadows import is_refused_for_shadow
from simulation.world.example import COPIES, NAME, short
from simulation.world.hosting import is_serverless
from simulation.world.people import STRANGER, caller
from simulation.world.resources import Quality, Update
from simulation.world.world import World

_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[bfnrtu]")
"""The escape of a control character in JSON, and not an escaped backslash before a letter."""


def chained(head: Head | None, rows: list[Row]) -> list[str]:
    previous, found = "", []
    for number, row in enumerate(rows, 1):
        if (row.number, row.previous, row.hash) != (number, previous, row_hash(row)):
            found.append(f"4: the chain breaks at row {row.number}")
        previous = row.hash
    if rows and (head is None or (head.rows, head.hash) != (rows[-1].number, rows[-1].hash)):
        found.append("4: the head does not end the chain")
    return found


def unreplayable(stored: dict[str, Any], rows: list[Row]) -> list[str]:
    """Return a violation if the rows do not replay to what decides. `stored`: the fields of the head's item."""
    if not rows:
        return []
    try:
        replayed = record.restored(record.replay(rows), None, rows[-1])
    except record.Unreplayable as error:
        return [f"18: {error}"]
    fields = json.loads(codec.encode(replayed)).items()
    told = {name: value for name, value in fields if name in stored}
    return [f"18: the rows replay to another {name}" for name in stored if told.get(name) != stored[name]]


def unsafe_texts(rows: list[Row]) -> list[str]:
    """Return violations for rows whose texts are not one printable line each."""
    texts = ((row.number, codec.encode(row.fact)) for row in rows)
    unsafe = (number for number, text in texts if not text.isprintable() or _ESCAPE.search(text))
    return [f"17: row {number} has an unsafe text" for number in unsafe]


def forged(rows: list[Row]) -> list[str]:
    """Return violations for rows that name a person whom only forged messages name."""
    named = (row.number for row in rows if STRANGER in codec.encode(row.fact))
    return [f"21: row {number} names somebody whom only a message names" for number in named]


def misordered(world: World) -> list[str]:
    """Return violations for orders that did not end in one row, and for rows that name somebody whom AWS did not name
    as the sender."""
    found, ended = [], Counter[str]()
    people = {order.id: by for order, by in world.ordered}
    rows = [row for endpoint in (NAME, names.ALL) for row in rows_of(world, endpoint)]
    for row in rows:
        evidence = row.fact.detail.get("order")
        if evidence is None:
            continue
        ended[evidence["id"]] += 1
        sender = caller(people[evidence["id"]])
        assert sender is not None
        if evidence["sender"] != sender.principal_id or row.fact.who not in (sender.principal_id, sender.arn):
            found.append(
                f"18: row {row.number} of {row.endpoint} names {row.fact.who}, and {sender.arn} sent the order"
            )
    for row in rows:
        if "ordered_for" in row.fact.detail and row.fact.who not in _stoppers(rows):
            found.append(f"18: row {row.number} names {row.fact.who}, who ordered no abort of all")
    waiting = {json.loads(work[1].body)["id"] for _, _, work in world.heap if work[0] == "order"}
    found += [f"18: the order {id} ended in {ended[id]} rows" for id in people if ended[id] != 1 and id not in waiting]
    return found


def _stoppers(rows: list[Row]) -> set[str]:
    orders = (row for row in rows if row.endpoint == names.ALL and row.fact.kind is Fact.ABORT_ORDERED)
    return {row.fact.who for row in orders}


def unreported_rows(world: World, rows: list[Row]) -> list[str]:
    events = {
        (d["endpoint"], d["number"]) for d in (json.loads(e["Detail"]) for k, e in world.published if k == "event")
    }
    sent = [request for kind, request in world.published if kind == "message"]
    found = [f"7: row {row.number} was not published" for row in rows if (NAME, row.number) not in events]
    for row in rows:
        request = notification.request(row, TOPIC_ARN)
        if request is not None and not any(_says(each, request) for each in sent):
            found.append(f"7: row {row.number} has no notification")
    return found


def _says(sent: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """True if the notification says all that the request says. It may also say what served when it was sent."""
    bodies = [each["Message"].split("\n") for each in (sent, request)]
    without_bodies = [{name: each[name] for name in each if name != "Message"} for each in (sent, request)]
    return without_bodies[0] == without_bodies[1] and set(bodies[1]) <= set(bodies[0])


def uncopied(world: World, rows: list[Row]) -> list[str]:
    found = {row.number: world.storage.objects.get(f"s3://{COPIES}/{copy.key(NAME, row.number)}") for row in rows}
    texts = {number: there.content.encode() if there else b"" for number, there in found.items()}
    return [f"7: row {row.number} has no copy" for row in rows if texts[row.number] != copy.content(row)]


def unproven(world: World, rows: list[Row]) -> list[str]:
    """Return violations for versions that answer golden requests wrong, stay live, and were not reported."""
    asked = {
        row.fact.detail["attempt"]
        for row in rows
        if row.fact.kind is Fact.ATTEMPT_OPENED and "golden_requests" in row.fact.detail
    }
    found = []
    for row in rows:
        fact, detail = row.fact, row.fact.detail
        if fact.kind is not Fact.ATTEMPT_CLOSED or detail["attempt"] not in asked or fact.version is None:
            continue
        stays = detail["outcome"] == Outcome.SUCCEEDED and not detail["quarantined"]
        is_replaced = detail["live_endpoint_config"] != detail["endpoint_config"]
        if world.quality(fact.version) is not Quality.WRONG or not stays or is_replaced:
            continue
        alerts = (r.fact for r in rows if r.fact.kind is Fact.ALERT and r.fact.at >= fact.at)
        if not any(alert.detail.get("golden_requests") for alert in alerts if alert.version == fact.version):
            found.append(f"16: {short(fact.version)} answers wrong, and passed")
    return found


_FOR_GOOD = ("SageMaker refused", "the endpoint is Failed")
_TRUE_OUTCOMES = {
    "live": {Outcome.SUCCEEDED, Outcome.SUPERSEDED},
    "shadowed": {Outcome.SHADOWED, Outcome.SUPERSEDED},
    "alarm": {Outcome.ROLLED_BACK, Outcome.ABORTED, Outcome.SUPERSEDED},
    "sick": {Outcome.ROLLED_BACK, Outcome.ABORTED, Outcome.SUPERSEDED},
    "unlucky": {Outcome.FAILED, Outcome.ABORTED, Outcome.SUPERSEDED},
    "failed": {Outcome.FAILED},
    "forced": set(Outcome),
    None: {Outcome.SUPERSEDED, Outcome.FAILED},
}


def outcomes(world: World, rows: list[Row]) -> list[str]:
    """Return violations of: each accepted update has one intent before it, one outcome after it, and the outcome is
    true."""
    found = []
    opened = [row.fact for row in rows if row.fact.kind is Fact.ATTEMPT_OPENED]
    closed = [row.fact for row in rows if row.fact.kind is Fact.ATTEMPT_CLOSED]
    undone = manual_returns(world, rows)
    for fact in opened:
        ends = [c for c in closed if c.detail["attempt"] == fact.detail["attempt"]]
        if len(ends) != 1:
            found.append(f"4: attempt {fact.detail['attempt']} has {len(ends)} outcomes")
    for update in world.hosted.updates:
        intents = [f for f in opened if f.detail["endpoint_config"] == update.config and f.at <= update.at]
        ends = [f for f in closed if f.detail["endpoint_config"] == update.config]
        if len(intents) != 1 or len(ends) != 1 or ends[0].at < update.at - 60:
            found.append(f"4: {update.config} has {len(intents)} intents before it, {len(ends)} outcomes")
        elif ends[0].detail["outcome"] not in _outcomes_of(world, update, intents[0], undone=update.config in undone):
            found.append(f"4: {short(update.version)} ended {update.ended}, recorded as {ends[0].detail['outcome']}")
    return found


def _outcomes_of(world: World, update: Update, intent: Told, *, undone: bool) -> set[Outcome]:
    """Return the outcomes that are true for an update. One that should only add or remove a shadow fails if the live
    version does not start again, or if an alarm fires."""
    purpose, truly = intent.detail["purpose"], _true_outcomes(world, update, undone=undone)
    if purpose == Purpose.SHADOW and update.ended == "live":
        return truly - {Outcome.SUCCEEDED} | _TRUE_OUTCOMES["shadowed"]
    return truly | {Outcome.FAILED} if purpose in (Purpose.SHADOW, Purpose.END_SHADOW) else truly


def _true_outcomes(world: World, update: Update, *, undone: bool) -> set[Outcome]:
    """Return the outcomes that are true for an update. An alarm that fired as well is an equally good cause. A
    promotion that a person undid at once looks like a failure."""
    if undone:
        return _TRUE_OUTCOMES["live"] | {Outcome.FAILED, Outcome.ROLLED_BACK, Outcome.ABORTED}
    also = (
        _TRUE_OUTCOMES["alarm"]
        if any(blamed == update.version for blamed, _ in world.blame) and update.ended != "live"
        else set()
    )
    config = world.hosting.configs.get(update.config)
    if config is not None and is_serverless(config) and update.ended == "sick":
        return {Outcome.FAILED, Outcome.SUPERSEDED}  # AWS never rolls back a serverless endpoint.
    return _TRUE_OUTCOMES[update.ended] | also


def given_up_early(world: World, rows: list[Row]) -> list[str]:
    """Return violations for versions that are given up at their first failure, although they are not at fault and
    nobody ordered an abort."""
    found, failures = [], Counter[str]()
    ordered = {row.fact.version for row in rows if row.fact.kind is Fact.ABORT_ORDERED}
    for fact in (row.fact for row in rows if row.fact.kind is Fact.ATTEMPT_CLOSED):
        version = str(fact.version)
        failures[version] += fact.detail["outcome"] == Outcome.FAILED
        is_final = fact.detail["outcome"] == Outcome.FAILED and fact.detail["quarantined"]
        is_at_fault = world.quality(version) in (Quality.SICK, Quality.ERRS) or version in ordered
        is_for_good = fact.summary.startswith(_FOR_GOOD) and not is_refused_for_shadow(world, fact)
        if is_final and failures[version] == 1 and not is_at_fault and not is_for_good:
            found.append(f"2: {short(version)} is given up at its first failure: {fact.summary}")
    return found


def unreported_manual_changes(world: World, rows: list[Row]) -> list[str]:
    found = []
    unseen = unseen_manual_changes(world, rows)
    for served_at in world.hosted.manual_changes:
        if not is_managed(world) or not rows or served_at < rows[0].fact.at:
            continue
        if any(act.what == "deleted" and act.at > served_at for act in world.acts):
            continue
        begun = max(act.at for act in world.acts if act.what == "manual change" and act.at <= served_at)
        if begun in unseen:
            continue
        # A row has the time at which its reconcile began. A slow reconcile also saw later changes.
        since = (served_at if world.assumptions.updating_shows_old_config else begun) - FUNCTION_TIMEOUT
        reported = any(row.fact.at >= since and _reports_a_change(row) for row in rows)
        if not reported:
            found.append("10: a change by hand was not reported")
    return found


def _reports_a_change(row: Row) -> bool:
    """True if the row says that something else serves. A baseline says so, too."""
    superseded = row.fact.kind is Fact.ATTEMPT_CLOSED and row.fact.detail["outcome"] == Outcome.SUPERSEDED
    return superseded or row.fact.kind in (Fact.CHANGED_BY_HAND, Fact.BASELINE)
