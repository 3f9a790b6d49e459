"""A ledger of a release that registered only specifications, and pinned nothing that an environment names: nothing is
refused, held, quarantined or rolled out because of the upgrade.

`ledgers/specifications_only.json` is what such a release wrote, at two moments of one endpoint's story: version 2 is
live, 1 was live before, and 3 and 4 are pending; then an approval of 3 waits for the end of a freeze. Each version's
environment names code in S3, and that of 2 also a model of a hub without its revision.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate.aws.container import container
from lambdas.gate.decide.action import Keep, Refuse, Wait
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.specification import digest, without_filled_in
from tests.lambdas.builders import NOW, SPEC, arn
from tests.lambdas.fakes import World

LEDGER: dict[str, Any] = json.loads((Path(__file__).parent / "ledgers" / "specifications_only.json").read_text())


def _world(nowhere: World, moment: str) -> World:
    """Return the world as that release left it, with the present release in its place."""
    nowhere.restore(LEDGER["moments"][moment])
    for number in (1, 2, 3, 4):
        is_approved = number < (4 if moment == "waiting" else 3)
        _register(nowhere, number, "Approved" if is_approved else "PendingManualApproval")
    return nowhere


def _register(world: World, number: int, status: str) -> None:
    specification = LEDGER["specifications"][str(number)]
    fixed, filled_in = without_filled_in(specification)
    (definition,) = specification["Containers"]
    made = container(definition)
    for kind, uri in (("etag", made.model_uris[0]), ("code", made.named[0])):
        world.artifacts.objects[uri] = (f"{kind}-{number}", NOW - 9000)
    world.registry.put(
        number,
        specification=digest(specification),
        fixed=fixed,
        filled_in=filled_in,
        containers=(made,),
        approval_status=status,
        created_at=NOW - 8000 + number,
        modified_at=NOW,
    )


def _swap(world: World, number: int, kind: str = "") -> None:
    uri = f"{SPEC.model_artifacts}{kind}{number}.tar.gz"
    assert uri in world.artifacts.objects
    world.artifacts.objects[uri] = ("swapped", NOW - 9000)


@pytest.mark.parametrize("moment", ["live", "waiting"])
def test_the_upgrade_writes_no_row_and_changes_no_endpoint(nowhere: World, moment: str) -> None:
    world = _world(nowhere, moment)
    if moment == "waiting":
        world.begin(dataclasses.replace(world.head, paused="for this test"))
    for _ in range(3):
        world.reconcile(after=300)
    assert [kind for kind in world.kinds if kind != "held"] == []
    assert (world.head.quarantined, world.hosting.accepted) == ((), [])


def test_an_approval_that_waits_continues_with_its_pin(nowhere: World) -> None:
    world = _world(nowhere, "waiting")
    _swap(world, 3, "code-")  # which that release did not pin
    assert type(world.reconcile()) is Wait
    assert world.kinds == ["attempt_opened", "attempt_accepted"]


def test_what_that_release_pinned_is_still_compared(nowhere: World) -> None:
    world = _world(nowhere, "waiting")
    _swap(world, 3)
    assert type(world.reconcile()) is Refuse


@pytest.mark.parametrize("version", [1, 2])
def test_a_rejected_version_gives_way_to_the_last_good_one(nowhere: World, version: int) -> None:
    """Version 2 too, whose model of a hub could not be pinned today."""
    world = _world(nowhere, "live")
    if version == 2:
        _approve(world, 3)
        world.hosting.finish()
        world.settle()
    live = world.head.live
    assert live is not None
    rejected = dataclasses.replace(world.registry.packages[str(live.version)], approval_status="Rejected")
    world.registry.packages[str(live.version)] = dataclasses.replace(rejected, modified_at=world.now)
    assert type(world.reconcile(after=100)) is Wait
    world.hosting.finish()
    world.settle()
    assert world.head.live is not None
    assert world.head.live.version == arn(version)


def _approve(world: World, number: int) -> Any:
    world.now += 10
    world.change(number, approval_status="Approved")
    return world.reconcile()


def test_a_pending_version_can_be_approved(nowhere: World) -> None:
    world = _world(nowhere, "live")
    assert type(world.reconcile()) is Keep
    assert type(_approve(world, 4)) is Wait


def test_the_upgrade_records_what_pending_versions_load(nowhere: World) -> None:
    world = _world(nowhere, "live")
    world.reconcile()
    _swap(world, 4, "code-")
    decision = _approve(world, 4)
    assert type(decision) is Refuse
    assert decision.reason.endswith("register a new version")
    assert world.kinds == ["approval_seen", "approval_pinned", "approval_refused"]


def test_a_version_that_went_live_before_is_settled_by_a_new_approval(nowhere: World) -> None:
    world = _world(nowhere, "live")
    world.reconcile()
    _swap(world, 2)
    world.registry.packages[arn(2)] = dataclasses.replace(
        world.registry.packages[arn(2)],
        containers=tuple(dataclasses.replace(c, unfixed=()) for c in world.registry.packages[arn(2)].containers),
    )
    world.now += 10
    before = world.registry.packages[arn(2)]
    world.registry.packages[arn(2)] = dataclasses.replace(before, modified_at=world.now)
    assert type(world.reconcile(ApprovalHint(arn(2), world.now))) is Wait
