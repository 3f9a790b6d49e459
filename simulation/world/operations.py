"""The operations of AWS's services that the product calls, by their names in botocore's clients."""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore import xform_name

from lambdas.gate import names
from lambdas.gate.aws.clients import OPERATIONS
from lambdas.gate.aws.ledger import ROW, row_from_item
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind as Fact
from lambdas.gate.state.fact import Row
from simulation.world import comparer, refusals, traffic
from simulation.world.example import NAME, START
from simulation.world.ground_truth import Act
from simulation.world.hosting import ADDED, outdated
from simulation.world.people import OPERATOR, caller
from simulation.world.runtime import invoke_endpoint
from simulation.world.world import World
from world.call import Call
from world.call import Operation as ModelOperation
from world.message import sender_id
from world.metrics.series import dimensions
from world.parameters import Parameters
from world.refusal import Refusal
from world.timestamps import timestamp

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
        "GetMetricData",
        "GetMetricStatistics",
        "GetParameter",
        "GetParameterHistory",
        "GetItem",
        "Query",
        "HeadObject",
        "GetObject",
        "BatchGetImage",
        "InvokeEndpoint",
        "GetUser",
        "LookupEvents",
    }
)
LATE = frozenset({"UpdateEndpoint", "CreateEndpoint", "DeleteModel", "DeleteEndpointConfig", "DeleteEndpoint"})
"""Calls that are made by a client without retries."""

PROBER_QUEUE = "prober"

Operation = Callable[..., dict[str, Any]]
Operations = dict[str, dict[str, tuple[str, Operation]]]
"""By service and method: the operation's name and its function."""


def operations(world: World) -> Operations:
    """Return everything that the functions may call."""
    modelled = partial(entry, world)
    registry, alarms, table, storage = world.registry, world.alarms, world.table, world.storage
    return {
        "sagemaker": {
            "describe_model_package": modelled("DescribeModelPackage", registry.describe_model_package),
            "list_model_packages": modelled(
                "ListModelPackages", registry.list_model_packages, outdated=partial(_list_outdated_versions, world)
            ),
            "update_model_package": modelled("UpdateModelPackage", world.update_model_package),
            **_hosting(world, modelled),
        },
        "cloudtrail": {
            xform_name(name): modelled(name, operation) for name, operation in world.trail.operations().items()
        },
        "cloudwatch": {
            "put_metric_alarm": modelled("PutMetricAlarm", alarms.put_metric_alarm),
            "delete_alarms": modelled("DeleteAlarms", alarms.delete_alarms),
            "describe_alarms": modelled(
                "DescribeAlarms", alarms.describe_alarms, outdated=partial(_describe_outdated_alarms, world)
            ),
            "describe_alarm_history": modelled("DescribeAlarmHistory", alarms.describe_alarm_history),
            "get_metric_data": modelled("GetMetricData", partial(traffic.get_metric_data, world)),
            "get_metric_statistics": modelled("GetMetricStatistics", _get_metric_statistics),
            "put_metric_data": modelled("PutMetricData", partial(_put_metric_data, world)),
        },
        "dynamodb": {
            "get_item": modelled("GetItem", table.get_item, outdated=lambda call: {}),
            "query": modelled("Query", table.query),
            "transact_write_items": modelled("TransactWriteItems", partial(_transact_write_items, world)),
            "put_item": modelled("PutItem", table.put_item),
            "delete_item": modelled("DeleteItem", table.delete_item),
        },
        "s3": {
            "head_object": modelled("HeadObject", partial(_read_object, world, "HeadObject", storage.head_object)),
            "get_object": modelled("GetObject", partial(_read_object, world, "GetObject", storage.get_object)),
            "put_object": modelled("PutObject", storage.put_object),
        },
        "ecr": {"batch_get_image": modelled("BatchGetImage", storage.batch_get_image)},
        "sagemaker-runtime": {"invoke_endpoint": modelled("InvokeEndpoint", partial(invoke_endpoint, world))},
        "sqs": {
            "send_message": modelled("SendMessage", partial(_send_message, world)),
            "change_message_visibility": modelled("ChangeMessageVisibility", partial(_change_visibility, world)),
        },
        "iam": {"get_user": modelled("GetUser", _get_user)},
        "ssm": {
            "get_parameter": modelled(
                "GetParameter", world.parameters.get_parameter, outdated=partial(_get_outdated_parameter, world)
            ),
            "get_parameter_history": modelled(
                "GetParameterHistory",
                world.parameters.get_parameter_history,
                outdated=partial(_get_outdated_history, world),
            ),
        },
        "application-autoscaling": {
            xform_name(name): modelled(
                name,
                partial(_scale, world, xform_name(name)),
                outdated=partial(_scale_outdated, world, xform_name(name)),
            )
            for name in OPERATIONS["application-autoscaling"]
        },
        "events": {"put_events": modelled("PutEvents", partial(_put_events, world))},
        "sns": {"publish": modelled("Publish", partial(_publish, world))},
    }


def _hosting(world: World, modelled: Callable[..., tuple[str, Operation]]) -> dict[str, tuple[str, Operation]]:
    known = world.hosting.operations() | world.tags.operations()
    known |= {name: partial(call, world) for name, call in ADDED.items()}
    called = (name for name in OPERATIONS["sagemaker"] if name in known)
    return {xform_name(name): modelled(name, known[name], outdated=partial(outdated, world, name)) for name in called}


def entry(
    world: World, name: str, operation: ModelOperation, *, outdated: ModelOperation | None = None
) -> tuple[str, Operation]:
    """Return the entry of an operation of `world/`. `outdated`: how a stale read answers."""
    return name, partial(_answer, world, name, operation, outdated)


def _answer(
    world: World,
    name: str,
    operation: ModelOperation,
    outdated: ModelOperation | None,
    request: dict[str, Any],
    now: float,
    *,
    stale: bool = False,
) -> dict[str, Any]:
    try:
        return (outdated if stale and outdated else operation)(Call(request, caller(world.caller)))
    except Refusal as refused:
        raise refusals.refusal(name, refused.code, refused.message, **refused.members) from refused


def written_rows(request: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the rows of the ledger that a TransactWriteItems request appends."""
    puts = (write["Put"]["Item"] for write in request["TransactItems"] if "Put" in write)
    return tuple(item for item in puts if item["sk"]["S"].startswith(ROW))


def _put_metric_data(world: World, call: Call) -> dict[str, Any]:
    """Fire the alarms that read a metric of the request. All are alarms on a value above zero."""
    for datum in call.request["MetricData"]:
        metric = call.request["Namespace"], datum["MetricName"], dimensions(datum.get("Dimensions", ()))
        for alarm in world.alarms.reading(metric) if datum["Value"] > 0 else ():
            world.fire(alarm.name)
    return {}


def _get_metric_statistics(call: Call) -> dict[str, Any]:
    """Return no datapoint: only the judge's metrics are modelled, see `traffic`."""
    return {"Label": call.request["MetricName"], "Datapoints": []}


def _describe_outdated_alarms(world: World, call: Call) -> dict[str, Any]:
    alarms = world.alarms.copy(world, world.alarm_changed)
    alarms.alarms = {name: alarm for name, alarm in alarms.alarms.items() if not world.is_new_alarm(name)}
    return alarms.describe_alarms(call)


def _transact_write_items(world: World, call: Call) -> dict[str, Any]:
    """Write the items. The table's stream soon hands the new rows to the publisher."""
    answer = world.table.transact_write_items(call)
    if rows := written_rows(call.request):
        ordered = (act for item in rows for act in ordered_acts(world, row_from_item(item)))
        world.acts = tuple(sorted((*world.acts, *ordered), key=lambda act: act.at))
        world.stream(rows)
    return answer


def ordered_acts(world: World, row: Row) -> tuple[Act, ...]:
    """Return what an operator did by the order that this row ends.

    A retry is as good as another approval, at the time of its row. The abort of a revert pauses the endpoint. The abort
    of other settings says nothing against the version. A rollback is as good as an abort of the version that it leaves,
    and of those that waited.
    """
    if row.fact.kind is Fact.ROLLBACK_ORDERED:
        left = (row.fact.version or "", *row.fact.detail["dropped"])
        return tuple(Act(world.now, "abort", version) for version in left)
    act = _ordered_act(world, row)
    return () if act is None else (act,)


def _ordered_act(world: World, row: Row) -> Act | None:
    fact, endpoint = row.fact, row.endpoint
    if not {"order", "ordered_for"} & fact.detail.keys():
        return None
    match fact.kind:
        case Fact.HELD:
            return Act(world.now, "pause", config=endpoint, until=fact.detail.get("until_at"))
        case Fact.RESUMED:
            return Act(world.now, "resume", config=endpoint)
        case Fact.OVERRIDDEN:
            by = next(by for order, by in world.ordered if order.id == fact.detail["order"]["id"])
            return Act(world.now, "override", fact.version or "", fact.detail["check"], who=by)
        case Fact.PROMOTION_ORDERED:
            return Act(world.now, "promote", fact.version or "")
        case Fact.RETRY_REQUESTED:
            return Act(fact.at, "approve", fact.version or "")
        case Fact.ABORT_ORDERED if endpoint == names.ALL:
            return Act(world.now, "pause", config=endpoint)
        case Fact.ABORT_ORDERED:
            return _aborted(world, fact.version or "", fact.detail.get("attempt"))
    return None


def _aborted(world: World, version: str, attempt: int | None) -> Act | None:
    """Return what the abort of an attempt is as good as; with None, of a shadow."""
    if attempt is None:
        return Act(world.now, "abort", version)
    opened = (row_from_item(item) for key, item in world.table.items.items() if key[1].startswith(ROW))
    purpose = next(
        row.fact.detail["purpose"]
        for row in opened
        if (row.endpoint, row.fact.kind, row.fact.detail.get("attempt")) == (NAME, Fact.ATTEMPT_OPENED, attempt)
    )
    match purpose:
        case Purpose.REVERT | Purpose.END_SHADOW:
            return Act(world.now, "pause", config=NAME)
        case Purpose.RESIZE:
            return None
    return Act(world.now, "abort", version)


def _read_object(world: World, name: str, operation: ModelOperation, call: Call) -> dict[str, Any]:
    if world.has_no_buckets:
        world.was_denied = True
        raise refusals.denied(name)
    return operation(call)


def _get_outdated_parameter(world: World, call: Call) -> dict[str, Any]:
    before = world.parameters[call.request["Name"]].before
    assert before is not None
    return Parameters({call.request["Name"]: before}).get_parameter(call)


def _get_outdated_history(world: World, call: Call) -> dict[str, Any]:
    before = world.parameters[call.request["Name"]].before
    assert before is not None
    return Parameters({call.request["Name"]: before}).get_parameter_history(call)


def _scale(world: World, name: str, call: Call) -> dict[str, Any]:
    before = world.scaling.copy()
    answer: dict[str, Any] = getattr(world.scaling, xform_name(name))(call)
    if before.target != world.scaling.target:
        world.scaling_before = before, world.now
    return answer


def _scale_outdated(world: World, name: str, call: Call) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(world.scaling_before[0], xform_name(name))(call)
    return answer


def _list_outdated_versions(world: World, call: Call) -> dict[str, Any]:
    registry = world.registry.copy(world, world.trail, world.tags)
    registry.packages = world.versions.before
    return registry.list_model_packages(call)


def _send_message(world: World, call: Call) -> dict[str, Any]:
    assert call.caller is not None
    request = call.request
    if request["QueueUrl"] == comparer.QUEUE:
        comparer.compare(world, request["MessageBody"])
        return {"MessageId": "sent"}
    send = world.send_to_prober if request["QueueUrl"] == PROBER_QUEUE else world.send
    send(request["MessageBody"], request["DelaySeconds"], sender_id(call.caller))
    return {"MessageId": "sent"}


def _change_visibility(world: World, call: Call) -> dict[str, Any]:
    world.hidden += (call.request["ReceiptHandle"],)
    return {}


def _get_user(call: Call) -> dict[str, Any]:
    """Answer for each user, as if every name were one."""
    arn = f"{OPERATOR.rpartition('/')[0]}/{call.request['UserName']}"
    user = caller(arn)
    assert user is not None
    name = call.request["UserName"]
    made = {"Path": "/", "UserName": name, "CreateDate": timestamp(START)}
    return {"User": {"UserId": user.principal_id, "Arn": arn, **made}}


def _put_events(world: World, call: Call) -> dict[str, Any]:
    world.published += tuple(("event", entry) for entry in call.request["Entries"])
    return {"FailedEntryCount": 0, "Entries": [{"EventId": str(len(world.published))} for _ in call.request["Entries"]]}


def _publish(world: World, call: Call) -> dict[str, Any]:
    world.published += (("message", call.request),)
    return {"MessageId": str(len(world.published))}
