"""A scenario's story: what it asks of AWS, writes into the ledger and tells people where nothing goes wrong.

`stories.txt` has each scenario's, read and found right. A change of the product that changes one is seen there,
whatever the invariants allow.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.gate import names
from lambdas.gate.approval import version_label
from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.oracle.invariants import judge
from simulation.scenarios.index import SCENARIOS
from simulation.world.example import NAME
from simulation.world.operations import Operation, Operations, operations, written_rows
from simulation.world.world import World

FILE = Path(__file__).with_name("stories.txt")
HEADING = "== "
_EVIDENCE = ("outcome", "purpose", "quarantined", "requests", "inconclusive", "overtaken_by", "approver_uncertain")
"""Of a row's detail."""
_ALIKE = ("ServiceNamespace", "ScalableDimension", "ResourceId")


def story(name: str) -> list[str]:
    """Line by line; times are whole seconds from the scenario's beginning."""
    return _played(name)[0]


def faults_found(name: str) -> tuple[str, ...]:
    """Of a run without faults: the invariants that it breaks, else the first line in which its story is not the known
    one."""
    told, run = _played(name)
    known = stories().get(name, [])
    if violations := judge(run.world, 0, **run.scenario.judged):
        return violations
    for number, (left, right) in enumerate(zip([*told, ""], [*known, ""], strict=False)):
        if left != right:
            line = f"differs in line {number + 1}: {left.strip()!r} instead of {right.strip()!r}"
            return (f"the story of {name} {line}",)
    return ()


def _played(name: str) -> tuple[list[str], Run]:
    lines: list[str] = []
    begun = begin(Schedule(name), SCENARIOS[name])
    world, start = begun.world, begun.world.now

    def heard(operation: str, request: dict[str, Any]) -> None:
        lines.extend(f"{world.now - start:6.0f}  {told}" for told in _told(world, operation, request))

    run = Run(world, begun.scenario, lambda told: _listened(operations(told), heard))
    run.finish()
    return lines, run


@cache
def stories() -> dict[str, list[str]]:
    """The known ones, by scenario."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith(HEADING):
            lines = found.setdefault(line.removeprefix(HEADING), [])
        else:
            lines.append(line)
    return found


def _listened(offered: Operations, heard: Callable[[str, dict[str, Any]], None]) -> Operations:
    def listening(name: str, operation: Operation) -> Operation:
        def call(request: dict[str, Any], now: float, **stale: bool) -> dict[str, Any]:
            heard(name, request)
            return operation(request, now, **stale)

        return call

    return {
        service: {method: (name, listening(name, operation)) for method, (name, operation) in methods.items()}
        for service, methods in offered.items()
    }


def _told(world: World, operation: str, request: dict[str, Any]) -> Iterator[str]:
    match operation:
        case "TransactWriteItems":
            yield from map(_row, written_rows(request))
        case "UpdateEndpoint" | "CreateEndpoint":
            yield f"{operation} {_deployment(world, request)}"
        case "PutMetricData":
            yield f"PutMetricData {request['MetricData'][0]['MetricName']}"
        case "Publish":
            yield f"Publish {request['Subject']}"
        case "DeleteModel" | "DeleteEndpointConfig" | "DeleteEndpoint" | "DeleteAlarms":
            named = next(iter(request.values()))
            yield f"{operation} {', '.join(_short(one) for one in ([named] if isinstance(named, str) else named))}"
        case "RegisterScalableTarget" | "PutScalingPolicy" | "PutScheduledAction":
            yield f"{operation} {json.dumps({key: request[key] for key in request if key not in _ALIKE}, default=str)}"
        case "DeregisterScalableTarget" | "DeleteScheduledAction":
            yield operation
        case "UpdateModelPackage":
            yield f"UpdateModelPackage {json.dumps(request['CustomerMetadataProperties'])}"


def _row(item: dict[str, Any]) -> str:
    detail = json.loads(item["detail"]["S"])
    evidence = {key: detail[key] for key in _EVIDENCE if detail.get(key) not in (None, False, [])}
    evidence |= {"fired": [_short(alarm["name"]) for alarm in detail["fired"]]} if detail.get("fired") else {}
    checks = detail.get("gate", {}).get("checks")
    evidence |= {"checks": {check["name"]: check["result"] for check in checks}} if checks else {}
    told = f"  {json.dumps(evidence)}" if evidence else ""
    who = item["who"]["S"].rpartition("/")[2]
    return f"{item['kind']['S']} by {who}: {_short(item['summary']['S'])}{told}"


def _deployment(world: World, request: dict[str, Any]) -> str:
    config = world.hosting.configs[request["EndpointConfigName"]]
    model = world.hosting.models[config.model]
    fleet = json.dumps(config.capacity) if config.serverless else f"{config.instances} x {config.instance_type}"
    asked = [f"{_short(config.name)}: {version_label(model.version)} on {fleet}"]
    if deployment := request.get("DeploymentConfig"):
        alarms = [alarm["AlarmName"] for alarm in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", ())]
        own = (alarm.removeprefix(names.rollout_alarm(NAME, config.name, "")) for alarm in alarms)
        asked += [_policy(deployment["BlueGreenUpdatePolicy"]), f"alarms {', '.join(own)}"]
    kept = {"RetainAllVariantProperties", "ExcludeRetainedVariantProperties"} & request.keys()
    asked += [f"{key}={json.dumps(request[key])}" for key in sorted(kept)]
    return "; ".join(asked)


def _policy(policy: dict[str, Any]) -> str:
    """Of blue/green, which is all that the scenarios ask for."""
    routing = policy["TrafficRoutingConfiguration"]
    size = f" {routing['CanarySize']['Value']} {routing['CanarySize']['Type']}" if "CanarySize" in routing else ""
    waits = f"wait {routing['WaitIntervalInSeconds']} s, bake {policy['TerminationWaitInSeconds']} s"
    return f"{routing['Type']}{size}, {waits}, at most {policy['MaximumExecutionTimeoutInSeconds']} s"


def _short(text: str) -> str:
    """Without what no reader tells apart: the digests in names, and the accounts in ARNs."""
    text = text.replace(names.alarm_prefix(NAME), "")
    text = re.sub(r"arn:aws:[^ ]*?/(?=[\w*.-]+/?\b)", "", text)
    return re.sub(r"(gate-[\w-]+?)-[0-9a-f]{12}", r"\1", text)
