"""The report of an acceptance run, as a value of JSON. Pure."""

from typing import Any

from lambdas.gate.text import time_text
from lambdas.gate.version import VERSION
from ops.acceptance.run import Run
from ops.checks.assumptions import ASSUMED
from ops.checks.expectation import Finding, Verdict

NOT_PLAYED = {
    "alarms_from_launch": "it would take an alarm that fires while a fleet is launched",
    "patching_moves_modified": "AWS decides when it patches an endpoint",
    "calls_land_in_time": "only a fault shows it",
    "serverless_has_guardrails": "the run has no serverless endpoint",
    "account_has_trail": "an approver whom CloudTrail confirms leaves no trace; see `aws cloudtrail describe-trails`",
    "shadow_has_guardrails": "the run has no shadow",
    "captures_share_event_id": "the run captures no requests",
}
"""Why a run does not show an assumption."""
SETTLED = (Verdict.AGREES.value, Verdict.DIFFERS.value)


def report(run: Run, failure: str | None) -> dict[str, Any]:
    """Return what was played, and what AWS answered. `failure`: why the run ended early; None if it did not."""
    found = {finding.assumption: finding for finding in run.found() if finding.assumption}
    others = [finding for finding in run.found() if not finding.assumption]
    return {
        "version": VERSION,
        "region": run.region,
        "instance_type": run.instance_type,
        "began": time_text(run.began),
        "failure": failure,
        "steps": [
            {
                "title": step.title,
                "seconds": None if step.ended is None else round(step.ended - step.began),
                "failure": step.failure,
            }
            for step in run.steps
        ],
        "requests": {name: run.readings.get(name, 0) for name in ("answered", "failed")},
        "assumptions": [_assumption(name, found.get(name)) for name in ASSUMED],
        "relied_on": [_finding(each) for each in others],
    }


def summary(report: dict[str, Any]) -> str:
    """Return how many assumptions are settled, and which differ."""
    settled = [each for each in report["assumptions"] if each["verdict"] in SETTLED]
    differ = [each["name"] for each in settled if each["verdict"] == Verdict.DIFFERS.value]
    verb = "differs" if len(differ) == 1 else "differ"
    named = f"{len(differ)} {verb}: {', '.join(differ)}" if differ else "none differs"
    return f"{len(settled)} of {len(report['assumptions'])} assumptions are settled, and {named}."


def _assumption(name: str, found: Finding | None) -> dict[str, Any]:
    seen = NOT_PLAYED.get(name, "the run did not come to that") if found is None else found.answer.seen
    verdict = Verdict.NOT_SEEN if found is None else found.answer.verdict
    return {"name": name, "assumed": ASSUMED[name], "verdict": verdict.value, "seen": seen}


def _finding(finding: Finding) -> dict[str, Any]:
    answer = finding.answer
    return {"expected": finding.text, "verdict": answer.verdict.value, "seen": answer.seen}
