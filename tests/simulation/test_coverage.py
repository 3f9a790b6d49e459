"""The scenarios, and the faults listed here, meet every row of the decision: of a row that no schedule comes to the
simulation proves nothing."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from inspect import CO_NEWLOCALS, CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest

from lambdas.gate import (
    attempting,
    baseline,
    change_by_hand,
    closing,
    decision,
    freeze,
    gate,
    golden,
    guarding,
    hold,
    judgement,
    notice,
    opening,
    out_of_order,
    pin,
    preflight,
    promotion,
    recognition,
    reconciler,
    rescaling,
    resize,
    scaling,
    transition,
    way_back,
    witness,
)
from lambdas.gate.action import Action, Decision
from lambdas.gate.attempt import Outcome, Purpose
from lambdas.gate.fact import Kind as Fact
from lambdas.janitor import claim, disposal, garbage, janitor
from simulation.campaign import beginnings
from simulation.faults.kinds import Kind
from simulation.oracle import invariants
from simulation.oracle.records import rows_of
from simulation.scenarios.index import SCENARIOS
from tests.simulation.nth import Planned, finished

MODULES = (
    attempting,
    baseline,
    change_by_hand,
    closing,
    decision,
    freeze,
    gate,
    golden,
    guarding,
    hold,
    judgement,
    notice,
    opening,
    out_of_order,
    pin,
    preflight,
    promotion,
    recognition,
    reconciler,
    rescaling,
    resize,
    scaling,
    transition,
    way_back,
    witness,
    claim,
    disposal,
    garbage,
    janitor,
)

FAULTS: list[tuple[str, *tuple[Planned, ...]]] = [
    ("approve", ("ListModelPackages", 1, Kind.PATCH)),  # SageMaker is busy when it is asked
    ("approve", ("DescribeAlarms", 1, Kind.REVOKE)),  # CreateModel is refused
    ("approve", ("CreateEndpointConfig", 1, Kind.REVOKE)),  # revoked right before the call
    ("approve", ("DescribeEndpointConfig", 1, Kind.STALE)),  # the new config is not to be seen yet
    ("approve", ("TransactWriteItems", 1, Kind.LOST)),  # an intent without a call
    ("first", ("TransactWriteItems", 1, Kind.LOST)),
    ("approve", ("DescribeModelPackage", 2, Kind.SECOND)),  # another invocation holds the lock
    ("first", ("DescribeModelPackage", 6, Kind.SECOND)),
    ("approve", ("UpdateEndpoint", 1, Kind.DENIED)),
    ("approve", ("UpdateEndpoint", 1, Kind.LOST)),  # accepted, and nobody heard it
    ("approve", ("DescribeEndpoint", 2, Kind.STALE)),  # an answer from before the call
    ("first", ("DescribeEndpoint", 2, Kind.STALE)),
    ("by-hand-after-approval", ("DescribeEndpoint", 2, Kind.STALE)),  # and one from before a change that was seen
    ("adopted-right-after", ("ListModelPackages", 1, Kind.STALE)),  # what was Approved before the first look is not new
    ("kpi-burns-live", ("PutMetricAlarm", 1, Kind.DENIED)),  # the way back from what burns is barred for now
    ("late-event", ("SageMaker Model Package State Change", 3, Kind.EVENT_DELAYED)),  # overtaken by a later one
    ("revoke-and-back", ("DescribeEndpoint", 1, Kind.PATCH)),  # dated anew while it waits
    (  # dated anew while it is tried, and overtakes what waits
        "revoke-and-back-late",
        ("SageMaker Model Package State Change", 3, Kind.EVENT_LOST),
        ("SageMaker Model Package State Change", 4, Kind.EVENT_REORDERED),
        ("ListModelPackages", 1, Kind.STALE),
    ),
    ("by-hand-after-approvals", ("SageMaker Model Package State Change", 2, Kind.EVENT_DELAYED)),
    ("inconclusive-accept", ("DescribeModelPackage", 8, Kind.MANUAL_CHANGE)),  # right after it went live
    ("approve", ("GetItem", 4, Kind.INTERNAL)),  # what it was when it was registered cannot be read then
    ("approve", ("DescribeModelPackage", 2, Kind.LOST)),  # the approval cannot be read right before the call
    ("settings-errs", ("GetParameter", 2, Kind.STALE)),  # an answer from before the spec's last edit
    ("pinned", ("HeadObject", 2, Kind.INTERNAL)),  # what is approved cannot be read right before the call
    ("swapped-in-flight", ("HeadObject", 3, Kind.LOST)),  # nor when what is live was approved again
    ("first-required", ("GetObject", 1, Kind.LOST)),  # a report that would not be needed
    ("soaked", ("DescribeAlarmHistory", 1, Kind.INTERNAL)),
    ("hidden", ("SageMaker Model Package State Change", 1, Kind.EVENT_REORDERED)),  # after the edit that hides it
    ("disputed", ("AWS API Call via CloudTrail", 1, Kind.EVENT_REPEATED)),
    ("scaled", ("ListTags", 1, Kind.SECOND)),  # another invocation is changing the autoscaling
    ("scaled-retyped", ("DescribeScalableTargets", 1, Kind.STALE)),  # it still shows what was taken off
    ("golden-right", ("Parameter Store Change to the prober", 1, Kind.EVENT_LOST)),  # nobody knows what is live answers
    (  # the row that says why it was aborted was not written
        "unlucky",
        ("DescribeEndpoint", 1, Kind.INTERNAL),
        ("GetParameter", 4, Kind.REVOKE),
        ("DescribeModelPackage", 5, Kind.FINISH),
        ("TransactWriteItems", 3, Kind.INTERNAL),
    ),
    ("cleaned-old", ("DeleteModel", 1, Kind.CRASH_BEFORE)),  # a claim that nobody ended keeps a rollout waiting
    ("cleaned-old", ("DeleteModel", 1, Kind.LOST)),
    ("cleaned-old", ("DeleteModel", 1, Kind.SECOND)),  # an approval is seen during a claim
    ("cleaned-old", ("TransactWriteItems", 4, Kind.SECOND)),  # and one is acted on right before it
    ("cleaned-old", ("DescribeEndpoint", 6, Kind.MANUAL_CHANGE)),  # somebody changes the endpoint while stock is taken
    ("cleaned", ("ListModels", 1, Kind.THROTTLED)),
    ("cleaned", ("ListModels", 1, Kind.CLEAN)),  # two at once
    ("cleaned", ("DeleteEndpointConfig", 1, Kind.THROTTLED)),
    ("cleaned", ("DeleteEndpointConfig", 1, Kind.DENIED)),
    ("cleaned-errs", ("DeleteEndpointConfig", 1, Kind.PAUSED)),
    ("cleaned-errs", ("DeleteAlarms", 1, Kind.CRASH_BEFORE)),
]
"""A scenario with faults, each at the n-th of an operation's calls or of an event."""

_EARLIER = "only earlier releases wrote short digests"
_READABLE = "nobody but the product writes to the ledger here"
UNREACHED = {
    "return dataclasses.replace(now, artifacts=self.artifacts, images=self.images)": _EARLIER,
    "one, other = pinned.specification, now.specification": _EARLIER,
    "if SHORT_DIGEST in (len(one), len(other)):": _EARLIER,
    "one, other = one[:SHORT_DIGEST], other[:SHORT_DIGEST]": _EARLIER,
    'return None if one == other else "its InferenceSpecification was changed"': _EARLIER,
    'return f"alarm {alarm.name} is in ALARM, and AWS does not say since when: {ANEW}"': "alarms here say since when",
    "return dataclasses.replace(closed, requests=requests)": "no scenario has traffic, and so none has enough of it",
    'reason = f"{version_label(approval.version)} could not be read"': (
        "each look describes every approval that waits, and one of another group begins a new baseline"
    ),
    "return Decision(Action.HOLD, reason, look_again_at=now + HOLD_LOOK_SECONDS, approval=approval)": "as above",
    "return authorised": "the decision asks for the registry's own word before it has evidence gathered",
    'return failed_for_now(intent, attempt, f"{STOPPED}: {verdict.reason}", now + HOLD_LOOK_SECONDS)': (
        "no fault makes a package pending between its read and the call"
    ),
    'return verdict(Result.UNREAD, f"{people}: nothing tells whether they are one")': "whoever is told has an ARN",
    'self.logger.error("left alone: its part of the ledger cannot be read", endpoint=endpoint, error=why)': _READABLE,
    "raise Unread(f\"the ledger cannot be read for {', '.join(sorted(stock.unread))}\")": _READABLE,
    "break": "no fault takes as long as the janitor's function may run",
    "ledger.write(head, dataclasses.replace(head, cleaning_until=until), facts)": (
        "no fault lets two others write between a claim's last deletion and its end"
    ),
    'return Verdict(Answer.REFUSED, "the version does not exist any more")': (
        "no fault deletes a version between its read and the call; one deleted before is revoked"
    ),
}
"""A line of the product, and why no schedule comes to it."""
MISTAKES = ("raise ValueError(", "assert_never(", "case _:", "case Action.DEFER |", "case Action.ACCEPT |")
"""How lines begin that only a mistake of the product's own would come to."""


@dataclass
class Met:
    """What the schedules came to. `decided` are the answers of the decision itself."""

    lines: set[tuple[str, int]] = field(default_factory=set)
    decided: set[Action] = field(default_factory=set)
    facts: set[Fact] = field(default_factory=set)
    outcomes: set[Outcome] = field(default_factory=set)
    purposes: set[Purpose] = field(default_factory=set)
    violations: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def run(self, scenario: str, *planned: Planned) -> None:
        run = finished(scenario, *planned)
        world = run.world
        for row in rows_of(world):
            self.facts.add(row.fact.kind)
            if row.fact.kind is Fact.ATTEMPT_OPENED:
                self.purposes.add(Purpose(row.fact.detail["purpose"]))
            if row.fact.kind is Fact.ATTEMPT_CLOSED:
                self.outcomes.add(Outcome(row.fact.detail["outcome"]))
        if broken := invariants.judge(world, len(planned), **run.scenario.judged):
            self.violations[f"{scenario} {planned}"] = broken

    def trace(self, frame: FrameType, event: str, answer: Any) -> Any:
        """For sys.settrace."""
        return self._trace_line if frame.f_code.co_filename in FILES else None

    def _trace_line(self, frame: FrameType, event: str, answer: Any) -> Any:
        self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        if event == "return" and isinstance(answer, Decision):
            self.decided.add(answer.action)
        return self._trace_line


FILES = {str(module.__file__): module for module in MODULES}


@pytest.fixture(scope="module")
def met() -> Met:
    """The beginnings are made anew, so that what happens in them counts whatever ran before."""
    met, before = Met(), sys.gettrace()
    beginnings.forget()
    sys.settrace(met.trace)
    try:
        for scenario in SCENARIOS:
            met.run(scenario)
        for scenario, *planned in FAULTS:
            met.run(scenario, *planned)
    finally:
        sys.settrace(before)
    return met


def test_no_invariant_is_broken(met: Met) -> None:
    assert met.violations == {}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_row_is_met(met: Met, module: ModuleType) -> None:
    unmet = {line: text for line, text in _rows(module) if (str(module.__file__), line) not in met.lines}
    assert {line: text for line, text in unmet.items() if text not in UNREACHED} == {}


def test_what_is_said_not_to_be_reached_is_not(met: Met) -> None:
    unmet = {text for file, module in FILES.items() for line, text in _rows(module) if (file, line) not in met.lines}
    assert UNREACHED.keys() - unmet == set()


def test_every_action_is_decided_on(met: Met) -> None:
    assert met.decided == set(Action)


def test_every_fact_outcome_and_purpose_is_in_a_ledger(met: Met) -> None:
    assert (met.facts, met.outcomes, met.purposes) == (set(Fact), set(Outcome), set(Purpose))


def _rows(module: ModuleType) -> Iterator[tuple[int, str]]:
    """The lines of the module's functions, by number and text, but those that only a mistake comes to."""
    file = str(module.__file__)
    source = Path(file).read_text(encoding="utf-8")
    lines = source.splitlines()
    for code in _functions(compile(source, file, "exec")):
        for line in {number for _, _, number in code.co_lines() if number and number != code.co_firstlineno}:
            text = lines[line - 1].strip()
            if not text.startswith(MISTAKES):
                yield line, text


def _functions(code: CodeType) -> Iterator[CodeType]:
    """All code that runs when it is called; a module's and a class's own runs when it is imported."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & CO_NEWLOCALS and inner.co_flags & CO_OPTIMIZED:
                yield inner
            yield from _functions(inner)
