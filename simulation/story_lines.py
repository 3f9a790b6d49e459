"""The lines of a story: what a call to AWS asks for, a row of the ledger says, or a notification is about.

They hold data only. The product's sentences, such as a row's `summary`, are left out.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from lambdas.gate import names
from lambdas.gate.state.approval import version_label
from simulation.world.example import NAME
from simulation.world.operations import written_rows
from simulation.world.world import World

_EVIDENCE = (
    "outcome",
    "purpose",
    "quarantined",
    "restores_settings",
    "requests",
    "inconclusive",
    "inferred",
    "approver_uncertain",
    "approval_status",
    "approved",
    "endpoint_config",
    "previous_endpoint_config",
    "live_endpoint_config",
    "previous_version",
    "overtaken",
    "overtaken_by",
    "endpoint_status",
    "failure_reason",
    "autoscaling",
    "fields",
    "comparison",
    "end",
    "guardrails_refused",
)
"""The keys of a row's detail that a story keeps as they are. `failure_reason` is SageMaker's text."""
_ALIKE = ("ServiceNamespace", "ScalableDimension", "ResourceId")
_VERSION = re.compile(r"[\w-]+/\d+")


def told(world: World, operation: str, request: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one call: one of each row that it writes, else at most one."""
    match operation:
        case "TransactWriteItems":
            yield from map(_row, written_rows(request))
        case "UpdateEndpoint" | "CreateEndpoint":
            yield f"{operation} {_deployment(world, request)}"
        case "PutMetricData":
            yield f"PutMetricData {request['MetricData'][0]['MetricName']}"
        case "Publish":
            yield _notification(request)
        case "DeleteModel" | "DeleteEndpointConfig" | "DeleteEndpoint" | "DeleteAlarms":
            named = next(iter(request.values()))
            yield f"{operation} {', '.join(_short(one) for one in ([named] if isinstance(named, str) else named))}"
        case "RegisterScalableTarget" | "PutScalingPolicy" | "PutScheduledAction":
            yield f"{operation} {json.dumps({key: request[key] for key in request if key not in _ALIKE}, default=str)}"
        case "DeregisterScalableTarget" | "DeleteScheduledAction":
            yield operation
        case "UpdateModelPackage":
            version = version_label(request["ModelPackageArn"])
            yield f"UpdateModelPackage {version} {', '.join(request['CustomerMetadataProperties'])}"


def _row(item: dict[str, Any]) -> str:
    detail = json.loads(item["detail"]["S"])
    evidence = {key: detail.get(key) for key in _EVIDENCE}
    evidence |= {
        "fired": [alarm["name"] for alarm in detail.get("fired", ())],
        "golden": _golden(detail.get("golden_requests") or {}),
        "pin": _pin(detail.get("pin") or {}),
        "deletions": [f"{each['kind']} {each['name']}" for each in detail.get("deletions", ())],
        "approver": _approver(detail.get("approval")),
        **_gate(detail.get("gate") or {}),
    }
    kept = _present(evidence)
    version = f" {version_label(item['version']['S'])}" if "version" in item else ""
    shown = f"  {_short(json.dumps(kept))}" if kept else ""
    return f"{item['kind']['S']}{version} by {_name(item['who']['S'])}{shown}"


def _present(evidence: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in evidence.items() if value not in (None, False, "", [], {})}


def _name(who: str) -> str:
    return who.rpartition("/")[2]


def _approver(approval: Any) -> str:
    """Only the opening of an attempt holds the whole approval; other rows hold its order."""
    return _name(approval["by"] or "") if isinstance(approval, dict) else ""


def _gate(gate: dict[str, Any]) -> dict[str, Any]:
    def result(check: dict[str, Any]) -> str:
        passes = "overridden" if check["overridden"] else "advisory" if check["advisory"] else ""
        return " ".join((check["result"], passes)).rstrip()

    return {"gate": gate.get("answer"), "checks": {check["name"]: result(check) for check in gate.get("checks", ())}}


def _golden(golden: dict[str, Any]) -> dict[str, Any]:
    wrong = [answer["request"] for answer in golden.get("wrong", ())]
    kept = {key: golden[key] for key in ("failed", "heard", "counts") if key in golden}
    return kept | ({"wrong": wrong} if wrong else {})


def _pin(pin: dict[str, Any]) -> dict[str, Any]:
    return _present(
        {
            "specification": pin.get("specification", "")[:16],
            "registered": bool(pin.get("registered")),
            "artifacts": [f"{artifact['uri']} {artifact['etag'][:16]}" for artifact in pin.get("artifacts", ())],
            "images": [image["digest"] for image in pin.get("images", ())],
        }
    )


def _notification(request: dict[str, Any]) -> str:
    """The message's attributes, and the version that its subject names."""
    attributes = {name: value["StringValue"] for name, value in request["MessageAttributes"].items()}
    return " ".join(("Publish", *attributes.values(), *_VERSION.findall(request["Subject"])))


def _deployment(world: World, request: dict[str, Any]) -> str:
    config = world.hosting.configs[request["EndpointConfigName"]]
    (variant,) = config.variants
    serverless = {"ServerlessConfig": variant["ServerlessConfig"]} if "ServerlessConfig" in variant else None
    fleet = json.dumps(serverless) if serverless else f"{variant['InitialInstanceCount']} x {variant['InstanceType']}"
    asked = [f"{_short(config.name)}: {version_label(config.version)} on {fleet}"]
    for shadow, model in zip(config.shadows, config.shadow_models, strict=True):
        copies = f"{shadow['InitialVariantWeight']:.0%} of its requests copied to {version_label(model.version)}"
        asked.append(f"{copies} on {shadow['InitialInstanceCount']} x {shadow['InstanceType']}")
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
