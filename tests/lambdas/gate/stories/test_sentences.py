"""A ledger of a release that knew a hold or an alert by its sentence: whatever the sentences are now, nothing is
reported again, and the open attempt is judged and closed.

`ledgers/sentences.json` is what such a release wrote: specs, and the ledger of an endpoint at six moments. Version 1 is
live in each. Then the gate holds version 2; an operator's pause holds it; the endpoint is deleted; the endpoint is
Failed; AWS refuses to register the autoscaling; the rollout of version 2 is under way.
"""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.errors import Denied
from lambdas.gate.aws.ledger import partition
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Alert, Close, Hold, Scale
from lambdas.gate.spec.autoscaling import Autoscaling, Scheduled
from lambdas.gate.spec.judge import JudgeMode
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.spec.serving import Capture, Serving, Variable, Vpc
from lambdas.gate.spec.spec import (
    Condition,
    Freeze,
    Gate,
    Golden,
    Mode,
    Rollout,
    Size,
    SizeType,
    Soak,
    Spec,
    SpecSeen,
    Stage,
    Strategy,
)
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.autoscaling_change import RETRY_SECONDS
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.transitions import intervention
from ops.verification.chain import first_mismatch
from tests.lambdas.builders import APPROVER, REVIEWER, SPEC, arn, endpoint, fired
from tests.lambdas.fakes import World

KEPT: dict[str, Any] = json.loads((Path(__file__).parent / "ledgers" / "sentences.json").read_text())
SPECS, MOMENTS = KEPT["specs"], KEPT["moments"]
NOTICED = {
    "held": (Hold, Notice(Code.CHECKS_FAILED, "2: four_eyes unread registrant")),
    "paused": (Hold, Notice(Code.ENDPOINT_PAUSED, "release freeze")),
    "deleted": (Alert, Notice(Code.ENDPOINT_DELETED, arn(1))),
    "failed": (
        Alert,
        Notice(Code.NOT_IN_SERVICE, "Failed gate-fraud-detection-1-ff1dee444582: The image was deleted."),
    ),
}
REFUSED = "not authorized to perform: application-autoscaling:RegisterScalableTarget"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"
OPERATOR = "arn:aws:sts::123456789012:assumed-role/Ops/carol"


Left = Callable[[str], World]
EVERYTHING = dataclasses.replace(
    SPEC,
    rollout=Rollout(
        Strategy.ROLLING,
        Size(SizeType.INSTANCE_COUNT, 1),
        wait_seconds=300,
        bake_seconds=600,
        maximum_seconds=7200,
        rollback_step=Size(SizeType.CAPACITY_PERCENT, 100),
    ),
    gate=Gate(
        mode=Mode.ADVISE,
        four_eyes=True,
        approvers=("role/Reviewer",),
        require=(
            Condition("f1", "metrics.ModelQuality.f1 >= `0.8`"),
            Condition("card", "model_card != `null`", Mode.ADVISE),
        ),
        pin=True,
        images=("123456789012.dkr.ecr.us-east-1.amazonaws.com/*",),
        soak=Soak("staging", 24),
        stage=Stage("Production", "Approved"),
        freeze=(Freeze("0 18 * * 5", 62, "Europe/Vienna"),),
        reports=("s3://example-reports/",),
    ),
    enough=MinimumRequests(100, Otherwise.REVERT),
    capacity_seconds=7200,
    golden=Golden("ab" * 32, 12),
    publish_seconds=10,
    serving=Serving(
        environment=(Variable("LOG_LEVEL", "info"),),
        vpc=Vpc(("subnet-0a",), ("sg-0a",)),
        network_isolation=True,
        kms_key=KEY,
        data_capture=Capture(10, "s3://example-capture/", ("Input", "Output"), KEY),
        container_startup_seconds=600,
        model_download_seconds=900,
    ),
    autoscaling=Autoscaling(2, 8, 1000, 300, 60, (Scheduled("night", "cron(0 20 * * ? *)", "UTC", 1, 2),)),
)


@pytest.fixture
def left(nowhere: World) -> Left:
    """As that release left it at a moment, with the present one in its place."""

    def at(moment: str) -> World:
        kept = MOMENTS[moment]
        for item in kept["items"]:
            nowhere.dynamodb.put_item(TableName=names.LEDGER, Item=item)
        nowhere.now = kept["now"]
        seen = SpecSeen(kept["spec_version"], kept["spec_at"])
        nowhere.specs.stored = StoredSpec(Spec.from_json(SPECS[kept["spec"]]["text"]), seen)
        for number, modified_at in kept["modified_at"].items():
            nowhere.registry.put(int(number), modified_at=modified_at)
        there = kept["endpoint"]
        nowhere.hosting.now = there and endpoint(**there | {"deployment_alarms": tuple(there["deployment_alarms"])})
        return nowhere

    return at


def _misfit(world: World) -> str | None:
    """What is wrong with the endpoint's chain of rows."""
    rows = world.dynamodb.query(
        TableName=names.LEDGER,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
        ExpressionAttributeValues={":pk": {"S": partition(SPEC.endpoint)}, ":row": {"S": "row#"}},
    )
    return first_mismatch(rows["Items"], world.head)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_dump_has_no_key_and_its_chain_is_whole(left: Left, moment: str) -> None:
    world = left(moment)
    assert (world.head.notice is not None) is (moment in NOTICED)
    assert world.head.notice_key is None
    assert _misfit(world) is None


@pytest.mark.parametrize("moment", NOTICED)
def test_what_stands_is_not_reported_again_and_is_known_by_its_key_from_now_on(left: Left, moment: str) -> None:
    world, (kind, notice) = left(moment), NOTICED[moment]
    for _ in range(3):
        decision = world.reconcile(after=300)
        assert (type(decision), decision.notice) == (kind, notice)
    assert world.kinds == []
    assert (world.head.notice, world.head.notice_key) == (decision.reason, notice.key)
    assert _misfit(world) is None


@pytest.mark.parametrize("moment", ["held", "paused"])
def test_a_hold_that_was_interrupted_is_not_reported_again_either(left: Left, moment: str) -> None:
    """Of such a hold the head keeps the approval's order and the sentence."""
    world = left(moment)
    world.begin(dataclasses.replace(world.head, notice=None))
    assert type(world.reconcile(after=300)) is Hold
    assert (world.kinds, world.head.held) == ([], f"2: {NOTICED[moment][1].key}")


def test_a_hold_for_another_reason_is_reported(left: Left) -> None:
    world = left("held")
    world.reconcile(after=300)
    assert world.head.held == f"2: {NOTICED['held'][1].key}"
    world.registry.put(2, modified_at=MOMENTS["held"]["modified_at"]["2"], registered_by=APPROVER)
    assert world.reconcile(after=300).notice.subject == f"2: four_eyes failed {REVIEWER} and {REVIEWER}"
    assert world.kinds == ["held"]


@pytest.mark.parametrize("moment", ["held", "paused", "deleted"])
def test_an_alert_about_something_else_is_reported_at_the_first_reconcile_too(left: Left, moment: str) -> None:
    world = left(moment)
    world.hosting.now = endpoint(status="Failed")
    assert type(world.reconcile(after=300)) is Alert
    assert world.kinds == ["alert"]


def test_a_refused_change_of_autoscaling_is_not_reported_again_until_the_refusal_is_another(left: Left) -> None:
    world = left("autoscaling")
    for answer, told in ((REFUSED, 0), (REFUSED, 0), ("the limit is reached", 1), ("the limit is reached", 1)):
        world.target.refusals = [Denied(answer)]
        assert type(world.reconcile(after=RETRY_SECONDS)) is Scale
        assert world.head.scaling is not None
        assert (world.head.scaling.refused_for, len(world.kinds)) == (answer, told)
    assert _misfit(world) is None


def test_another_refusal_right_after_the_upgrade_is_reported(left: Left) -> None:
    world = left("autoscaling")
    world.target.refusals = [Denied("the limit is reached")]
    assert type(world.reconcile(after=RETRY_SECONDS)) is Scale
    assert world.kinds == ["alert"]


@pytest.mark.parametrize("looks", [0, 1], ids=["as it was left", "once its key is known"])
def test_resuming_ends_the_notice_of_the_pause_and_what_it_held_is_rolled_out(left: Left, looks: int) -> None:
    world = left("paused")
    for _ in range(looks):
        world.reconcile(after=60)
    resumed, fact = intervention.resume(world.head, OPERATOR, world.now)
    assert (resumed.notice, resumed.paused) == (None, None)
    world.ledger.write(world.head, resumed, (fact,))
    world.reconcile(after=60)
    assert world.kinds == ["resumed", "attempt_opened", "attempt_accepted"]
    assert _misfit(world) is None


@pytest.mark.parametrize("rolled_back", [False, True])
def test_the_open_attempt_is_judged_and_closed(left: Left, *, rolled_back: bool) -> None:
    world = left("open")
    attempt = world.head.attempt
    assert attempt is not None
    if rolled_back:
        world.watch.history.append(fired(attempt.alarms[0], world.now + 900))
    world.hosting.finish(at=world.now + 1000, rolled_back=rolled_back)
    decision = world.reconcile(after=1500)
    assert isinstance(decision, Close)
    assert decision.outcome is (Outcome.ROLLED_BACK if rolled_back else Outcome.SUCCEEDED)
    world.settle()
    assert world.head.live is not None
    assert (world.head.live.version, world.kinds) == (arn(1 if rolled_back else 2), ["attempt_closed"])
    assert _misfit(world) is None


@pytest.mark.parametrize("kept", SPECS.values(), ids=SPECS)
def test_a_stored_spec_reads_as_it_was_written_and_starts_no_rollout(kept: dict[str, str]) -> None:
    """The digests are in heads: with others, every endpoint would be rolled out or autoscaled anew."""
    spec = Spec.from_json(kept["text"])
    assert spec.to_json() == kept["text"]
    assert (spec.settings, spec.scaling) == (kept["settings"], kept["scaling"])


def test_a_stored_spec_says_what_it_said() -> None:
    """It has no key for the judge, which then observes."""
    stored = {name: Spec.from_json(kept["text"]) for name, kept in SPECS.items()}
    assert stored["plain"] == dataclasses.replace(SPEC, judge=None)
    assert stored["everything"] == dataclasses.replace(EVERYTHING, judge=None)
    assert {spec.judged_by.mode for spec in stored.values()} == {JudgeMode.OBSERVE}
