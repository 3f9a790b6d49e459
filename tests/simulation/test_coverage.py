"""The scenarios, and the faults listed here, meet every row of the decision: of a row that no schedule comes to the
simulation proves nothing."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from inspect import CO_NEWLOCALS, CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any, get_args

import pytest

from lambdas.gate.decide import (
    answers,
    baseline,
    decision,
    doubt,
    fired_alarms,
    hold,
    judgement,
    not_in_service,
    recognition,
    resize,
    revert,
    revocation,
    shadow,
    witness,
)
from lambdas.gate.decide.action import AnyDecision
from lambdas.gate.policy import checks, freeze
from lambdas.gate.reconcile import autoscale, preflight, reconciler, roll_out
from lambdas.gate.state import autoscaling_change, pin
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind as Fact
from lambdas.gate.transitions import (
    closing,
    golden,
    guarding,
    manual_change,
    notice,
    opening,
    promotion,
    rung,
    transition,
)
from lambdas.janitor import claim, disposal, garbage, janitor
from simulation.campaign import beginnings
from simulation.faults.kinds import Kind
from simulation.oracle import invariants
from simulation.oracle.records import rows_of
from simulation.scenarios.index import SCENARIOS
from tests.simulation.nth import Planned, finished

MODULES = (
    answers,
    roll_out,
    baseline,
    manual_change,
    closing,
    decision,
    doubt,
    freeze,
    checks,
    golden,
    fired_alarms,
    guarding,
    hold,
    judgement,
    notice,
    opening,
    not_in_service,
    pin,
    preflight,
    promotion,
    recognition,
    reconciler,
    autoscale,
    resize,
    autoscaling_change,
    transition,
    revert,
    revocation,
    shadow,
    rung,
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
    ("approve", ("DescribeEndpointConfig", 1, Kind.STALE)),  # the new config is not visible yet
    ("approve", ("TransactWriteItems", 1, Kind.LOST)),  # an intent without a call
    ("first", ("TransactWriteItems", 2, Kind.LOST)),
    ("approve", ("DescribeModelPackage", 3, Kind.SECOND)),  # another invocation holds the lock
    ("first", ("DescribeModelPackage", 8, Kind.SECOND)),
    ("approve", ("UpdateEndpoint", 1, Kind.DENIED)),
    ("approve", ("PutMetricAlarm", 5, Kind.DENIED)),  # the watch alarm, when it is live
    ("approve", ("UpdateEndpoint", 1, Kind.LOST)),  # accepted, and nobody heard it
    ("approve", ("DescribeEndpoint", 2, Kind.STALE)),  # an answer from before the call
    ("first", ("DescribeEndpoint", 3, Kind.STALE)),
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
    ("inconclusive-accept", ("DescribeModelPackage", 10, Kind.MANUAL_CHANGE)),  # right after it went live
    ("approve", ("GetItem", 4, Kind.INTERNAL)),  # what it was when it was registered cannot be read then
    ("approve", ("DescribeModelPackage", 3, Kind.LOST)),  # the approval cannot be read right before the call
    ("stopped-calling", ("DescribeModelPackage", 3, Kind.SLOW)),  # all endpoints are paused right before the call
    ("golden", ("SendMessage", 3, Kind.LOST)),  # wrong answers are told twice
    ("settings-errs", ("GetParameter", 2, Kind.STALE)),  # an answer from before the spec's last edit
    ("pinned", ("HeadObject", 3, Kind.INTERNAL)),  # what is approved cannot be read right before the call
    ("swapped-in-flight", ("HeadObject", 4, Kind.LOST)),  # nor when what is live was approved again
    ("registered", ("HeadObject", 1, Kind.LOST)),  # what a version loads is read at the next reconcile
    ("first-required", ("GetObject", 1, Kind.LOST)),  # a report that would not be needed
    ("soaked", ("DescribeAlarmHistory", 1, Kind.INTERNAL)),
    ("hidden", ("SageMaker Model Package State Change", 1, Kind.EVENT_REORDERED)),  # after the edit that hides it
    ("disputed", ("AWS API Call via CloudTrail", 1, Kind.EVENT_REPEATED)),
    ("witnessed", ("LookupEvents", 1, Kind.INTERNAL)),  # CloudTrail does not say who approved it
    ("scaled", ("ListTags", 1, Kind.SECOND)),  # another invocation is changing the autoscaling
    ("scaled-retyped", ("DescribeScalableTargets", 1, Kind.STALE)),  # it still shows what was taken off
    ("golden-right", ("Parameter Store Change to the prober", 1, Kind.EVENT_LOST)),  # nobody knows what is live answers
    (  # the row that says why it was aborted was not written
        "unlucky",
        ("DescribeEndpoint", 1, Kind.INTERNAL),
        ("GetParameter", 3, Kind.REVOKE),
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
    ("as-good", ("GetMetricData", 14, Kind.INTERNAL)),  # nobody knows what both fleets answered
    ("worse", ("PutMetricData", 1, Kind.ALARM)),  # an alarm fires too
    ("settings-worse-late", ("DescribeEndpoint", 11, Kind.ALARM)),  # the former settings fail too
    ("shadow-answers", ("the answers of a shadow", 1, Kind.EVENT_REPEATED)),
    ("shadow", ("DescribeModelPackage", 3, Kind.INTERNAL)),  # what the live version loads cannot be read
]
"""A scenario with faults, each at the n-th of an operation's calls or of an event."""

_IGNORED = "a switch lets SageMaker ignore alarms with metric math"
_EARLIER = "only earlier releases wrote short digests"
UNREACHED = {
    "gate.state.pin.Pin.lengthened": (1, _EARLIER),
    "gate.state.pin.respecified": (4, _EARLIER),
    "gate.state.autoscaling_change.AutoscalingChange.is_known": (1, "no schedule is refused the same change twice"),
    "gate.state.autoscaling_change.AutoscalingChange.refused_by": (2, "only earlier releases wrote the sentence alone"),
    "gate.policy.checks._containers": (
        4,
        "no version here has an environment of its own, or a name that cannot be shown",
    ),
    "gate.policy.checks.authorise": (
        1,
        "no fault deletes a version between its read and the call; one deleted before is revoked",
    ),
    "gate.policy.checks.evaluate": (1, "the decision asks for the registry's own word before it needs evidence"),
    "gate.decide.baseline.is_new": (1, "only earlier releases wrote a head before the first reconcile"),
    "gate.policy.checks._four_eyes": (3, "whoever is told has an ARN, and no role of the scenarios is automation"),
    "gate.policy.checks._witness": (2, "no version of an entry with a witness is changed with its approval"),
    "gate.decide.doubt.reason": (1, "nobody approves a version again here while a dispute aborts its rollout"),
    "gate.decide.revocation._may_be_an_act": (1, "no event is forged here about a version that was deleted"),
    "gate.decide.witness.settle": (1, "the history names no call here that is about no approval"),
    "gate.policy.checks._pin": (1, "no entry of the scenarios has an environment"),
    "gate.policy.checks._demanded_pin": (4, "no floor of the scenarios demands it"),
    "gate.policy.checks._demanded_golden_requests": (5, "no floor of the scenarios demands them"),
    "gate.decide.decision._before_the_gate": (
        3,
        "each look describes every approval that waits, and one of another group begins a new baseline",
    ),
    "gate.decide.revocation.begun": (
        1,
        "a lost event and stale lists up to the end of its rollout would hide a revocation until the version is live",
    ),
    "gate.decide.revert.why_left_out": (
        1,
        "no operator asks for a version that the entry's settings failed with",
    ),
    "gate.decide.revert._why_never": (1, "a version becomes a good one only if its approval is known"),
    "gate.decide.fired_alarms.why_not_counted": (1, "alarms here say since when"),
    "gate.decide.judgement._by_requests": (1, "no scenario has traffic, and so none has enough of it"),
    "gate.decide.judgement._inconclusive": (1, "the datapoints of the model of AWS are counts"),
    "gate.reconcile.reconciler._with_failing_version": (
        1,
        "no fault bars the way back from a version that was only revoked; a pause does, before anything is prepared",
    ),
    "gate.decide.judgement._shadowed": (1, "no alarm of the scenarios fires late in a bake but for a new version"),
    "gate.decide.judgement._too_late": (2, "nor while a shadow goes"),
    "gate.decide.answers.Found.lacking": (1, "no shadow of the scenarios has so few compared answers"),
    "gate.decide.answers._pairing_text": (1, "nobody passes an InferenceId in the world of the scenarios"),
    "gate.decide.shadow._latency_text": (1, "each shadow of the scenarios asks for latency, and has requests"),
    "gate.decide.shadow._lacking": (
        2,
        "no fault keeps metrics unreadable for an hour, and the copies are enough, or far too few",
    ),
    "gate.transitions.rung.settled": (1, "no endpoint is deleted while a shadow is not yet judged"),
    "gate.decide.shadow.before": (1, "no outsider revokes the live version here before a version becomes its shadow"),
    "gate.reconcile.roll_out.RolloutStarter._launched_anew": (
        3,
        "no fault revokes or changes the live version while the newest approval is about to become its shadow",
    ),
    "gate.reconcile.roll_out.RolloutStarter._model_of": (2, "what was compared a moment ago exists, as does its model"),
    "gate.reconcile.roll_out._refused_beside_shadow": (
        4,
        "a switch lets SageMaker refuse guardrails if there is a shadow; a mutant is hunted there",
    ),
    "gate.transitions.closing.closed": (1, "a switch lets SageMaker refuse guardrails if there is a shadow"),
    "gate.transitions.rung.condemned": (1, "the approval of a rung that is aborted or worse still waits here"),
    "gate.transitions.rung.left_behind": (1, "no endpoint that is adopted anew lost its shadow before"),
    "gate.reconcile.roll_out.RolloutStarter._call": (
        11,
        "no fault changes the live version right before the call that begins or ends its shadow, makes a package "
        "pending, edits its metadata or replaces a report between its read and the call, no model loads anything but "
        "its package, and switches let SageMaker refuse alarms with metric math, and guardrails if there is a shadow",
    ),
    "gate.reconcile.roll_out.RolloutStarter._update": (
        7,
        "switches let SageMaker refuse alarms with metric math, and guardrails if there is a shadow",
    ),
    "gate.decide.judgement._judge_busy": (1, _IGNORED),
    "gate.decide.judgement._not_acted_on": (6, _IGNORED),
    "gate.decide.judgement._judge_old_config": (1, "the history of alarms says here which one fired first"),
    "gate.reconcile.preflight._noisy": (3, "the world has no metrics"),
    "gate.reconcile.roll_out.RolloutStarter._is_respecified": (
        3,
        "the version that AWS makes no model of was changed; others end with the alert",
    ),
    "gate.reconcile.roll_out.RolloutStarter.prepare": (3, "what was described a moment ago exists, as does its model"),
    "gate.reconcile.roll_out._changed": (1, "no entry of the scenarios has an environment"),
    "gate.reconcile.roll_out._other": (3, "DescribeModel shows nothing that a model took from its package"),
    "gate.decide.judgement.is_live": (1, "a switch lets DescribeEndpoint leave out what is pending"),
    "gate.transitions.notice.waited": (
        6,
        "the approvals of the scenarios do not wait long enough untold, and no endpoint has enough waits",
    ),
    "gate.state.pin.is_what_runs": (1, "no entry of the scenarios has an environment"),
    "gate.reconcile.preflight.Preflight.check": (
        4,
        "what the scenarios adopt has no settings that the entry lacks, and the world has no metrics",
    ),
    "gate.reconcile.preflight._incomplete": (5, "what the scenarios adopt has no settings that the entry lacks"),
    "gate.decide.recognition._misspelled": (4, "the stages of the scenarios are spelled as the entry says"),
    "gate.reconcile.reconciler.Reconciler._adopt": (
        1,
        "the history of a parameter is behind only after it was adopted",
    ),
    "gate.reconcile.reconciler.Reconciler._roll_out": (5, "SSM's history has each version of a spec here"),
    "gate.reconcile.reconciler.Reconciler._with_metrics": (1, "each version that waits is described"),
    "gate.decide.shadow.unknown_settings": (5, "SSM's history has each version of a spec here"),
    "gate.decide.shadow._with_new_settings": (1, "a switch lets SageMaker refuse guardrails if there is a shadow"),
    "gate.decide.resize.unknown_settings": (1, "SSM's history has each version of a spec here"),
    "gate.reconcile.reconciler.Reconciler._recorded": (5, "no spec has more versions than its history shows"),
    "gate.reconcile.reconciler.Reconciler.reconcile": (1, "no spec has more versions than one write can record"),
    "janitor.claim.release": (1, "no fault lets two others write between a claim's last deletion and its end"),
    "janitor.janitor.Janitor.run": (
        2,
        "nobody but the product writes to the ledger here, and no fault takes as long as the function may run",
    ),
    "janitor.janitor._unless_unread": (1, "nobody but the product writes to the ledger here"),
}
"""A function of the product: how many of its statements no schedule comes to, and why."""


@dataclass
class Met:
    """What the schedules came to. `decided` are the classes of the decisions that were made."""

    lines: set[tuple[str, int]] = field(default_factory=set)
    decided: set[type] = field(default_factory=set)
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
        if event == "return" and isinstance(answer, AnyDecision):
            self.decided.add(type(answer))
        return self._trace_line


def _name(module: ModuleType) -> str:
    return module.__name__.removeprefix("lambdas.")


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


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_every_statement_is_met_but_those_that_are_known(met: Met, module: ModuleType) -> None:
    unmet = Counter(function for function, lines in _statements(module) if not lines <= met.lines)
    own = {function: known for function, known in UNREACHED.items() if function.startswith(f"{_name(module)}.")}
    assert unmet == {function: number for function, (number, _) in own.items()}


def test_what_is_said_not_to_be_reached_is_of_these_modules() -> None:
    named = {function for module in MODULES for function, _ in _statements(module)}
    assert UNREACHED.keys() - named == set()


def test_every_decision_is_made(met: Met) -> None:
    """NeedEvidence too: `decide` answers it as any other, although the reconciler acts on it itself."""
    assert met.decided == set(get_args(AnyDecision))


def test_every_fact_outcome_and_purpose_is_in_a_ledger(met: Met) -> None:
    """But for what an operator puts back, and what waits longer than usual: nobody edits a head in the scenarios, and
    none has enough waits."""
    facts = set(Fact) - {Fact.RESTORED, Fact.APPROVAL_OVERDUE}
    assert (met.facts, met.outcomes, met.purposes) == (facts, set(Outcome), set(Purpose))


def _statements(module: ModuleType) -> Iterator[tuple[str, frozenset[tuple[str, int]]]]:
    """The statements of the module's functions, but those that only a mistake of the product's own would come to: the
    function's name, and the lines that are traced, without those of the statements inside."""
    file = str(module.__file__)
    source = Path(file).read_text(encoding="utf-8")
    traced = {line for code in _functions(compile(source, file, "exec")) for line in _lines(code)}
    for function, statement in _inside(ast.parse(source), _name(module), in_function=False):
        inner = (part for part in ast.walk(statement) if isinstance(part, ast.stmt | ast.pattern))
        own = _span(statement).difference(*(_span(part) for part in inner if part is not statement)) & traced
        if own and not _is_mistake(statement):
            yield function, frozenset((file, line) for line in own)


def _inside(node: ast.AST, name: str, *, in_function: bool) -> Iterator[tuple[str, ast.stmt]]:
    for part in ast.iter_child_nodes(node):
        if in_function and isinstance(part, ast.stmt):
            yield name, part
        if isinstance(part, ast.ClassDef):
            yield from _inside(part, f"{name}.{part.name}", in_function=False)
        elif isinstance(part, ast.FunctionDef) and not in_function:
            yield from _inside(part, f"{name}.{part.name}", in_function=True)
        else:
            yield from _inside(part, name, in_function=in_function)


def _span(part: ast.stmt | ast.pattern) -> frozenset[int]:
    return frozenset(range(part.lineno, (part.end_lineno or part.lineno) + 1))


def _is_mistake(statement: ast.stmt) -> bool:
    """`raise ValueError` stands where a caller broke a promise."""
    match statement:
        case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"))):
            return True
        case _:
            return False


def _lines(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno}


def _functions(code: CodeType) -> Iterator[CodeType]:
    """All code that runs when it is called; a module's and a class's own runs when it is imported."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & CO_NEWLOCALS and inner.co_flags & CO_OPTIMIZED:
                yield inner
            yield from _functions(inner)
