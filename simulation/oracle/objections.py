"""What a call would break if AWS accepted it, by the number of the invariant. Checked at every call."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.autoscaling import POLICY
from lambdas.gate.aws.ledger import CONTENT, HEAD, REGISTRATION, REPORT, ROW
from lambdas.gate.state.attempt import Purpose
from lambdas.janitor.policy import Policy
from simulation.functions.edge import Edge
from simulation.oracle import retention
from simulation.oracle.gate import is_paused, shut
from simulation.oracle.pins import differing
from simulation.oracle.records import deciding_json, head_of, rows_of, spec_of
from simulation.oracle.shadows import misplaced
from simulation.world.example import NAME, short
from simulation.world.hosting import is_asynchronous, is_opted_in, is_serverless
from simulation.world.world import World
from world.hosting.endpoint_config import EndpointConfig

SAGEMAKER = frozenset(("CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint"))
"""The deployer's calls that change something in SageMaker."""


def objections(edge: Edge, name: str, request: dict[str, Any], policy: Policy | None = None) -> list[str]:
    """Return the violations that this call would cause. `policy` is what the janitor must keep."""
    world = edge.world
    if name in SAGEMAKER and world.is_edited and edge.invocation.begun > world.edited_at:
        return [f"21: {name} although somebody edited the head"]
    match name:
        case "UpdateEndpoint" | "CreateEndpoint":
            return [
                *_unread(edge, request),
                *_unopened(world, request),
                *_surprising(world),
                *_untagged(world, request),
                *retention.missing(world, request),
                *_ungoverned(edge),
                *_recounted(world, request),
                *_unguardable(world, request),
                *_uncallable(world, request),
                *misplaced(world, request),
            ]
        case "RegisterScalableTarget" | "PutScalingPolicy" | "PutScheduledAction" | "DeregisterScalableTarget":
            return _rescaled(world, name)
        case "TransactWriteItems":
            return [*_rewritten(world, request), *_unexplained(world, request)]
        case "PutItem":
            return _written_alone(world, request)
        case "DeleteItem":
            key = request["Key"]["pk"]["S"]
            return [] if key == "outbox" else [f"4: {key} was deleted"]
        case "DeleteModel" | "DeleteEndpointConfig" | "DeleteEndpoint" if policy is not None:
            return retention.needed(world, name, request, policy, rows_of(world))
        case "DeleteAlarms":
            return _needed(world, request)
        case "CreateModel" | "CreateEndpointConfig":
            made = request.get("ModelName") or request["EndpointConfigName"]
            return [] if made.startswith(names.OWNED) else [f"8: {made} has no {names.OWNED} before it"]
        case _:
            return []


def _unread(edge: Edge, request: dict[str, Any]) -> list[str]:
    version = edge.world.hosting.version(request["EndpointConfigName"])
    called, asked, answer = edge.invocation.previous
    read = called == "DescribeModelPackage" and asked["ModelPackageName"] == version
    if read and answer is not None and answer["ModelApprovalStatus"] == "Approved" and _is_at_stage(edge.world, answer):
        return []
    return [f"1: {version} was not read as Approved right before the call"]


def _is_at_stage(world: World, answer: dict[str, Any]) -> bool:
    stage = world.gate.stage
    return stage is None or answer.get("ModelLifeCycle") == {"Stage": stage.name, "StageStatus": stage.status}


def _ungoverned(edge: Edge) -> list[str]:
    """Return violations of the gate. For a revert, or for other settings, the gate asks only that the version is what
    was approved."""
    world, since = edge.world, edge.invocation.begun
    head = head_of(world)
    attempt = head.attempt if head else None
    if attempt is None:
        return []
    found, version = [], attempt.approval.version
    is_new = attempt.purpose in (Purpose.UPDATE, Purpose.CREATE)
    if is_new or attempt.approval.pin is not None:
        found += [f"11: {what} is not what was approved" for what in differing(world, attempt, edge.invocation.reads)]
    if is_new and not edge.invocation.is_spec_old:
        found += [
            f"12: {short(version)} goes live past {check}" for check in shut(world, version, since, attempt.approval.at)
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
        return [f"2: {short(attempt.approval.version)} is rolled out while a later approval waits"]
    return []


def _surprising(world: World) -> list[str]:
    """Return a violation if the first reconcile of an existing endpoint changes what it serves.

    What was approved before is no candidate. Times of events are whole seconds, and an edit may be taken for an
    approval.
    """
    head = head_of(world)
    attempt = head.attempt if head else None
    begun = max((act.at for act in world.acts if act.what == "baseline"), default=None)
    if begun is None or attempt is None or attempt.purpose is not Purpose.UPDATE or attempt.opened_at < begun:
        return []
    version, acts = attempt.approval.version, ("approve", "edit")
    if any(act.what in acts and act.version == version and act.at > begun - 1 for act in world.acts):
        return []
    return [f"2: {short(version)} was approved before the endpoint was adopted"]


def _untagged(world: World, request: dict[str, Any]) -> list[str]:
    name = request["EndpointName"]
    if name != NAME or (name in world.hosting.endpoints and not is_opted_in(world, name)):
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
    if config is None or guarded is not is_serverless(config) or (not guarded and _needs_no_guards(world, config)):
        return []
    return [
        f"15: {config.name} is {'serverless' if guarded else 'on instances'}, with{'' if guarded else 'out'} guards"
    ]


def _needs_no_guards(world: World, config: EndpointConfig) -> bool:
    """True if SageMaker refuses guardrails because of a shadow, and the version that answers stays, or comes back."""
    endpoint = world.hosting.endpoints[NAME]
    has_shadow = bool(config.shadows or endpoint.fleet.shadows)
    head = head_of(world)
    is_back = head is not None and head.attempt is not None and head.attempt.purpose is Purpose.REVERT
    stays = world.hosting.version(endpoint.config) == config.version
    return has_shadow and (stays or is_back) and world.assumptions.shadow_guardrails_refused


def _uncallable(world: World, request: dict[str, Any]) -> list[str]:
    endpoint = world.hosting.endpoints.get(request["EndpointName"])
    config = world.hosting.configs.get(request["EndpointConfigName"])
    served = world.hosting.configs.get(endpoint.config) if endpoint else None
    if config is None or served is None or is_asynchronous(config) is is_asynchronous(served):
        return []
    return [f"15: {config.name} takes other calls than {served.name}"]


def _rescaled(world: World, operation: str) -> list[str]:
    found = [] if is_opted_in(world, NAME) else [f"8: {operation} of an endpoint that is not opted in"]
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


def _unexplained(world: World, request: dict[str, Any]) -> list[str]:
    """Return a violation if what decides would change without a row. It compares the stored JSON itself."""
    puts = [write["Put"]["Item"] for write in request["TransactItems"] if "Put" in write]
    rows = {item["pk"]["S"] for item in puts if item["sk"]["S"].startswith(ROW)}
    found = []
    for item in (each for each in puts if each["sk"]["S"] == HEAD):
        before, pk = world.table.items.get((item["pk"]["S"], HEAD)), item["pk"]["S"]
        if before is not None and before is world.edited:
            continue  # An invocation that had read the head before the edit overwrites it.
        if pk not in rows and deciding_json(before) != deciding_json(item):
            found.append(f"18: what decides in {pk} changes without a row")
    return found


def _written_alone(world: World, request: dict[str, Any]) -> list[str]:
    """Return a violation if a single write may change what was recorded at the registration of a version. The reports
    by which a version passes the gate may be written again."""
    pk, sk = request["Item"]["pk"]["S"], request["Item"]["sk"]["S"]
    if sk.startswith((CONTENT, REGISTRATION)):
        is_conditional = request.get("ConditionExpression") == "attribute_not_exists(pk)"
        return [] if is_conditional else [f"11: {sk} may be written again"]
    is_own = pk in ("outbox", "history") or sk.startswith(REPORT)
    return [] if is_own else [f"4: {pk} was written alone"]


def _needed(world: World, request: dict[str, Any]) -> list[str]:
    endpoint = world.hosting.endpoints.get(NAME)
    guarding = endpoint.alarms if endpoint is not None else ()
    found = [f"6: {alarm} guards a rollout and was deleted" for alarm in request["AlarmNames"] if alarm in guarding]
    prefix, standing = names.alarm_prefix(NAME), names.standing_alarm(NAME, "")
    foreign = (a for a in request["AlarmNames"] if not a.startswith(prefix) or a.startswith(standing))
    return found + [f"8: {alarm} is not a rollout's and was deleted" for alarm in foreign]
