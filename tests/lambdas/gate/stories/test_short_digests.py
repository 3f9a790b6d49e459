"""A ledger written before digests of specifications were whole: nothing is refused, quarantined or rolled out because
of their length.

`ledgers/short_digests.json` is what such a release wrote, at three moments of one endpoint's story: version 2 is live
and 3 was rolled back; an approval of 4 waits; the rollout of 4 is under way.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate.decide.action import Confirm, Refuse, Wait
from lambdas.gate.state import chain
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Container
from lambdas.gate.state.pin import SHORT_DIGEST
from lambdas.gate.state.specification import digest
from tests.lambdas.builders import NOW, SPEC, arn, fired
from tests.lambdas.fakes import World

LEDGER: dict[str, Any] = json.loads((Path(__file__).parent / "ledgers" / "short_digests.json").read_text())


def _world(nowhere: World, moment: str) -> World:
    """As that release left it, with the present one in its place."""
    nowhere.restore(LEDGER["moments"][moment])
    for number in (1, 2, 3, 4):
        _register(nowhere, number)
    if moment == "live":
        nowhere.registry.put(4, approval_status="PendingManualApproval")
    return nowhere


def _register(world: World, number: int) -> None:
    specification = LEDGER["specifications"][str(number)]
    (container,) = specification["Containers"]
    uri = container["ModelDataUrl"]
    world.artifacts.objects[uri] = (f"etag-{number}", NOW - 9000)
    world.registry.put(
        number,
        specification=digest(specification),
        containers=(Container(container["Image"], model_data=uri),),
        modified_at=NOW,
    )


def _pins(world: World) -> dict[str, int]:
    """By where it is: how many digits a pin's specification has."""
    head = world.head
    found = {"live": head.live and head.live.approval, "attempt": head.attempt and head.attempt.approval}
    found |= {"waiting": head.approvals[0] if head.approvals else None}
    return {name: len(a.pin.specification) for name, a in found.items() if a and a.pin}


@pytest.mark.parametrize(
    ("moment", "places"),
    [("live", ("live",)), ("waiting", ("live", "waiting")), ("open", ("live", "attempt", "waiting"))],
)
def test_the_dump_holds_short_digests_only(nowhere: World, moment: str, places: tuple[str, ...]) -> None:
    assert _pins(_world(nowhere, moment)) == dict.fromkeys(places, SHORT_DIGEST)


def test_an_approval_that_waits_goes_on(nowhere: World) -> None:
    world = _world(nowhere, "waiting")
    assert type(world.reconcile()) is Wait
    assert len(world.hosting.accepted) == 1
    assert world.kinds == ["attempt_opened", "attempt_accepted"]
    assert _pins(world) == {"live": 64, "attempt": 64, "waiting": 64}


def test_an_approval_that_waits_is_refused_if_its_specification_changed(nowhere: World) -> None:
    world = _world(nowhere, "waiting")
    world.registry.put(4, specification="e" * 64, containers=world.registry.packages[arn(4)].containers)
    assert type(world.reconcile()) is Refuse


def test_a_live_version_that_is_rejected_gives_way_to_the_last_good_one(nowhere: World) -> None:
    world = _world(nowhere, "live")
    world.reconcile()
    rejected = dataclasses.replace(world.registry.packages[arn(2)], approval_status="Rejected", modified_at=world.now)
    world.registry.packages[arn(2)] = rejected
    assert type(world.reconcile(after=100)) is Wait
    assert _pins(world) == {"live": 64, "attempt": 64}
    world.hosting.finish(at=world.now + 500)
    world.settle()
    assert world.head.live is not None
    assert (world.head.live.version, _pins(world)) == (arn(1), {"live": 64})
    assert world.kinds == ["approval_revoked", "attempt_opened", "attempt_accepted", "attempt_closed"]


@pytest.mark.parametrize("rolled_back", [False, True])
def test_an_open_attempt_is_closed(nowhere: World, rolled_back: bool) -> None:
    world = _world(nowhere, "open")
    attempt = world.head.attempt
    assert attempt is not None
    if rolled_back:
        world.watch.history.append(fired(attempt.alarms[0], world.now + 900))
    world.hosting.finish(at=world.now + 1000, rolled_back=rolled_back)
    decision = world.reconcile(after=1500)
    assert decision.outcome is (Outcome.ROLLED_BACK if rolled_back else Outcome.SUCCEEDED)
    world.settle()
    assert world.head.live is not None
    assert world.head.live.version == arn(2 if rolled_back else 4)


def test_what_is_live_and_is_approved_again_is_what_is_live(nowhere: World) -> None:
    world = _world(nowhere, "live")
    approved = dataclasses.replace(world.registry.packages[arn(2)], modified_at=world.now)
    world.registry.packages[arn(2)] = approved
    assert type(world.reconcile(ApprovalHint(arn(2), world.now))) is Confirm
    assert (world.hosting.accepted, _pins(world)) == ([], {"live": 64})


@pytest.mark.parametrize("moment", ["live", "waiting", "open"])
def test_a_reconcile_writes_no_row_for_the_length_of_a_digest(nowhere: World, moment: str) -> None:
    world = _world(nowhere, moment)
    if moment == "waiting":
        world.begin(dataclasses.replace(world.head, paused="for this test"))
    before = world.head
    world.reconcile()
    world.reconcile(after=300)
    assert [kind for kind in world.kinds if kind != "held"] == []
    assert world.head.quarantined == before.quarantined
    assert world.hosting.accepted == []


def test_the_chain_goes_on(nowhere: World) -> None:
    world = _world(nowhere, "waiting")
    world.reconcile()
    rows, previous = world.ledger.rows(SPEC.endpoint), ""
    for row in rows:
        assert (row.previous, row.hash) == (previous, chain.row_hash(row))
        previous = row.hash
