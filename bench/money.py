"""Point 3: what a deployment and an idle month cost, from counted calls and list prices."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import prices
from bench.point import Figures, Findings, Goal, Measure
from infra.config.requirements import minutes_between_reconciles
from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.scenarios.index import SCENARIOS
from simulation.story import listened
from simulation.world.operations import operations

SCENARIO = "pinned"
ROLLOUT_SECONDS = 800
"""The rollout is over by then."""
SWEEP = "sweep"
GIGABYTES, START_SECONDS, WARM_SECONDS, CALL_SECONDS = 0.5, 1.0, 0.05, 0.05
"""Of a function: its memory; how long it starts, and works when it is warm; how long a call to AWS takes."""
MONTH = 30 * 86_400
POLLERS, POLL_SECONDS = (2, 5), 20
"""How many connections of Lambda wait for messages of an idle queue, at least and at most, and how long each waits.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""
DEPLOYMENT_GOAL, IDLE_GOAL = 0.0005, 0.05
ALARM_CALLS = ("DeleteAlarms", "PutMetricAlarm")
FUNCTIONS = {"message": "deployer", "order": "deployer", "stream": "publisher", "probe": "prober", "clean": "janitor"}
ALARMS = 4
"""Of an installation, each of one metric."""
HEAD_UNITS = 2
"""Read units of a head, of up to 8 KB."""
METHOD = f"""The calls of one rollout, from the approval to its end, are counted in the simulation with the product's
own code, for the deployer and the publisher. Each is multiplied by its list price, without any free tier. A function
takes {START_SECONDS:g} s to start ([at 512 MB](#cold-start)), and {CALL_SECONDS * 1000:.0f} ms for each call to AWS.
Its first invocation of a rollout is cold, and so is each scheduled one unless the line says that it is warm. Instances
are left out: each tool pays the same for the second fleet.

- *CodePipeline-style*: a pipeline of type V2 whose action starts the update and waits for its end.
- *Step Functions, polling*: a state machine that makes model and config, updates, and describes the endpoint every 30
  seconds until its end, with three transitions each time."""


@dataclass(frozen=True)
class Counted:
    """`calls`: by operation, with the units of each that is paid for by size. `invocations`: by function."""

    calls: Mapping[str, int]
    units: Mapping[str, float]
    invocations: Mapping[str, int]

    def dollars(self, *, cold: int, without: tuple[str, ...] = ()) -> dict[str, float]:
        """Return the costs by service. `cold`: how many invocations are starts. `without`: calls that do not count."""
        calls = {name: count for name, count in self.calls.items() if name not in without}
        invocations = sum(self.invocations.values())
        seconds = cold * START_SECONDS + invocations * WARM_SECONDS + sum(calls.values()) * CALL_SECONDS
        asked = sum(calls.get(name, 0) for name in CLOUDWATCH)
        return {
            "Lambda": invocations * prices.INVOCATION.dollars + seconds * GIGABYTES * prices.GIGABYTE_SECOND.dollars,
            "DynamoDB": self.units.get("read", 0) * prices.READ.dollars
            + self.units.get("write", 0) * prices.WRITE.dollars,
            # A message is sent, received and deleted. EventBridge and SageMaker send some too.
            "SQS": 3 * max(calls.get("SendMessage", 0), self.invocations.get("deployer", 0)) * prices.QUEUE.dollars,
            "EventBridge and SNS": self.units.get("events", 0) * prices.EVENT.dollars
            + calls.get("Publish", 0) * (prices.NOTIFICATION.dollars + prices.MAIL.dollars),
            "CloudWatch": asked * prices.METRIC_READ.dollars,
            "S3": sum(calls.get(name, 0) for name in ("HeadObject", "GetObject")) * prices.S3_READ.dollars,
            "traces and logs": invocations * (prices.TRACE.dollars + LOG_KILOBYTES * prices.LOG_KILOBYTE.dollars),
        }


CLOUDWATCH = (*ALARM_CALLS, "DescribeAlarms", "DescribeAlarmHistory", "GetMetricData", "GetMetricStatistics")
LOG_KILOBYTES = 2


class _Counting(Run):
    """A run that counts the invocations of each function."""

    def __init__(self, run: Run, heard: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__(run.world, run.scenario, lambda world: listened(operations(world), heard))
        self.invocations: Counter[str] = Counter()

    def _do(self, work: tuple[Any, ...]) -> None:
        if work[0] in FUNCTIONS:
            self.invocations[FUNCTIONS[work[0]]] += 1
        elif work[0] == SWEEP:
            self.invocations["publisher"] += 1
        super()._do(work)


def counted() -> tuple[Counted, Counted]:
    """Return what one rollout takes, and one scheduled reconcile of an endpoint at which nothing happens."""
    calls: Counter[str] = Counter()
    units: dict[str, float] = {}

    def heard(operation: str, request: dict[str, Any]) -> None:
        calls[operation] += 1
        for unit, count in _units(operation, request).items():
            units[unit] = units.get(unit, 0) + count

    run = _Counting(begin(Schedule(SCENARIO), SCENARIOS[SCENARIO]), heard)
    began = run.world.now
    while run.world.now - began < ROLLOUT_SECONDS and run.step():
        pass
    rollout = Counted(dict(calls), dict(units), dict(run.invocations))
    run.world.heap = [entry for entry in run.world.heap if entry[2][0] == "schedule"]
    calls.clear()
    units.clear()
    run.invocations.clear()
    while not run.invocations["deployer"] and run.step():
        pass
    return rollout, Counted(dict(calls), dict(units), dict(run.invocations))


def _units(operation: str, request: dict[str, Any]) -> dict[str, float]:
    match operation:
        case "GetItem":
            return {"read": HEAD_UNITS}
        case "Query":
            return {"read": 1}
        case "PutItem" | "DeleteItem":
            return {"write": 1}
        case "TransactWriteItems":
            # A write in a transaction costs twice as much.
            sizes = (len(json.dumps(each, default=str)) for each in request["TransactItems"])
            return {"write": sum(2 * math.ceil(size / 1024) for size in sizes)}
        case "PutEvents":
            return {"events": len(request["Entries"])}
        case "PutMetricAlarm":
            # An alarm with metric math is paid for by the metrics that it reads.
            return {"alarmed": sum("MetricStat" in each for each in request.get("Metrics", ())) or 1}
        case _:
            return {}


def measure() -> Findings:
    rollout, idle = counted()
    functions = len(rollout.invocations)
    bare = sum(rollout.dollars(cold=functions, without=ALARM_CALLS).values())
    whole = rollout.dollars(cold=functions)
    minutes = ROLLOUT_SECONDS / 60
    peers = {
        "CodePipeline-style": math.ceil(minutes) * prices.PIPELINE_MINUTE.dollars,
        "Step Functions, polling": (3 * ROLLOUT_SECONDS / 30 + STEPS) * prices.TRANSITION.dollars,
    }
    a_month = MONTH / (minutes_between_reconciles(1) * 60)
    each, warm = (sum(idle.dollars(cold=cold).values()) * a_month for cold in (1, 0))
    polled = [prices.QUEUE.dollars * pollers * MONTH / POLL_SECONDS for pollers in POLLERS]
    orders = [prices.FIFO.dollars * pollers * MONTH / POLL_SECONDS for pollers in POLLERS]
    standing = prices.KEY_MONTH.dollars + ALARMS * prices.ALARM_MONTH.dollars
    measures = [
        Measure("a deployment, without alarms and judge", "$", bare, (Goal(DEPLOYMENT_GOAL),), peers),
        Measure("the same with its alarms", "$", sum(whole.values()) + _alarms(rollout.units["alarmed"]), (), peers),
        Measure("an idle endpoint's month, without alarms, cold", "$", each, (Goal(IDLE_GOAL),)),
        Measure("an idle endpoint's month, without alarms, warm", "$", warm, (Goal(IDLE_GOAL),)),
        Measure("polling an idle queue for a month, at most", "$", polled[1], (), {"at least": polled[0]}),
        Measure("polling the queue of orders for a month, at most", "$", orders[1], (), {"at least": orders[0]}),
        Measure("key and alarms of an installation, a month", "$", standing),
    ]
    tables = [
        Figures("One rollout:", ("service", "$"), _lines(whole, 1)),
        Figures("An idle endpoint's month, cold:", ("service", "$"), _lines(idle.dollars(cold=1), a_month)),
        Figures("Its calls:", ("call", "count"), [(name, str(count)) for name, count in sorted(rollout.calls.items())]),
        Figures(
            "Prices in us-east-1, read on 2026-11-30. One without a source could not be verified:",
            ("of", "$", "source"),
            [(each.of, f"{each.dollars:.10f}".rstrip("0"), each.source) for each in prices.ALL],
        ),
    ]
    return Findings(measures, tables, NOTES)


def _lines(dollars: Mapping[str, float], times: float) -> list[tuple[str, str]]:
    return [(name, f"{each * times:.6f}") for name, each in dollars.items()]


def _alarms(metrics: float) -> float:
    """Return what the alarms of a rollout cost, which AWS bills by the hour."""
    return metrics * prices.ALARM_MONTH.dollars * math.ceil(ROLLOUT_SECONDS / 3600) / (MONTH / 3600)


STEPS = 8
"""The transitions of a state machine besides its polling."""
NOTES = (
    "Lambda polls a queue with two to five connections, also if nothing is in it. A queue of golden requests costs "
    "that for each endpoint that has them. The prober's own delayed messages, which space its batches, need a queue. "
    "One-time schedules of EventBridge Scheduler would be a way that does not poll. It is not built.",
    "The goal of an idle month is missed: every five minutes a reconcile reads the alarms and the ledger and leaves a "
    "trace. The free tiers of CloudWatch and X-Ray are not counted here. With many endpoints the functions stay warm "
    "and the interval grows, so that one endpoint is the worst case.",
)
