"""The edge between the product and the world: clients like botocore's, whose every call may meet a fault."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from lambdas.gate import names
from lambdas.gate.timing import FUNCTION_TIMEOUT, LOCK
from simulation import moves, pins, refusals
from simulation.faults import WORLD_MOVES, Crash, Kind
from simulation.inventory import Inventory
from simulation.world import Act, Reads, World

STEP_SECONDS = 0.1
"""How long a call takes that changes something. The others take none, so that runs which differ in nothing but where
they read in vain come out alike."""
MOVE_SECONDS = 1.0
"""Between what two people do; the times of SageMaker's events are whole seconds."""
LATE_SECONDS, OVERDUE_SECONDS = 20.0, 2 * LOCK
PAUSE_SECONDS = LOCK + 10.0
SLOW_SECONDS = FUNCTION_TIMEOUT - 15.0
READS = frozenset(
    {
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "DescribeModel",
        "DescribeModelPackage",
        "ListEndpointConfigs",
        "ListEndpoints",
        "ListModelPackages",
        "ListModels",
        "ListTags",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
        "DescribeAlarms",
        "DescribeAlarmHistory",
        "GetMetricStatistics",
        "GetParameter",
        "GetItem",
        "Query",
        "HeadObject",
        "GetObject",
        "BatchGetImage",
    }
)
LATE = frozenset({"UpdateEndpoint", "CreateEndpoint", "DeleteModel", "DeleteEndpointConfig", "DeleteEndpoint"})
"""Calls of a client without retries."""
Operation = Callable[..., dict[str, Any]]


@dataclass
class Invocation:
    """One run of a function since `begun`. `previous` is its last call with the request and the answer; `reads` is what
    it learned of artifacts, images and specifications since its last write to the ledger."""

    begun: float = 0.0
    timeout: float = FUNCTION_TIMEOUT
    previous: tuple[str, dict[str, Any], dict[str, Any] | None] = ("", {}, None)
    reads: Reads = ()


class Client:
    """A service's client. `retries`: botocore repeats a call whose answer was lost."""

    def __init__(self, edge: "Edge", operations: dict[str, tuple[str, Operation]], *, retries: bool) -> None:
        self._edge = edge
        self._operations = operations
        self._retries = retries

    def __getattr__(self, method: str) -> Any:
        # A method is made when it is first used: copies of a run are many, and most of them are short.
        if method not in self._operations:
            raise AttributeError(method)
        call = partial(self._edge.call, *self._operations[method], self._retries)
        setattr(self, method, call)
        return call


class Edge:
    """`second` runs another invocation; `clean` the janitor, where there is one; `elsewhere` lets all else go on for
    some seconds; `watch` sees each call and says which invariants it breaks, should AWS do it."""

    def __init__(
        self,
        world: World,
        *,
        second: Callable[[], None],
        elsewhere: Callable[[float], None],
        watch: Callable[["Edge", str, dict[str, Any]], list[str]],
        clean: Callable[[], None] | None = None,
    ) -> None:
        self.world = world
        self.invocation = Invocation()
        self._second = second
        self._clean = clean
        self._elsewhere = elsewhere
        self._watch = watch

    def call(self, name: str, operation: Operation, retries: bool, /, **request: Any) -> dict[str, Any]:
        world = self.world
        if name not in READS:
            world.now += STEP_SECONDS
        world.calls += 1
        self._end_in_time()
        kind = world.fault(name, partial(self._kinds, name, request, retries)) if world.faults is not None else None
        if kind is None:
            return self.execute(name, operation, request)
        return self._faulty(kind, name, operation, request)

    def _faulty(self, kind: Kind, name: str, operation: Operation, request: dict[str, Any]) -> dict[str, Any]:
        invocation = self.invocation
        match kind:
            case Kind.CRASH_BEFORE:
                raise Crash
            case Kind.THROTTLED:
                raise refusals.throttled(name)
            case Kind.DENIED:
                raise refusals.denied(name)
            case Kind.INTERNAL:
                raise refusals.internal(name)
            case Kind.STALE:
                return self.execute(name, operation, request, stale=True)
            case Kind.LATE:
                delay = LATE_SECONDS if self.world.assumptions.calls_land_in_time else OVERDUE_SECONDS
                self.world.at(self.world.now + delay, "late", name, request, replace(invocation))
                raise refusals.no_answer(name)
            case Kind.PAUSED:
                self._elsewhere(PAUSE_SECONDS)
                self._resume(invocation)
            case Kind.SECOND:
                self._second()
                self._resume(invocation)
            case Kind.SLOW:
                self._second()
                self._elsewhere(SLOW_SECONDS)
                self._resume(invocation)
            case Kind.CLEAN if self._clean is not None:
                self._clean()
                self._resume(invocation)
            case _ if kind in WORLD_MOVES:
                self.world.now += MOVE_SECONDS
                moves.move(self.world, kind)
        if kind is Kind.REPEATED and name != "TransactWriteItems":
            # DynamoDB knows a repeated transaction by the token that botocore gives it.
            self.execute(name, operation, request)
        answer = self.execute(name, operation, request)
        if kind is Kind.CRASH_AFTER:
            raise Crash
        if kind is Kind.LOST:
            raise refusals.no_answer(name)
        return answer

    def execute(
        self, name: str, operation: Operation, request: dict[str, Any], *, stale: bool = False
    ) -> dict[str, Any]:
        world = self.world
        objections = self._watch(self, name, request)
        for tried in (objection for objection in objections if objection.startswith(("8:", "13:"))):
            # What nobody opted in is not even to be tried, and what is asked for has to be there.
            world.violated(tried)
        self.invocation.previous = (name, request, None)
        answer = operation(request, world.now, stale=stale)
        self.invocation.previous = (name, request, answer)
        if name == "TransactWriteItems":
            pins.keep(world, request, self.invocation.reads)
            self.invocation.reads = ()
        else:
            self.invocation.reads += pins.read(name, request, answer)
        for objection in objections:
            world.violated(objection)
        return answer

    def _resume(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self._end_in_time()

    def _end_in_time(self) -> None:
        """Lambda ends a function that is past its timeout."""
        late = self.world.now > self.invocation.begun + self.invocation.timeout
        if late and self.world.assumptions.functions_end_in_time:
            raise Crash

    def _kinds(self, name: str, request: dict[str, Any], retries: bool) -> tuple[Kind, ...]:
        kinds = [Kind.CRASH_BEFORE, Kind.LOST, Kind.THROTTLED, Kind.DENIED, Kind.INTERNAL, Kind.PAUSED]
        if name not in READS:
            kinds.append(Kind.CRASH_AFTER)
            if retries:
                kinds.append(Kind.REPEATED)
        if name in LATE:
            kinds.append(Kind.LATE)
        if self._clean is not None:
            kinds.append(Kind.CLEAN)
        if self._may_be_stale(name, request):
            kinds.append(Kind.STALE)
        return (*kinds, *moves.possible(self.world))

    def _may_be_stale(self, name: str, request: dict[str, Any]) -> bool:
        world = self.world
        match name:
            case "DescribeEndpoint":
                return world.hosting.is_behind(request["EndpointName"], world.now)
            case "DescribeEndpointConfig":
                return world.hosting.config_is_behind(request["EndpointConfigName"], world.now)
            case "ListModelPackages":
                return world.registry.is_behind(world.now)
            case "ListModels" | "ListEndpointConfigs" | "ListEndpoints":
                return Inventory(world.hosting).is_behind(name, world.now)
            case "DescribeAlarms" if "AlarmNames" not in request:
                return False
            case "DescribeScalableTargets":
                return world.scaling.is_behind(world.now)
            case "DescribeAlarms":
                return world.alarms.is_behind(request["AlarmNames"], world.now)
            case "UpdateEndpoint" | "CreateEndpoint":
                return world.hosting.config_is_behind(request["EndpointConfigName"], world.now)
            case "GetItem":
                return not request.get("ConsistentRead", False)
            case _:
                return False


def operations(world: World) -> dict[str, dict[str, tuple[str, Operation]]]:
    """Service → method → the operation's name and what it does."""
    registry, hosting, alarms, table = world.registry, world.hosting, world.alarms, world.table
    storage, inventory, scaling = world.storage, Inventory(world.hosting), world.scaling
    return {
        "sagemaker": {
            "describe_model_package": ("DescribeModelPackage", registry.describe_model_package),
            "list_model_packages": ("ListModelPackages", registry.list_model_packages),
            "update_model_package": ("UpdateModelPackage", partial(_update_model_package, world)),
            "create_model": ("CreateModel", hosting.create_model),
            "describe_model": ("DescribeModel", hosting.describe_model),
            "create_endpoint_config": ("CreateEndpointConfig", hosting.create_endpoint_config),
            "describe_endpoint_config": ("DescribeEndpointConfig", hosting.describe_endpoint_config),
            "describe_endpoint": ("DescribeEndpoint", hosting.describe_endpoint),
            "list_tags": ("ListTags", hosting.list_tags),
            "create_endpoint": ("CreateEndpoint", hosting.create_endpoint),
            "update_endpoint": ("UpdateEndpoint", hosting.update_endpoint),
            "list_models": ("ListModels", inventory.list_models),
            "list_endpoint_configs": ("ListEndpointConfigs", inventory.list_endpoint_configs),
            "list_endpoints": ("ListEndpoints", inventory.list_endpoints),
            "delete_model": ("DeleteModel", inventory.delete_model),
            "delete_endpoint_config": ("DeleteEndpointConfig", inventory.delete_endpoint_config),
            "delete_endpoint": ("DeleteEndpoint", partial(_delete_endpoint, world)),
        },
        "cloudwatch": {
            "put_metric_alarm": ("PutMetricAlarm", alarms.put_metric_alarm),
            "delete_alarms": ("DeleteAlarms", alarms.delete_alarms),
            "describe_alarms": ("DescribeAlarms", alarms.describe_alarms),
            "describe_alarm_history": ("DescribeAlarmHistory", alarms.describe_alarm_history),
            "get_metric_statistics": ("GetMetricStatistics", alarms.get_metric_statistics),
            "put_metric_data": ("PutMetricData", partial(_put_metric_data, world)),
        },
        "dynamodb": {
            "get_item": ("GetItem", table.get_item),
            "query": ("Query", table.query),
            "transact_write_items": ("TransactWriteItems", partial(_transact_write_items, world)),
            "put_item": ("PutItem", table.put_item),
            "delete_item": ("DeleteItem", table.delete_item),
        },
        "s3": {
            "head_object": ("HeadObject", storage.head_object),
            "get_object": ("GetObject", storage.get_object),
            "put_object": ("PutObject", storage.put_object),
        },
        "ecr": {"batch_get_image": ("BatchGetImage", storage.batch_get_image)},
        "sqs": {"send_message": ("SendMessage", partial(_send_message, world))},
        "ssm": {"get_parameter": ("GetParameter", partial(_get_parameter, world))},
        "application-autoscaling": {
            "delete_scheduled_action": ("DeleteScheduledAction", scaling.delete_scheduled_action),
            "deregister_scalable_target": ("DeregisterScalableTarget", scaling.deregister_scalable_target),
            "describe_scalable_targets": ("DescribeScalableTargets", scaling.describe_scalable_targets),
            "describe_scaling_policies": ("DescribeScalingPolicies", scaling.describe_scaling_policies),
            "describe_scheduled_actions": ("DescribeScheduledActions", scaling.describe_scheduled_actions),
            "put_scaling_policy": ("PutScalingPolicy", scaling.put_scaling_policy),
            "put_scheduled_action": ("PutScheduledAction", scaling.put_scheduled_action),
            "register_scalable_target": ("RegisterScalableTarget", scaling.register_scalable_target),
        },
        "events": {"put_events": ("PutEvents", partial(_put_events, world))},
        "sns": {"publish": ("Publish", partial(_publish, world))},
    }


def _put_metric_data(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    if request["Namespace"] == names.METRIC_NAMESPACE:
        for alarm in world.alarms.aborted_by(request):
            world.fire(alarm)
    return {}


def _transact_write_items(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    """The table's stream hands the new rows to the publisher soon after."""
    answer = world.table.transact_write_items(request, now)
    puts = (write["Put"]["Item"] for write in request["TransactItems"] if "Put" in write)
    rows = tuple(item for item in puts if item["sk"]["S"].startswith("row#"))
    if rows:
        world.stream(rows)
    return answer


def _delete_endpoint(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    answer = Inventory(world.hosting).delete_endpoint(request, now)
    world.acts += (Act(now, "deleted"),)
    return answer


def _update_model_package(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    version, metadata = request["ModelPackageArn"], request["CustomerMetadataProperties"]
    if version not in world.registry.packages:
        raise refusals.validation("UpdateModelPackage", f"ModelPackage {version} does not exist.")
    world.annotate(version, metadata)
    return {"ModelPackageArn": version}


def _send_message(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    world.send(request["MessageBody"], request["DelaySeconds"])
    return {"MessageId": "sent"}


def _get_parameter(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    parameter = world.parameters.get(request["Name"])
    if parameter is None:
        raise refusals.refusal("GetParameter", "ParameterNotFound", "")
    return {"Parameter": parameter.described(request["Name"])}


def _put_events(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    world.told += tuple(("event", entry) for entry in request["Entries"])
    return {"FailedEntryCount": 0, "Entries": [{"EventId": str(len(world.told))} for _ in request["Entries"]]}


def _publish(world: World, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
    world.told += (("message", request),)
    return {"MessageId": str(len(world.told))}
