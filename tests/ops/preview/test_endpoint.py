"""What follows from a changed entry: a line for each rule."""

import dataclasses
from typing import Any

import pytest

from infra.config.load import parse_configuration
from lambdas.gate.policy import checks
from lambdas.gate.policy.checks import Rule
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.serving import Capture
from lambdas.gate.spec.shadow import Comparer, Differ, Shadow
from lambdas.gate.spec.spec import Freeze, Gate, Golden, Spec
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.revocation import Revocation
from lambdas.gate.state.rung import Copying, Rung, RungEnd
from lambdas.gate.state.tries import Quarantined
from ops.preview import accesses, endpoint
from ops.preview.accesses import Access
from ops.preview.endpoint import Consequence, EndpointPreview, Known, State
from tests.lambdas.builders import NOW, approval, arn, attempt, head, live

NAME = "fraud-detection"
ROLE = "arn:aws:iam::123456789012:role/approval-gate/approval-gate-us-east-1-fraud-detection"
VARIANT = "variant: {instance_type: ml.m5.large, instance_count: 2}"
LARGER = "variant: {instance_type: ml.m5.xlarge, instance_count: 2}"
EVERYBODY = "gate: {approvers: [user/reviewer]}"
NOBODY = "gate: {approvers: [user/somebody-else]}"


def spec(*lines: str, group: str = "FraudDetectionGroup", variant: str = VARIANT) -> Spec:
    """The spec of an entry with these lines besides what is required."""
    keys = (f"model_package_group: {group}", "model_artifacts: s3://example-models/fraud/", variant, *lines)
    entry = "".join(f"    {line}\n" for line in keys)
    (found,) = parse_configuration("endpoints.yaml", f"endpoints:\n  {NAME}:\n{entry}").endpoints
    return found.spec(ROLE)


OLD = spec()


def known(of: Head | None = None, *rows: Row, **fields: Any) -> Known:
    defaults: dict[str, Any] = {"floor_before": None, "floor_after": None, "all_paused": None, "now": NOW}
    return Known(of, rows, **defaults | fields)


def serving(**fields: Any) -> Head:
    """Version 1 is live with the settings of `OLD`."""
    return head(**{"live": live(1, settings=OLD.settings)} | fields)


def waits(number: int = 3, **fields: Any) -> Head:
    return serving(approvals=(approval(number, **fields),))


def row(answer: str = "held", version: str = arn(3), at: float = NOW - 900, **results: str) -> Row:
    """The gate's results about a version, by the names of the checks."""
    found = {"containers": "passed", "artifacts": "passed", "pin": "passed"} | results
    checks = [{"name": name, "result": result, "overridden": None} for name, result in found.items()]
    detail = {"gate": {"answer": answer, "checks": checks}}
    return Row(NAME, 9, Fact(Kind.HELD, at, "it is on hold", version=version, detail=detail), "", "")


def follows(old: Spec, new: Spec, known: Known) -> list[str | Consequence]:
    """The texts; the whole consequence if it changes what is live, or holds something."""
    found = endpoint.changed(old, new, known).follows
    return [each if each.is_live or each.holds else each.text for each in found]


AGAIN = "FraudDetectionGroup/1 is rolled out again with the new settings, by canary of 50%, in about 25 min"
GATE = "the gate's checks, from the next evaluation on"


def live_change(text: str) -> Consequence:
    return Consequence(text, is_live=True)


def hold(text: str) -> Consequence:
    return Consequence(text, holds=True)


@pytest.mark.parametrize(
    ("new", "known", "expected"),
    [
        (OLD, known(serving()), []),
        (spec(variant=LARGER), known(serving()), [live_change(AGAIN)]),
        (
            spec(variant=LARGER),
            known(serving(attempt=attempt(2))),
            [live_change(f"{AGAIN}, after the rollout of FraudDetectionGroup/2 in flight")],
        ),
        (spec(variant=LARGER), known(serving(paused="x")), [live_change(f"{AGAIN}, once the pause is over")]),
        (spec(variant=LARGER), known(serving(), all_paused="x"), [live_change(f"{AGAIN}, once the pause is over")]),
        (spec(variant=LARGER), known(None), []),
        (spec(variant=LARGER), known(head()), []),
        (
            spec(variant=LARGER),
            known(head(live=live(None))),
            ["the endpoint keeps the settings of its adopted config until the next version goes live"],
        ),
        (
            spec(variant=LARGER),
            known(head(live=live(1, settings=spec(variant=LARGER).settings))),
            ["FraudDetectionGroup/1 has these settings already, so it is not rolled out again"],
        ),
        (
            spec(variant=LARGER),
            known(serving(quarantined=(Quarantined(approval(1), spec(variant=LARGER).settings, "5xx fired"),))),
            [
                "FraudDetectionGroup/1 is not rolled out again: the entry's changed settings were rolled back; the "
                "former settings stay"
            ],
        ),
        (
            spec(variant="variant: {serverless: {memory_mb: 2048, max_concurrency: 5}}"),
            known(serving()),
            [
                hold(
                    "every rollout is held: an endpoint does not change between instances and serverless, or between "
                    "real-time and asynchronous. Give the variant an entry and an endpoint of its own"
                ),
                "the rollout's strategy and times apply from the next rollout on",
            ],
        ),
        (
            spec(variant="variant: {name: Other, instance_type: ml.m5.large, instance_count: 2}"),
            known(serving()),
            [hold("every rollout is held: deployment guardrails need the variant's name to stay the same")],
        ),
        (
            spec(group="OtherGroup", variant=LARGER),
            known(waits()),
            [
                hold(
                    "the endpoint is adopted anew, once no rollout is in flight: it goes on serving what it serves, "
                    "and versions that are Approved by then are not rolled out. The approvals that wait are dropped: "
                    "FraudDetectionGroup/3. Until a second version has gone live there is nothing to revert to"
                )
            ],
        ),
        (
            spec("autoscaling: {min: 2, max: 8, invocations_per_instance: 1000}"),
            known(serving()),
            [
                live_change(
                    "the autoscaling is registered at once: 2 to 8 instances at 1000 invocations a minute each. Starts "
                    "no rollout"
                )
            ],
        ),
        (
            spec("rollout: {strategy: linear}"),
            known(serving()),
            ["the rollout's strategy and times apply from the next rollout on"],
        ),
        (
            spec("rollback_on: {p99_latency_ms: 900}"),
            known(serving()),
            [
                "judge, evidence and capacity apply from the next rollout on",
                "thresholds of the standing alarms apply at once, those of a rollout's alarms from the next rollout on",
            ],
        ),
        (
            spec("tags: {team: fraud}"),
            known(serving()),
            ["what exists keeps its tags; the stack and the next rollout's resources have the new ones"],
        ),
        (
            spec("judge: {mode: revert}"),
            known(serving()),
            ["judge, evidence and capacity apply from the next rollout on"],
        ),
        (
            spec("gate: {pin: false}"),
            known(serving()),
            [
                f"{GATE}: changed: pin",
                "with `gate.pin` artifacts and images must be those of the registration; without it they may differ",
            ],
        ),
    ],
)
def test_what_follows_from_a_changed_entry(new: Spec, known: Known, expected: list[str | Consequence]) -> None:
    assert follows(OLD, new, known) == expected


FOUR_EYES = "gate: {four_eyes: true, identity: []}"
PASSES = "FraudDetectionGroup/3 waits, and passes the gate"


@pytest.mark.parametrize(
    ("old", "new", "known", "expected"),
    [
        (
            OLD,
            spec(FOUR_EYES),
            known(waits(), row("passed")),
            [
                f"{GATE}: new: four_eyes",
                "FraudDetectionGroup/3 waits. Whether it passes is not known before the reconcile "
                "(four_eyes: not known before the reconcile)",
            ],
        ),
        (
            spec(FOUR_EYES),
            spec("gate: {four_eyes: true, identity: [user_profile]}"),
            known(waits(), row("passed", four_eyes="passed")),
            [
                f"{GATE}: changed: four_eyes",
                "FraudDetectionGroup/3 waits. Whether it passes is not known before the reconcile "
                "(four_eyes: not known before the reconcile)",
            ],
        ),
        (
            spec(FOUR_EYES),
            OLD,
            known(waits(), row(four_eyes="failed")),
            [f"{GATE}: gone: four_eyes", live_change(PASSES)],
        ),
        (
            spec(FOUR_EYES),
            OLD,
            known(waits(), row(four_eyes="failed", artifacts="failed")),
            [f"{GATE}: gone: four_eyes", "FraudDetectionGroup/3 waits, and is on hold (artifacts: stops)"],
        ),
        (
            spec(FOUR_EYES),
            OLD,
            known(waits()),
            [
                f"{GATE}: gone: four_eyes",
                "FraudDetectionGroup/3 waits. Whether it passes is not known before the reconcile "
                "(containers: not known before the reconcile; artifacts: not known before the reconcile; "
                "pin: not known before the reconcile)",
            ],
        ),
        (OLD, spec(EVERYBODY), known(waits(), row("passed")), [f"{GATE}: new: approvers", PASSES]),
        (
            OLD,
            spec(NOBODY),
            known(waits(), row("passed")),
            [f"{GATE}: new: approvers", hold("FraudDetectionGroup/3 waits, and is on hold (approvers: stops)")],
        ),
        (
            spec(NOBODY),
            spec("gate: {mode: advise, approvers: [user/somebody-else]}"),
            known(waits(), row(approvers="failed")),
            [f"{GATE}: changed: approvers", live_change(PASSES)],
        ),
        (
            spec(EVERYBODY),
            spec(NOBODY),
            known(serving(approvals=(approval(3), approval(4))), row("passed"), row("passed", arn(4))),
            [
                f"{GATE}: changed: approvers",
                "FraudDetectionGroup/3 waits, but a later approval is rolled out instead",
                hold("FraudDetectionGroup/4 waits, and is on hold (approvers: stops)"),
            ],
        ),
        (
            OLD,
            spec('gate: {freeze: [{cron: "0 7 * * *", hours: 4, time_zone: UTC}]}'),
            known(waits(), row("passed")),
            [f"{GATE}: new: freeze", hold("FraudDetectionGroup/3 waits, and is on hold (freeze: stops)")],
        ),
        (
            spec(FOUR_EYES),
            OLD,
            known(waits(), row(four_eyes="failed", at=NOW - 2000)),
            [
                f"{GATE}: gone: four_eyes",
                "FraudDetectionGroup/3 waits. Whether it passes is not known before the reconcile "
                "(containers: not known before the reconcile; artifacts: not known before the reconcile; "
                "pin: not known before the reconcile)",
            ],
        ),
    ],
    ids=[
        "a new check",
        "a check that asks for something else",
        "the check that failed is gone",
        "another one fails too",
        "no row",
        "everybody may approve",
        "nobody may approve",
        "a check that only advises",
        "only the newest is rolled out",
        "frozen",
        "the row is older than the approval",
    ],
)
def test_an_approval_that_waits_goes_or_stops(
    old: Spec, new: Spec, known: Known, expected: list[str | Consequence]
) -> None:
    assert follows(old, new, known) == expected


REVOKED = live(1, settings=OLD.settings, revocation=Revocation(NOW - 60, is_outsiders=True))
DISPUTED = live(1, settings=OLD.settings, approval=approval(1, approver=None, uncertain=True))


@pytest.mark.parametrize(
    ("new", "of", "expected"),
    [
        (
            spec(EVERYBODY),
            REVOKED,
            [
                f"{GATE}: new: approvers",
                live_change(
                    "FraudDetectionGroup/1 was revoked by somebody who was no approver. If that person is one now, "
                    "FraudDetectionGroup/1 is replaced by the last good version"
                ),
            ],
        ),
        (spec("gate: {pin: true}"), REVOKED, []),
        (
            spec("gate: {on_dispute: revert}"),
            DISPUTED,
            [
                live_change(
                    "FraudDetectionGroup/1 is replaced by the last good version, because its approver is disputed"
                )
            ],
        ),
        (spec("gate: {on_dispute: revert}"), live(1, settings=OLD.settings), []),
    ],
)
def test_a_live_version_may_be_replaced_if_others_decide_about_it(
    new: Spec, of: Live, expected: list[str | Consequence]
) -> None:
    assert follows(OLD, new, known(serving(live=of))) == expected


SHADOWED = spec("shadow: {percent: 20, hours: 24, min_requests: 10000}")
RUNG = Rung(2, arn(2), "gate-v1-shadow", Copying("Shadow", Shadow(20, 24, 10_000, 1), Judge()), NOW - 600)


@pytest.mark.parametrize(
    ("old", "new", "rung", "expected"),
    [
        (OLD, SHADOWED, None, ["the shadow's rules apply from the next version on"]),
        (
            SHADOWED,
            OLD,
            RUNG,
            [
                live_change("the shadow of FraudDetectionGroup/2 ends, and FraudDetectionGroup/2 is rolled out"),
                "the shadow's rules apply from the next version on",
            ],
        ),
        (
            SHADOWED,
            OLD,
            dataclasses.replace(RUNG, end=RungEnd.PASSED),
            ["the shadow's rules apply from the next version on"],
        ),
        (
            SHADOWED,
            spec("shadow: {percent: 20, hours: 24, min_requests: 10000}", variant=LARGER),
            RUNG,
            [
                live_change(AGAIN),
                live_change("the shadow of FraudDetectionGroup/2 ends, because the new settings come first"),
            ],
        ),
    ],
    ids=["none runs", "not asked for any more", "it is over", "other settings"],
)
def test_a_shadow_that_runs_may_end(old: Spec, new: Spec, rung: Rung | None, expected: list[str | Consequence]) -> None:
    assert follows(old, new, known(serving(rung=rung, approvals=(approval(2),)))) == expected


FREEZE = Freeze("0 0 * * *", 24, "UTC")
FROZEN = "the shadow of FraudDetectionGroup/2 ends, because a freeze is on. It begins again after that"


def test_a_freeze_that_is_on_ends_a_shadow() -> None:
    new = dataclasses.replace(SHADOWED, gate=Gate(freeze=(FREEZE,)))
    assert live_change(FROZEN) in follows(SHADOWED, new, known(serving(rung=RUNG, approvals=(approval(2),))))


def test_a_freeze_of_the_floor_ends_a_shadow() -> None:
    floor = FloorRead(Floor(Gate(freeze=(FREEZE,))))
    found = follows(SHADOWED, SHADOWED, known(serving(rung=RUNG, approvals=(approval(2),)), floor_after=floor))
    assert live_change(FROZEN) in found


def test_a_shadow_whose_update_is_in_flight_ends_too() -> None:
    coming = dataclasses.replace(attempt(2), copying=RUNG.copying)
    assert follows(SHADOWED, OLD, known(serving(attempt=coming))) == [
        live_change(
            "the shadow of FraudDetectionGroup/2 ends, and FraudDetectionGroup/2 is rolled out, after the rollout of "
            "FraudDetectionGroup/2 in flight"
        ),
        "the shadow's rules apply from the next version on",
    ]


def test_an_endpoint_that_is_adopted_anew_keeps_its_shadow() -> None:
    new = dataclasses.replace(SHADOWED, model_package_group="OtherGroup")
    (told,) = follows(SHADOWED, new, known(serving(rung=RUNG)))
    assert isinstance(told, Consequence)
    assert told.holds
    assert "It keeps the shadow of FraudDetectionGroup/2, which holds every rollout until somebody" in told.text


def test_the_gate_is_not_asked_again_about_the_approval_in_flight() -> None:
    rolling = serving(approvals=(approval(2),), attempt=attempt(2))
    assert follows(OLD, spec(NOBODY), known(rolling)) == [f"{GATE}: new: approvers"]


def test_another_execution_role_is_other_settings() -> None:
    other = dataclasses.replace(OLD, execution_role_arn=f"{ROLE}-before")
    found = endpoint.changed(other, OLD, known(serving(live=live(1, settings=other.settings))))
    assert ([change.key for change in found.keys], found.follows) == (["execution_role_arn"], (live_change(AGAIN),))


@pytest.mark.parametrize("rule", [*checks.VERSION_CHECKS, *checks.TIME_CHECKS], ids=lambda rule: rule.name)
def test_a_check_is_named_for_its_key_or_depends_on_what_the_entry_has_elsewhere(rule: Rule) -> None:
    keys = {field.name for field in dataclasses.fields(Gate)}
    assert rule.name in keys | {"artifacts", "containers"}


def test_golden_requests_and_a_stage_let_roles_do_more() -> None:
    probed = dataclasses.replace(OLD, golden=Golden("aa", 3))
    assert set(endpoint.changed(OLD, probed, known(serving())).gains) == {
        Access("the prober", "invoke fraud-detection"),
        Access("the prober", "put metrics in ApprovalGate/fraud-detection"),
    }
    staged = spec("gate: {stage: {name: Production, status: Approved}}")
    assert accesses.of_gate([staged]) - accesses.of_gate([OLD]) == {
        Access("who may approve", "move versions to stages")
    }


def test_compared_answers_let_the_comparer_read_them() -> None:
    capture = Capture(0, "s3://captured/models/", ("Input", "Output"))
    serving_it = dataclasses.replace(OLD.serving, data_capture=capture)
    captured = dataclasses.replace(OLD, serving=serving_it, comparer=Comparer("AROA1", "url"))
    compared = dataclasses.replace(captured, shadow=Shadow(20, 24, 100, 1, differ=Differ(1)))
    assert accesses.of_endpoint(compared) - accesses.of_endpoint(captured) == {
        Access("the comparer", "read s3://captured/models/fraud-detection/*")
    }
    without = dataclasses.replace(compared, comparer=None)
    assert endpoint.decided_by_the_file(without, compared) == compared
    assert endpoint.decided_by_the_file(OLD, compared).comparer is None


def test_golden_requests_are_compared_without_what_only_a_deployment_knows() -> None:
    deployed = dataclasses.replace(OLD, golden=Golden("aa", 3, role_id="AROA1", namespace="ApprovalGate/x"))
    same, more = (dataclasses.replace(OLD, golden=Golden(digest, 4)) for digest in ("aa", "bb"))
    assert endpoint.decided_by_the_file(same, deployed).golden == Golden("aa", 4, "AROA1", "ApprovalGate/x")
    assert endpoint.decided_by_the_file(OLD, deployed).golden is None
    found = endpoint.changed(deployed, endpoint.decided_by_the_file(more, deployed), known(serving()))
    assert [change.key for change in found.keys] == ["golden_requests.digest", "golden_requests.requests"]
    assert [each.text for each in found.follows] == [
        "the prober is made, removed or gets the new requests. Without one, wrong answers roll nothing back"
    ]


def test_an_overridden_check_stays_overridden() -> None:
    found = row(approvers="failed", four_eyes="failed")
    for check in found.fact.detail["gate"]["checks"]:
        check["overridden"] = "alice: hotfix" if check["name"] == "four_eyes" else None
    old, new = spec("gate: {four_eyes: true, identity: [], approvers: [user/x]}"), spec(FOUR_EYES)
    assert follows(old, new, known(waits(), found)) == [f"{GATE}: gone: approvers", live_change(PASSES)]


def test_a_floor_is_asked_of_an_endpoint_whose_entry_is_unchanged() -> None:
    floor = FloorRead(Floor(Gate(approvers=("user/somebody-else",))))
    found = endpoint.changed(OLD, OLD, known(waits(), row("passed"), floor_after=floor))
    assert (found.state, found.follows) == (
        State.UNCHANGED,
        (
            Consequence(f"{GATE}: new: floor.approvers, floor.pin"),
            hold("FraudDetectionGroup/3 waits, and is on hold (floor.approvers: stops)"),
        ),
    )


def test_neither_what_only_a_deployment_decides_nor_an_older_release_is_a_change() -> None:
    golden = spec().golden
    assert golden is None
    new = spec("judge: {latency: 'off'}")
    older = dataclasses.replace(new, judge=None)
    assert endpoint.changed(older, new, known(serving())) == EndpointPreview(NAME, State.UNCHANGED)


def test_each_changed_key_has_its_path_and_what_the_roles_may_do_more() -> None:
    new = spec(
        "serving: {environment: {LEVEL: info}, kms_key: arn:aws:kms:us-east-1:123456789012:key/k}",
        "rollout: {strategy: canary, canary_percent: 25}",
    )
    found = endpoint.changed(OLD, new, known(serving()))
    assert [(change.key, change.old, change.new) for change in found.keys] == [
        ("rollout.step", "50%", "25%"),
        ("serving.environment.LEVEL", None, "info"),
        ("serving.kms_key", "", "arn:aws:kms:us-east-1:123456789012:key/k"),
    ]
    assert (found.gains, found.loses) == ((), ())
