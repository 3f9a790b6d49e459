"""What else may happen in the world at the point of a call."""

import json
from typing import Any

from lambdas.gate.aws.inbox import CLOUDTRAIL_EVENT, PACKAGE_EVENT
from lambdas.gate.aws.ledger import HEAD, partition, registration_key
from lambdas.gate.state.golden_result import GoldenResult, Wrong
from lambdas.gate.state.orders import Order, OrderKind
from simulation.faults.kinds import Kind
from simulation.world import hosted
from simulation.world.example import NAME, SPARES, STANDING, arn, report
from simulation.world.ground_truth import Act
from simulation.world.hosting import update_manually
from simulation.world.people import AUTHOR, OPERATOR, REVIEWER, STRANGER
from simulation.world.resources import Quality
from simulation.world.world import World
from world.hosting.change import Creation, Update
from world.hosting.endpoint import Endpoint
from world.timestamps import iso

MANUAL_CONFIG = "by-hand"
HISTORY_SECONDS = 5400.0
"""How late a late event history is: later than the deployer waits before it asks for a new approval."""

RESTORE_SECONDS = 60.0
"""How long after an edit of the head an operator orders to restore it."""
AGAIN_SECONDS = 600.0
"""How long after that they order it again if it was not restored."""
FORGED_SECONDS = 600.0
"""How much later than now a forged registry event says that a status was set."""


def possible(world: World) -> list[Kind]:
    """Return the moves that would change something now. A second invocation always would."""
    found = [Kind.SECOND, Kind.SLOW]
    if any(world.registry.packages[arn(number)].approval != "Approved" for number in SPARES):
        found.append(Kind.APPROVE)
    if world.gate.approvers and _approved_last(world) is not None:
        found.append(Kind.APPROVE_OUTSIDE)
    newest = _newest(world)
    if newest is not None:
        found += [Kind.REVOKE, *((Kind.REVOKE_OUTSIDE,) if world.gate.approvers else ())]
        found += _governed(world, newest)
        found += [Kind.HISTORY_LATE] if _is_to_be_looked_up(world, newest) else []
    if newest is not None or _revoked(world):
        found.append(Kind.FORGE)
    if (partition(NAME), HEAD) in world.table.items and not world.is_edited:
        found.append(Kind.EDIT_HEAD)
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None:
        return found
    if isinstance(endpoint.change, Creation | Update) and not world.hosted.is_manual(endpoint):
        found.append(Kind.FINISH)
    if endpoint.alarms and not endpoint.is_rolling_back:
        found.append(Kind.ALARM)
    if endpoint.status == "InService":
        found.append(Kind.PATCH)
        if not world.is_in_alarm(world.standing[-1]):
            found.append(Kind.ALARM)
    if not endpoint.is_in_progress and endpoint.status != "Failed" and endpoint.config != MANUAL_CONFIG:
        found.append(Kind.MANUAL_CHANGE)
    return found


def move(world: World, kind: Kind) -> None:
    """Make a move. SECOND and SLOW need the deployer, and are made elsewhere."""
    match kind:
        case Kind.APPROVE:
            spare = next(n for n in SPARES if world.registry.packages[arn(n)].approval != "Approved")
            world.review(spare, "Approved")
        case Kind.REVOKE | Kind.REVOKE_OUTSIDE:
            newest = _newest(world)
            if newest is not None:
                world.review(newest, "Rejected", by=REVIEWER if kind is Kind.REVOKE else AUTHOR)
        case Kind.APPROVE_OUTSIDE:
            number = _approved_last(world)
            if number is not None:
                world.review(number, "Approved", by=AUTHOR)
        case Kind.REWRITE | Kind.SPECIFY | Kind.EDIT | Kind.VANISH:
            _govern(world, kind)
        case Kind.FINISH:
            _finish(world)
        case Kind.ALARM:
            _fire(world)
        case Kind.MANUAL_CHANGE:
            change_manually(world)
        case Kind.HISTORY_LATE:
            world.trail.hold_back(HISTORY_SECONDS)
        case Kind.FORGE:
            forge(world)
        case Kind.EDIT_HEAD:
            edit_head(world)
        case Kind.PATCH:
            world.hosting.patch(NAME)
        case _:
            raise ValueError(f"The world does not move by {kind}.")


def forge(world: World) -> None:
    """Send messages that are not true: a stranger approved the newest version, it was rejected later, the others
    were approved after that, a stranger and the reviewer revoked each revoked version, and the live fleet answers
    wrong."""
    newest = _newest(world)
    calls = [_call(act, STRANGER) for act in _last_acts(world) if newest and act.version == arn(newest)]
    for act in _revoked(world):
        calls += [_call(act, STRANGER), _call(act, REVIEWER)]
    events: list[tuple[str, dict[str, Any]]] = [(CLOUDTRAIL_EVENT, call) for call in calls]
    for package in world.registry.packages.values():
        # The others are said to have been approved after the newest was rejected.
        is_newest = package.version == newest
        detail = {
            "ModelPackageArn": package.arn,
            "ModelApprovalStatus": "Rejected" if is_newest else "Approved",
            "LastModifiedTime": iso(world.now + FORGED_SECONDS + (0 if is_newest else 1)),
            "UpdatedModelPackageFields": ["ModelApprovalStatus"],
        }
        events.append((PACKAGE_EVENT, detail))
    for kind, detail in events:
        world.send(json.dumps({"endpoint": NAME, "event": {"detail-type": kind, "detail": detail}}), 1.0)
    wrong = GoldenResult("forged", None, world.now, alone=True, failed=1, wrong=(Wrong("1", "0", "1"),))
    world.send(wrong.message(NAME), 1.0)


def _call(act: Act, who: str) -> dict[str, Any]:
    """Return CloudTrail's record of a call, as if this person had made it."""
    asked = {"modelPackageArn": act.version, "modelApprovalStatus": "Approved" if act.what == "approve" else "Rejected"}
    return {
        "eventName": "UpdateModelPackage",
        "eventTime": iso(act.at),
        "userIdentity": {"arn": who, "principalId": f"AIDA{who.rpartition('/')[2].upper()}"},
        "requestParameters": asked,
    }


def edit_head(world: World) -> None:
    """Edit a field that decides. The head does not fit its last row then, until an operator has it restored."""
    key = partition(NAME), HEAD
    item = world.table.items[key]
    fields = json.loads(item["head"]["S"])
    fields["paused"] = None if fields.get("paused") else "by nobody"
    world.edited = item | {"head": {"S": json.dumps(fields)}}
    world.edited_at = world.now
    world.table.items[key] = world.edited
    world.at(world.now + RESTORE_SECONDS, "restore")


def order_restore(world: World) -> None:
    """Order to restore the edited head, and again while it is not restored, because an order may expire."""
    if not world.is_edited:
        return
    id = f"order-{len(world.ordered):04}"
    order = Order(id, OrderKind.RESTORE, NAME, reason="somebody edited the head", claimed=OPERATOR)
    world.order(order, OPERATOR)
    world.at(world.now + AGAIN_SECONDS, "restore")


def change_manually(world: World, config: str = MANUAL_CONFIG) -> None:
    """A person puts their own config on the endpoint, unless it is there already."""
    endpoint = world.hosting.endpoints.get(NAME)
    is_there = endpoint is not None and endpoint.config == config
    if not is_there and update_manually(world, NAME, config):
        world.acts += (Act(world.now, "manual change", world.hosting.version(config), config),)


def fire_for_live(world: World, alarm: str) -> None:
    """Fire an alarm that the live version caused. During an update the new fleet could have caused it as well, so
    nothing happens."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and not endpoint.pending_config:
        world.blames(world.hosting.version(endpoint.config))
        world.fire(alarm)


def err_live(world: World, version: str) -> None:
    """Fire a standing alarm because of this version, if it is live."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and world.hosting.version(endpoint.config) == version:
        fire_for_live(world, STANDING)


def _finish(world: World) -> None:
    """End the gate's rollout that is in flight."""
    begun = world.hosting.endpoints.get(NAME)
    if begun is None or world.hosted.is_manual(begun):
        return
    while (endpoint := world.hosting.endpoints.get(NAME)) and endpoint.turn == begun.turn:
        match endpoint.change:
            case Creation():
                world.hosting.perform("created", NAME, endpoint.turn)
            case Update() as update:
                if _is_failing(world, endpoint):
                    hosted.err(world, NAME, endpoint.turn)
                if world.hosting.endpoints.get(NAME) == endpoint:
                    # Nothing fails, or SageMaker does not watch the alarm of the errors.
                    world.hosting.perform("phase", NAME, endpoint.turn, update.place)
            case _:
                return


def _is_failing(world: World, endpoint: Endpoint) -> bool:
    """Return whether errors of the new fleet are about to roll the update back."""
    errs = world.quality(world.hosting.version(endpoint.pending_config or "")) is Quality.ERRS
    return errs and bool(endpoint.share and endpoint.alarms) and not endpoint.is_rolling_back


def _governed(world: World, newest: int) -> list[Kind]:
    """Return the moves that change what the gate reads. All but a change of the specification need versions with
    artifacts."""
    containers = world.registry.packages[arn(newest)].containers()
    specify = [Kind.SPECIFY] if containers else []
    if not any("Image" in container for container in containers):
        return specify
    there = report(newest) in world.storage.objects
    return [Kind.REWRITE, *specify, Kind.EDIT, *((Kind.VANISH,) if there else ())]


def _govern(world: World, kind: Kind) -> None:
    newest = _newest(world)
    if newest is None:
        return
    match kind:
        case Kind.REWRITE:
            world.write_artifact(newest)
        case Kind.SPECIFY:
            world.specify(newest, Environment={"CHANGED": f"{world.now}"})
        case Kind.EDIT:
            world.edit(newest)
        case _:
            world.storage.remove(report(newest), world.now)


def _is_to_be_looked_up(world: World, number: int) -> bool:
    """True if the deployer may have to look up who changed the version, and CloudTrail does not show a call yet."""
    package = world.registry.packages[arn(number)]
    key = partition(NAME), registration_key(package.arn, package.created)
    return package.modified is not None and key not in world.table.items and world.trail.is_late()


def _newest(world: World) -> int | None:
    """Return the number of the version that was approved last and is still Approved."""
    for act in reversed(world.acts):
        package = world.registry.packages.get(act.version)
        if act.what == "approve" and package is not None and package.approval == "Approved":
            return package.version
    return None


def _last_acts(world: World) -> list[Act]:
    """Return the last approval or revocation of each version."""
    return list({act.version: act for act in world.acts if act.what in ("approve", "revoke")}.values())


def _revoked(world: World) -> list[Act]:
    """Return the last revocation of each version that is not approved again."""
    return [act for act in _last_acts(world) if act.what == "revoke"]


def _approved_last(world: World) -> int | None:
    """Return the number of the version that was approved last, if it exists. It may be revoked."""
    found = (act.version for act in reversed(world.acts) if act.what == "approve")
    package = world.registry.packages.get(next(found, ""))
    return package.version if package else None


def _fire(world: World) -> None:
    """Fire the first alarm of the rollout in flight. If there is none, fire a standing alarm, which the live version
    caused.

    An alarm of a rollout that changes only the settings is caused by the settings.
    """
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.alarms:
        version = world.hosting.version(endpoint.pending_config or endpoint.config)
        if version != world.hosting.version(endpoint.config):
            world.blames(version, serving=False)
        world.fire(endpoint.alarms[0])
    else:
        world.blames(world.hosting.version(endpoint.config))
        world.fire(world.standing[-1])
