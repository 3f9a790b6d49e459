"""Point 5: what grows with endpoints, versions, rows and models, and what must not."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import charts
from bench.grown.used import took
from bench.point import Figures, Findings, Goal, Measure
from infra.config.requirements import CALLS_PER_RECONCILE, minutes_between_reconciles
from lambdas.gate.timing import JANITOR_TIMEOUT

ENDPOINTS = (1, 10, 100, 300, 1000)
ROWS = (10_000, 100_000)
MODELS = 10_000
GOOD = 20
MOST_SECONDS, MOST_MEGABYTES, MOST_CALLS = 60, 200, 1
LINEAR = 1.3
"""How many times as long for a row a long ledger may take."""
STARTS = 5
METHOD = f"""Each figure is that of a process of its own, with the processes that it starts: CPU time, and the peak
memory of the largest.

- *Synth*: an app with {", ".join(map(str, ENDPOINTS))} endpoints, each with a canary, alarms and four eyes.
- *Ledger*: `verify` and `audit` of one endpoint's rows, which have 3 KB each. The rows are made when they are read, and
  what that alone takes is not counted.
- *Reconcile*: a paused endpoint in the simulation, with an empty head, and with {GOOD} former good versions, 50
  quarantined approvals and 200 that wait.
- *Command line*: `approval-gate --help` against importing boto3.
- *Janitor*: the inventory of {MODELS:,} old models, each with its endpoint config and its tags."""


def measure() -> Findings:
    synthesized = {count: took("synth", str(count)) for count in ENDPOINTS}
    fewest, most = synthesized[ENDPOINTS[0]], synthesized[ENDPOINTS[-1]]
    one = f"with {ENDPOINTS[0]}"
    measures = [
        Measure(
            f"GateStack's {what} with {ENDPOINTS[-1]} endpoints",
            unit,
            most[f"gate_{what}"],
            (Goal(1, one),),
            {one: fewest[f"gate_{what}"]},
        )
        for what, unit in (("resources", ""), ("bytes", "bytes"))
    ]
    measures.append(Measure("an endpoint's resources", "", most["endpoint_resources"]))
    measures.append(Measure("an endpoint's template", "bytes", most["endpoint_bytes"]))
    added = (most["cpu"] - fewest["cpu"]) / (ENDPOINTS[-1] - ENDPOINTS[0])
    measures.append(Measure("synth for each further endpoint", "s of CPU", added, (), {"the first": fewest["cpu"]}))
    measures.append(
        Measure(f"synth's memory with {ENDPOINTS[-1]} endpoints", "MB", most["peak"], (), {one: fewest["peak"]})
    )
    calls = (_calls_a_second(1), _calls_a_second(1000))
    measures.append(
        Measure(
            "calls a second of all schedules, 1,000 endpoints", "", calls[1], (Goal(MOST_CALLS),), {"one": calls[0]}
        )
    )
    empty, full = took("look", "0"), took("look", str(GOOD))
    without = {"with an empty head": empty["milliseconds"]}
    measures.append(Measure("a reconcile with a full head", "ms of CPU", full["milliseconds"], (), without))
    measures += _ledgers()
    helping, importing = _cpu(["-m", "ops", "--help"]), _cpu(["-c", "import boto3"])
    measures.append(Measure("the command line's help", "s of CPU", helping, (), {"import boto3": importing}))
    janitor = took("janitor", str(MODELS))
    measures.append(Measure(f"janitor's calls for {MODELS:,} models", "", janitor["calls"]))
    measures.append(
        Measure("calls a second that it needs to end in time", "a second", janitor["calls"] / JANITOR_TIMEOUT)
    )
    measures.append(Measure("janitor's memory", "MB", janitor["peak"], (Goal(MOST_MEGABYTES),)))
    rows = [
        (str(count), f"{each['cpu']:.1f} s", f"{each['peak']:.0f} MB", str(each["gate_resources"]))
        for count, each in synthesized.items()
    ]
    table = Figures("Synth:", ("endpoints", "CPU", "memory", "resources of GateStack"), rows)
    data = {"endpoints": list(ENDPOINTS), "cpu": [each["cpu"] for each in synthesized.values()]}
    return Findings(measures, [table], NOTES, data)


NOTES = (
    "An app with more than some 300 endpoints needs a higher quota of rules, see "
    "[Deploy](../deploy.md#more-endpoints-than-the-bus-has-rules). The schedules slow down with the number of "
    f"endpoints, so that all of them together stay under {MOST_CALLS} call a second.",
    "What a row of the short ledger takes is the difference of two CPU times of a second or two, so its ratio moves "
    "from run to run: for `verify` it was 1.29 and 1.39 on one day, around the limit. The memory does not grow at all.",
    "The janitor reads the tags of each model and config, and describes each config. SageMaker's rates for these calls "
    "are not documented. If AWS answers more slowly than the line above says, the run ends by Lambda's time limit.",
)


def draw(findings: Findings, file: Path) -> None:
    series = {"synth": findings.data["cpu"]}
    charts.lines(findings.data["endpoints"], series, ("endpoints", "seconds of CPU"), file)


def _ledgers() -> list[Measure]:
    """Return the measures of the commands that read a whole ledger."""
    made = {count: took("ledger", "make", str(count)) for count in ROWS}
    found = []
    for command in ("verify", "audit"):
        read = {count: took("ledger", command, str(count)) for count in ROWS}
        # The rows are made once before the first read of the head, and once for the read of the rows.
        short, long = (read[count]["cpu"] - 2 * made[count]["cpu"] for count in ROWS)
        few, many = f"for {ROWS[0]:,} rows", f"{ROWS[1]:,} rows"
        found += [
            Measure(f"{command}, {many}", "s of CPU", long, (Goal(MOST_SECONDS),)),
            Measure(
                f"{command}, for each of {many}",
                "ms of CPU",
                long / ROWS[1] * 1000,
                (Goal(LINEAR, few),),
                {few: short / ROWS[0] * 1000},
            ),
            Measure(f"{command}, {many}", "MB", read[ROWS[1]]["peak"], (Goal(MOST_MEGABYTES),)),
        ]
    return found


def _calls_a_second(endpoints: int) -> float:
    return CALLS_PER_RECONCILE * endpoints / (minutes_between_reconciles(endpoints) * 60)


def _cpu(arguments: Sequence[str]) -> float:
    """Return the median CPU time of some starts of Python."""
    used = []
    for _ in range(STARTS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(used)
