"""The invariants, by number. `objections` are checked at every call, `judge` at the end, when faults have stopped.

1. No traffic to a version that was not Approved at an authoritative read at most one call before the update.
2. When faults stop, the endpoint converges to the wanted version within a bounded number of looks.
3. One bad approval costs at most one accepted update, two where a fault left no witness.
4. The ledger is append-only and its chain verifies; every accepted update has one intent before it, one outcome after.
5. At most one attempt in flight.
6. Nothing leaks but what a fault left behind, and nothing that SageMaker needs is deleted.
7. At least one notification for each row of the ledger.
8. No endpoint is touched that was not opted in.
9. Revoking the live version ends on a good one, if there is one.
10. A change by hand is reported, not fought.
11. Nothing goes live whose artifact, image or specification is not what was approved.
12. Nothing new goes live past a gate that is shut, and that nobody overrode; nothing at all during a pause.
13. What is put on an endpoint exists; what it serves or may go back to is never deleted; what nothing needs goes.
14. What is registered for autoscaling is what the spec asks for, and no update resets the count that it has set; what
    others registered is not taken off.
15. Of a serverless endpoint no guardrails are asked for, which AWS may refuse, ignore or obey; of any other they are.
    An endpoint stays real-time or asynchronous, as those who call it do.
"""

import json
from typing import TYPE_CHECKING, Any

from lambdas.gate import codec, names
from lambdas.gate.attempt import Outcome, Purpose
from lambdas.gate.chain import row_hash
from lambdas.gate.fact import Kind as Fact
from lambdas.gate.fact import Row
from lambdas.gate.head import Head
from lambdas.gate.ledger import HEAD, ROW, partition, row_from_item
from lambdas.gate.scalable_target import POLICY
from lambdas.gate.spec import Spec
from lambdas.janitor.policy import Policy
from lambdas.publisher import copy
from lambdas.publisher.advice import advise
from simulation import belongings
from simulation.hosting import Quality, Update
from simulation.knowable import is_approver_hidden, is_blamed, is_given_up, returns_by_hand, unseen_by_hand
from simulation.pins import approvals, content, differing
from simulation.policy import asks_who, is_paused, shut
from simulation.wanted import acceptable, is_managed
from simulation.world import COPIES, NAME, World

if TYPE_CHECKING:
    from simulation.edge import Edge

INVARIANTS = range(1, 16)


def objections(edge: "Edge", name: str, request: dict[str, Any], policy: Policy | None = None) -> list[str]:
    """What an accepted call would break. `policy`: what the janitor is to keep."""
    world = edge.world
    match name:
        case "UpdateEndpoint" | "CreateEndpoint":
            return [
                *_unread(edge, request),
                *_unopened(world, request),
                *_surprising(world),
                *_untagged(world, request),
                *belongings.missing(world, request),
                *_ungoverned(edge),
                *_recounted(world, request),
                *_unguardable(world, request),
                *_uncallable(world, request),
            ]
        case "RegisterScalableTarget" | "PutScalingPolicy" | "PutScheduledAction" | "DeregisterScalableTarget":
            return _rescaled(world, name)
        case "TransactWriteItems":
            return _rewritten(world, request)
        case "PutItem":
            key = request["Item"]["pk"]["S"]
            return [] if key == "outbox" else [f"4: {key} was written alone"]
        case "DeleteItem":
            key = request["Key"]["pk"]["S"]
            return [] if key == "outbox" else [f"4: {key} was deleted"]
        case "DeleteModel" | "DeleteEndpointConfig" | "DeleteEndpoint" if policy is not None:
            return belongings.needed(world, name, request, policy, rows_of(world))
        case "DeleteAlarms":
            return _needed(world, request)
        case "CreateModel" | "CreateEndpointConfig":
            made = request.get("ModelName") or request["EndpointConfigName"]
            return [] if made.startswith(names.OWNED) else [f"8: {made} has no {names.OWNED} before it"]
        case _:
            return []


def _unread(edge: "Edge", request: dict[str, Any]) -> list[str]:
    version = edge.world.hosting.version(request["EndpointConfigName"])
    called, asked, answer = edge.invocation.previous
    read = called == "DescribeModelPackage" and asked["ModelPackageName"] == version
    if read and answer is not None and answer["ModelApprovalStatus"] == "Approved" and _is_at_stage(edge.world, answer):
        return []
    return [f"1: {version} was not read as Approved right before the call"]


def _is_at_stage(world: World, answer: dict[str, Any]) -> bool:
    stage = world.gate.stage
    return stage is None or answer.get("ModelLifeCycle") == {"Stage": stage.name, "StageStatus": stage.status}


def _ungoverned(edge: "Edge") -> list[str]:
    """Of what goes back, or gets other settings, the gate asks only that it is what was approved."""
    world, since = edge.world, edge.invocation.begun
    head = head_of(world)
    attempt = head.attempt if head else None
    if attempt is None:
        return []
    found, version = [], attempt.approval.version
    is_new = attempt.purpose in (Purpose.UPDATE, Purpose.CREATE)
    if is_new or attempt.approval.pin is not None:
        found += [f"11: {what} is not what was approved" for what in differing(world, attempt, edge.invocation.reads)]
    if is_new:
        found += [
            f"12: {_short(version)} goes live past {check}"
            for check in shut(world, version, since, attempt.approval.at)
        ]
    return [*found, "12: an update during a pause"] if is_paused(world, since) else found


def _unopened(world: World, request: dict[str, Any]) -> list[str]:
    head = head_of(world)
    attempt = head.attempt if head else None
    if head is None or attempt is None or attempt.fleet.config != request["EndpointConfigName"]:
        return [f"5: no attempt is open for {request['EndpointConfigName']}"]
    if attempt.accepted_at is not None:
        return [f"5: {request['EndpointConfigName']} was accepted before"]
    known = (a for a in head.approvals if a.wanted_at <= attempt.opened_at)
    if attempt.purpose in (Purpose.UPDATE, Purpose.CREATE) and any(a.rank > attempt.approval.rank for a in known):
        return [f"2: {_short(attempt.approval.version)} is rolled out while a later approval waits"]
    return []


def _surprising(world: World) -> list[str]:
    """A first look at an endpoint that is there leaves it as it is: what was approved before is no candidate. Times of
    events are whole seconds, and an edit may be taken for an approval."""
    head = head_of(world)
    attempt = head.attempt if head else None
    begun = max((act.at for act in world.acts if act.what == "baseline"), default=None)
    if begun is None or attempt is None or attempt.purpose is not Purpose.UPDATE or attempt.opened_at <= begun:
        return []
    version, told = attempt.approval.version, ("approve", "edit")
    if any(act.what in told and act.version == version and act.at > begun - 1 for act in world.acts):
        return []
    return [f"2: {_short(version)} was approved before the endpoint was adopted"]


def _untagged(world: World, request: dict[str, Any]) -> list[str]:
    endpoint = world.hosting.endpoints.get(request["EndpointName"])
    if request["EndpointName"] != NAME or (endpoint is not None and not endpoint.tagged):
        return [f"8: {request['EndpointName']} is not opted in"]
    return []


def _recounted(world: World, request: dict[str, Any]) -> list[str]:
    spec = spec_of(world)
    excluded = request.get("ExcludeRetainedVariantProperties", [])
    resets = {"VariantPropertyType": "DesiredInstanceCount"} in excluded
    return ["14: the count that autoscaling has set is lost"] if spec and spec.autoscaling and resets else []


def _unguardable(world: World, request: dict[str, Any]) -> list[str]:
    if request["EndpointName"] not in world.hosting.endpoints:
        return []
    guarded, config = "DeploymentConfig" in request, world.hosting.configs.get(request["EndpointConfigName"])
    if config is None or guarded is not bool(config.serverless):
        return []
    return [
        f"15: {config.name} is {'serverless' if guarded else 'on instances'}, with{'' if guarded else 'out'} guards"
    ]


def _uncallable(world: World, request: dict[str, Any]) -> list[str]:
    endpoint = world.hosting.endpoints.get(request["EndpointName"])
    config = world.hosting.configs.get(request["EndpointConfigName"])
    served = world.hosting.configs.get(endpoint.config) if endpoint else None
    if config is None or served is None or bool(config.output) is bool(served.output):
        return []
    return [f"15: {config.name} takes other calls than {served.name}"]


def _rescaled(world: World, operation: str) -> list[str]:
    endpoint = world.hosting.endpoints.get(NAME)
    found = [] if endpoint is not None and endpoint.tagged else [f"8: {operation} of an endpoint that is not opted in"]
    if operation == "DeregisterScalableTarget" and set(world.scaling.policies) - {POLICY}:
        found.append("14: what others registered is taken off")
    return found


def _rewritten(world: World, request: dict[str, Any]) -> list[str]:
    found = []
    for write in request["TransactItems"]:
        kind, item = next(iter(write.items()))
        key = item.get("Key") or item["Item"]
        pk, sk = key["pk"]["S"], key["sk"]["S"]
        if sk.startswith(ROW) and (kind != "Put" or (pk, sk) in world.table.items):
            found.append(f"4: {sk} was written again")
    return found


def _needed(world: World, request: dict[str, Any]) -> list[str]:
    endpoint = world.hosting.endpoints.get(NAME)
    guarding = endpoint.alarms if endpoint is not None else ()
    found = [f"6: {alarm} guards a rollout and was deleted" for alarm in request["AlarmNames"] if alarm in guarding]
    prefix, standing = names.alarm_prefix(NAME), names.standing_alarm(NAME, "")
    foreign = (a for a in request["AlarmNames"] if not a.startswith(prefix) or a.startswith(standing))
    return found + [f"8: {alarm} is not a rollout's and was deleted" for alarm in foreign]


def judge(
    world: World, faults: int, *, held: bool = False, copied: bool = False, cleaned: Policy | None = None
) -> tuple[str, ...]:
    """All violations of a finished run with this many faults. `copied`: each row has a copy. `cleaned`: what the
    janitor keeps, where there is one."""
    head, rows = head_of(world), rows_of(world)
    return tuple(
        dict.fromkeys(
            (
                *world.violations,
                *_converged(world, head, rows, held),
                *_costs(world, faults),
                *_chained(head, rows),
                *_told_of(world, rows),
                *(_uncopied(world, rows) if copied else ()),
                *_outcomes(world, rows),
                *(belongings.left(world, cleaned, rows) if cleaned else _leaks(world, faults)),
                *_by_hand(world, rows),
                *_scaled(world, head),
            )
        )
    )


def head_of(world: World) -> Head | None:
    item = world.table.items.get((partition(NAME), HEAD))
    return codec.decode(Head, item["head"]["S"]) if item else None


def spec_of(world: World) -> Spec | None:
    parameter = world.parameters.get(names.spec_parameter(NAME))
    return Spec.from_json(parameter.value) if parameter else None


def _scaled(world: World, head: Head | None) -> list[str]:
    """As far as the gate ever had to do with it."""
    spec, endpoint, there = spec_of(world), world.hosting.endpoints.get(NAME), world.scaling
    serving = endpoint is not None and endpoint.tagged and endpoint.status == "InService"
    if spec is None or head is None or head.live is None or not serving or head.attempt or head.paused:
        return []
    if endpoint is not None and world.hosting.configs[endpoint.config].variant != spec.variant.name:
        return []
    wanted = spec.autoscaling
    if wanted is None:
        return [f"14: {POLICY} is registered, which the spec does not ask for"] if POLICY in there.policies else []
    policy = there.policies.get(POLICY, {}).get("TargetTrackingScalingPolicyConfiguration", {})
    found = there.target, policy.get("TargetValue"), set(there.actions)
    actions = {f"{names.PREFIX}-{action.name}" for action in wanted.scheduled}
    asked = (wanted.minimum, wanted.maximum), wanted.invocations_per_instance, actions
    return [] if found == asked else [f"14: {found} is registered for autoscaling, not {asked}"]


def rows_of(world: World) -> list[Row]:
    """In order."""
    own = partition(NAME)
    keys = sorted(key for key in world.table.items if key[0] == own and key[1].startswith(ROW))
    return [row_from_item(world.table.items[key]) for key in keys]


def _converged(world: World, head: Head | None, rows: list[Row], held: bool) -> list[str]:
    endpoint = world.hosting.endpoints.get(NAME)
    found = []
    if head is not None and head.attempt is not None:
        found.append("2: an attempt is still open")
    allowed = acceptable(world, rows, held=held)
    served = None
    if endpoint is not None:
        if endpoint.status != "InService":
            served = endpoint.status
        else:
            served = world.hosting.version(endpoint.config) or endpoint.config
    if served not in allowed:
        found.append(f"2: {_short(served)} is served, not {' or '.join(sorted(_short(a) for a in allowed))}")
    if head is not None and endpoint is not None and endpoint.status == "InService" and is_managed(world):
        live = head.live.config if head.live else None
        if live != endpoint.config:
            found.append(f"2: the head says {live}, the endpoint serves {endpoint.config}")
    return [*found, *_outdated(world, rows)]


def _outdated(world: World, rows: list[Row]) -> list[str]:
    """What serves was changed and approved again, and is still what it was."""
    endpoint = world.hosting.endpoints.get(NAME)
    served = [u for u in world.hosting.updates if endpoint and u.config == endpoint.config and u.ended == "live"]
    if not served or not is_managed(world):
        return []
    version, at = served[-1].version, served[-1].at
    approved = [act for act in approvals(world, version) if act.at > at]
    package = world.registry.packages.get(version)
    if not approved or not approved[-1].heard or package is None or not world.is_approved(package):
        return []
    now, then, before = (content(world, version, time) for time in (world.now, approved[-1].at, at))
    if now != then or then == before or shut(world, version, world.now, approved[-1].at):
        return []
    if is_blamed(world, version, rows) or is_given_up(world, version, rows):
        return []
    if asks_who(world) and is_approver_hidden(world, version, rows):
        return []
    if _is_held_behind(world, version, approved[-1].at) or _is_superseded(world, version, approved[-1].at, rows):
        return []
    return [f"2: {_short(version)} was changed and approved again, and is not rolled out"]


def _is_held_behind(world: World, version: str, approved_at: float) -> bool:
    """A later approval of another version waits at its gate, and nothing older goes in its place."""
    for act in world.acts:
        package = world.registry.packages.get(act.version)
        if act.what != "approve" or act.at <= approved_at or act.version == version:
            continue
        if package is not None and world.is_approved(package) and shut(world, act.version, world.now, act.at):
            return True
    return False


def _is_superseded(world: World, version: str, approved_at: float, rows: list[Row]) -> bool:
    """An attempt with a later approval of another version was opened, whatever became of it."""
    later = {act.version for act in world.acts if act.what == "approve" and act.at > approved_at} - {version}
    opened = (row.fact for row in rows if row.fact.kind is Fact.ATTEMPT_OPENED and row.fact.at >= approved_at)
    return any(fact.version in later for fact in opened)


def _costs(world: World, faults: int) -> list[str]:
    """Accepted updates per approval of a version that is at fault."""
    found = []
    for version in {update.version for update in world.hosting.updates}:
        if world.quality(version) not in (Quality.ERRS, Quality.SICK):
            continue
        made = [u for u in world.hosting.updates if u.version == version and u.ended in ("alarm", "sick")]
        approvals = sum(act.what == "approve" and act.version == version for act in world.acts)
        if len(made) > approvals + (1 if faults else 0):
            found.append(f"3: {_short(version)} was rolled out {len(made)} times for {approvals} approvals")
    return found


def _chained(head: Head | None, rows: list[Row]) -> list[str]:
    previous, found = "", []
    for number, row in enumerate(rows, 1):
        if (row.number, row.previous, row.hash) != (number, previous, row_hash(row)):
            found.append(f"4: the chain breaks at row {row.number}")
        previous = row.hash
    if rows and (head is None or (head.rows, head.hash) != (rows[-1].number, rows[-1].hash)):
        found.append("4: the head does not end the chain")
    return found


def _told_of(world: World, rows: list[Row]) -> list[str]:
    events = {(d["endpoint"], d["number"]) for d in (json.loads(e["Detail"]) for k, e in world.told if k == "event")}
    messages = [request["Message"] for kind, request in world.told if kind == "message"]
    found = [f"7: nobody was told of row {row.number}" for row in rows if (NAME, row.number) not in events]
    for row in rows:
        ending = f"Row {row.number} of the endpoint's ledger."
        if advise(row) is not None and not any(message.endswith(ending) for message in messages):
            found.append(f"7: people were not told of row {row.number}")
    return found


def _uncopied(world: World, rows: list[Row]) -> list[str]:
    found = {row.number: world.storage.objects.get(f"s3://{COPIES}/{copy.key(NAME, row.number)}") for row in rows}
    texts = {number: there.content.encode() if there else b"" for number, there in found.items()}
    return [f"7: row {row.number} has no copy" for row in rows if texts[row.number] != copy.content(row)]


_TRUE_OUTCOMES = {
    "live": {Outcome.SUCCEEDED, Outcome.SUPERSEDED},
    "alarm": {Outcome.ROLLED_BACK, Outcome.ABORTED, Outcome.SUPERSEDED},
    "sick": {Outcome.ROLLED_BACK, Outcome.ABORTED, Outcome.SUPERSEDED},
    "unlucky": {Outcome.FAILED, Outcome.ABORTED, Outcome.SUPERSEDED},
    "failed": {Outcome.FAILED},
    "forced": set(Outcome),
    None: {Outcome.SUPERSEDED, Outcome.FAILED},
}


def _outcomes(world: World, rows: list[Row]) -> list[str]:
    """Each accepted update: one intent before, one outcome after, and the outcome is true."""
    found = []
    opened = [row.fact for row in rows if row.fact.kind is Fact.ATTEMPT_OPENED]
    closed = [row.fact for row in rows if row.fact.kind is Fact.ATTEMPT_CLOSED]
    undone = returns_by_hand(world, rows)
    for fact in opened:
        ends = [c for c in closed if c.detail["attempt"] == fact.detail["attempt"]]
        if len(ends) != 1:
            found.append(f"4: attempt {fact.detail['attempt']} has {len(ends)} outcomes")
    for update in world.hosting.updates:
        intents = [f for f in opened if f.detail["endpoint_config"] == update.config and f.at <= update.at]
        ends = [f for f in closed if f.detail["endpoint_config"] == update.config]
        if len(intents) != 1 or len(ends) != 1 or ends[0].at < update.at - 60:
            found.append(f"4: {update.config} has {len(intents)} intents before it, {len(ends)} outcomes")
        elif ends[0].detail["outcome"] not in _true_outcomes(world, update, undone=update.config in undone):
            found.append(f"4: {_short(update.version)} ended {update.ended}, told as {ends[0].detail['outcome']}")
    return found


def _true_outcomes(world: World, update: Update, *, undone: bool) -> set[Outcome]:
    """An alarm that fired as well is as good a cause. What was undone by hand at once looks as if it had failed."""
    if undone:
        return _TRUE_OUTCOMES["live"] | {Outcome.FAILED, Outcome.ROLLED_BACK, Outcome.ABORTED}
    also = (
        _TRUE_OUTCOMES["alarm"]
        if any(blamed == update.version for blamed, _ in world.blame) and update.ended != "live"
        else set()
    )
    config = world.hosting.configs.get(update.config)
    if config is not None and config.serverless and update.ended == "sick":
        return {Outcome.FAILED, Outcome.SUPERSEDED}  # Nothing is rolled back there.
    return _TRUE_OUTCOMES[update.ended] | also


def _leaks(world: World, faults: int) -> list[str]:
    """Alarms of rollouts that are over. A fault may leave those of one rollout each."""
    standing, prefix = names.standing_alarm(NAME, ""), names.alarm_prefix(NAME)
    own = (name for name in world.alarms.alarms if name.startswith(prefix) and not name.startswith(standing))
    rollouts = {name.rsplit("/", 1)[0] for name in own}
    return [f"6: the alarms of {len(rollouts)} rollouts are left"] if len(rollouts) > faults else []


def _by_hand(world: World, rows: list[Row]) -> list[str]:
    found = []
    unseen = unseen_by_hand(world, rows)
    for served_at in world.hosting.by_hand:
        if not is_managed(world) or not rows or served_at < rows[0].fact.at:
            continue
        if any(act.what == "deleted" and act.at > served_at for act in world.acts):
            continue
        if max(act.at for act in world.acts if act.what == "hand" and act.at <= served_at) in unseen:
            continue
        told = any(row.fact.at >= served_at and _tells_of_a_change(row) for row in rows)
        if not told:
            found.append("10: a change by hand was not reported")
    return found


def _tells_of_a_change(row: Row) -> bool:
    """A baseline does too: it says what serves."""
    superseded = row.fact.kind is Fact.ATTEMPT_CLOSED and row.fact.detail["outcome"] == Outcome.SUPERSEDED
    return superseded or row.fact.kind in (Fact.CHANGED_BY_HAND, Fact.BASELINE)


def _short(version: str | None) -> str:
    return "nothing" if version is None else "/".join(version.rsplit("/", 2)[-2:]) if "/" in version else version
