"""The decision table for an endpoint with an open attempt: version 2 on its way from gate-v1 to gate-v2."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Accept, Alert, Close, Defer, RequestAbort, Wait
from lambdas.gate.decide.judgement import judge
from lambdas.gate.state.attempt import AbortCause, Attempt, Outcome, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.tries import Retry
from tests.lambdas.builders import NOW, SPEC, attempt, endpoint, fired, head, live, observed

ATTEMPT = attempt()
UNSEEN = attempt(accepted_at=None)
YOUNG = attempt(accepted_at=None, opened_at=NOW - 30)
CREATE = attempt(1, purpose=Purpose.CREATE, previous_config=None, modified_at=None)
OWN = "approval-gate/fraud-detection/gate-v2/model-errors"
MOVED: dict[str, Any] = {"modified_at": NOW - 100}


def during(**fields: object) -> Observed:
    defaults: dict[str, Any] = {"status": "Updating", "pending_config": "gate-v2"}
    return observed(endpoint=endpoint(**defaults | fields))


def back_on_v1(reason: str | None = None, **fields: object) -> Observed:
    return observed(endpoint=endpoint(failure_reason=reason, **MOVED), **fields)


def retry(tries: int, wait: float, unseen: int = 0) -> Retry:
    return Retry(2, SPEC.settings, tries, unseen, NOW + wait)


def failed(reason: str, told: Retry) -> Any:
    return Close(reason, told.not_before, outcome=Outcome.FAILED, retry=told)


def given_up(reason: str, told: Retry) -> Any:
    return Close(
        reason,
        NOW,
        outcome=Outcome.FAILED,
        quarantine=True,
        retry=told,
        alert=f"FraudDetectionGroup/2 is given up after {told.tries} tries: {reason}",
    )


def rolled_back(reason: str, *alarms: str) -> Any:
    return Close(
        reason,
        NOW,
        outcome=Outcome.ROLLED_BACK,
        quarantine=True,
        fired=tuple(fired(name) for name in alarms),
    )


NO_CAPACITY = "Request to service failed."
CAPACITY_REASON = f"the rollout of FraudDetectionGroup/2 failed: {NO_CAPACITY}"
NO_REASON = "the rollout of FraudDetectionGroup/2 failed: SageMaker gave no reason, and no alarm fired"
TOO_LATE = (
    "FraudDetectionGroup/2 is live; 40 requests reached it; "
    f"{OWN} fired too late for SageMaker to roll it back: Threshold Crossed"
)
NO_SIGN = "there is no sign that UpdateEndpoint was accepted"
HOTFIXED = Close(
    "somebody else put hotfix on the endpoint during the rollout",
    NOW,
    outcome=Outcome.SUPERSEDED,
    alert="somebody else put hotfix on the endpoint during the rollout",
)

CASES: list[tuple[str, Attempt, Observed, Head, Any]] = [
    # busy
    *(
        (
            f"{status}: wait until the rollout should be over",
            ATTEMPT,
            during(status=status),
            head(),
            Wait(f"the endpoint is {status}", reconcile_at=NOW + 500),
        )
        for status in ("Updating", "SystemUpdating", "RollingBack", "Deleting")
    ),
    (
        "it takes longer than expected: look every five minutes",
        attempt(opened_at=NOW - 2000),
        during(),
        head(),
        Wait("the endpoint is Updating", reconcile_at=NOW + 300),
    ),
    (
        "nobody saw the answer, but SageMaker is at work on our config: accepted",
        YOUNG,
        during(),
        head(),
        Accept("SageMaker is at work on gate-v2: the call was accepted", reconcile_at=NOW),
    ),
    (
        "nobody saw the answer of the create, but the endpoint is being made of our config: accepted",
        attempt(1, purpose=Purpose.CREATE, previous_config=None, accepted_at=None),
        during(status="Creating", config="gate-v1", pending_config=None),
        head(),
        Accept("SageMaker is at work on gate-v1: the call was accepted", reconcile_at=NOW),
    ),
    (
        "somebody else's update is in progress: wait for its end",
        UNSEEN,
        during(pending_config="theirs"),
        head(),
        Wait("the endpoint is Updating", reconcile_at=NOW + 500),
    ),
    *(
        (
            f"{status} of the config asked for: it is in service, and the next change of it is another's",
            ATTEMPT,
            during(status=status, config="gate-v2", pending_config="gate-v1"),
            head(),
            Close("FraudDetectionGroup/2 is live", NOW, outcome=Outcome.SUCCEEDED),
        )
        for status in ("Updating", "SystemUpdating", "RollingBack")
    ),
    (
        "Updating and no summary of what is pending: it may be the rollout itself",
        ATTEMPT,
        during(config="gate-v2", pending_config=None),
        head(),
        Wait("the endpoint is Updating", reconcile_at=NOW + 500),
    ),
    (
        "the version in flight was revoked: request its abort",
        ATTEMPT,
        during(),
        head(approved=(1,)),
        RequestAbort("FraudDetectionGroup/2 was revoked during its rollout", NOW, cause=AbortCause.REVOKED),
    ),
    (
        "its abort was requested: wait",
        attempt(abort_reason="revoked"),
        during(),
        head(approved=(1,)),
        Wait("the endpoint is Updating", reconcile_at=NOW + 500),
    ),
    # success is InService and the config asked for
    (
        "InService on the config asked for: succeeded, with the requests that judged it",
        ATTEMPT,
        observed(endpoint=endpoint("gate-v2"), requests=12),
        head(),
        Close(
            "FraudDetectionGroup/2 is live; 12 requests reached it",
            NOW,
            outcome=Outcome.SUCCEEDED,
        ),
    ),
    (
        "InService on the config asked for although nobody saw the answer: succeeded",
        YOUNG,
        observed(endpoint=endpoint("gate-v2"), requests=0),
        head(),
        Close("FraudDetectionGroup/2 is live; 0 requests reached it", NOW, outcome=Outcome.SUCCEEDED),
    ),
    (
        "our config is still pending, whatever else is shown: not yet succeeded",
        ATTEMPT,
        during(config="gate-v2"),
        head(),
        Wait("the endpoint is Updating", reconcile_at=NOW + 500),
    ),
    # InService on the old config
    (
        "an alarm of the new fleet fired: rolled back and quarantined, with the evidence",
        ATTEMPT,
        back_on_v1(fired=(fired(OWN),)),
        head(),
        rolled_back(f"FraudDetectionGroup/2 was rolled back: {OWN} fired: Threshold Crossed", OWN),
    ),
    (
        "the user's alarm fired: rolled back and quarantined",
        ATTEMPT,
        back_on_v1(fired=(fired("kpi"),)),
        head(),
        rolled_back("FraudDetectionGroup/2 was rolled back: kpi fired: Threshold Crossed", "kpi"),
    ),
    (
        "nobody saw the answer, but an alarm that only our fleet can fire did: accepted and rolled back",
        UNSEEN,
        back_on_v1(fired=(fired(OWN),)),
        head(),
        rolled_back(f"FraudDetectionGroup/2 was rolled back: {OWN} fired: Threshold Crossed", OWN),
    ),
    (
        "nobody saw the answer, and the user's alarm fired: that is no witness",
        UNSEEN,
        back_on_v1(fired=(fired("kpi"),)),
        head(),
        failed(NO_SIGN, retry(1, 300, unseen=1)),
    ),
    (
        "the model did not answer its ping: rolled back and quarantined",
        ATTEMPT,
        back_on_v1("The primary container did not pass the ping health check."),
        head(),
        rolled_back("FraudDetectionGroup/2 was rolled back: The primary container did not pass the ping health check."),
    ),
    (
        "no capacity: failed, and again after five minutes",
        ATTEMPT,
        back_on_v1(NO_CAPACITY),
        head(),
        failed(CAPACITY_REASON, retry(1, 300)),
    ),
    (
        "no capacity, and a user's alarm fired meanwhile: no traffic ever reached what it would speak against",
        ATTEMPT,
        back_on_v1("InsufficientInstanceCapacity", fired=(fired("kpi"),)),
        head(),
        failed(
            "the rollout of FraudDetectionGroup/2 failed: InsufficientInstanceCapacity",
            dataclasses.replace(retry(1, 300), since=NOW),
        ),
    ),
    (
        "no capacity again: with growing distance",
        ATTEMPT,
        back_on_v1(NO_CAPACITY),
        head(retries=(retry(2, -900),)),
        failed(CAPACITY_REASON, retry(3, 2700)),
    ),
    (
        "no capacity four times: given up, and people are told",
        ATTEMPT,
        back_on_v1(NO_CAPACITY),
        head(retries=(retry(3, -2700),)),
        given_up(CAPACITY_REASON, Retry(2, SPEC.settings, 4, 0, NOW - 2700)),
    ),
    (
        "SageMaker gives no reason and no alarm fired: failed, and again",
        ATTEMPT,
        back_on_v1(),
        head(),
        failed(NO_REASON, retry(1, 300)),
    ),
    (
        "again without a reason: no third fleet is launched",
        ATTEMPT,
        back_on_v1(),
        head(retries=(retry(1, -300),)),
        given_up(NO_REASON, Retry(2, SPEC.settings, 2, 0, NOW - 300)),
    ),
    (
        "again for a reason that no table has: given up with AWS's words",
        ATTEMPT,
        back_on_v1("The variant did not become ready."),
        head(retries=(retry(1, -300),)),
        given_up(
            "the rollout of FraudDetectionGroup/2 failed: The variant did not become ready.",
            Retry(2, SPEC.settings, 2, 0, NOW - 300),
        ),
    ),
    (
        "a way back fails for no reason again: it has all tries, as its version has served before",
        attempt(purpose=Purpose.REVERT),
        back_on_v1(),
        head(retries=(retry(1, -300),)),
        failed(NO_REASON, retry(2, 900)),
    ),
    (
        "the execution role may not read the model data: another fleet would fail in the same way",
        ATTEMPT,
        back_on_v1("Could not access model data"),
        head(),
        Close(
            "the rollout of FraudDetectionGroup/2 failed: Could not access model data",
            NOW,
            outcome=Outcome.FAILED,
            quarantine=True,
            alert="the rollout of FraudDetectionGroup/2 failed: Could not access model data",
        ),
    ),
    (
        "the subnet is full: until the spec's deadline, as without capacity",
        ATTEMPT,
        back_on_v1("The specified subnet does not have enough free addresses to satisfy the request."),
        head(retries=(dataclasses.replace(retry(3, -2700), since=NOW - 4000),)),
        failed(
            "the rollout of FraudDetectionGroup/2 failed: The specified subnet does not have enough free addresses to "
            "satisfy the request.",
            dataclasses.replace(retry(4, 3600), since=NOW - 4000),
        ),
    ),
    (
        "live, and its own alarm fired once SageMaker no longer watched: it goes back",
        ATTEMPT,
        observed(endpoint=endpoint("gate-v2"), requests=40, fired=(fired(OWN),)),
        head(),
        Close(
            TOO_LATE,
            NOW,
            outcome=Outcome.SUCCEEDED,
            quarantine=True,
            alert=TOO_LATE,
            fired=(fired(OWN),),
        ),
    ),
    (
        "the same of a way back: people are told, as what it came from is worse",
        attempt(purpose=Purpose.REVERT),
        observed(endpoint=endpoint("gate-v2"), requests=40, fired=(fired(OWN),)),
        head(),
        Close(TOO_LATE, NOW, outcome=Outcome.SUCCEEDED, alert=TOO_LATE, fired=(fired(OWN),)),
    ),
    (
        "aborted, and seen to be back: aborted",
        attempt(abort_reason="revoked"),
        back_on_v1(fired=(fired(OWN.replace("model-errors", "abort")),)),
        head(),
        Close(
            "FraudDetectionGroup/2 was aborted: revoked",
            NOW,
            outcome=Outcome.ABORTED,
            fired=(fired(OWN.replace("model-errors", "abort")),),
        ),
    ),
    (
        "its abort alarm was set off, and the row that says why was not written: aborted",
        ATTEMPT,
        back_on_v1(fired=(fired(OWN.replace("model-errors", "abort")),)),
        head(),
        Close(
            "FraudDetectionGroup/2 was aborted: its abort was requested",
            NOW,
            outcome=Outcome.ABORTED,
            fired=(fired(OWN.replace("model-errors", "abort")),),
        ),
    ),
    (
        "another invocation is between its intent and the call: defer",
        YOUNG,
        observed(),
        head(),
        Defer("another invocation is about to update the endpoint", reconcile_at=YOUNG.opened_at + 90),
    ),
    *(
        (
            f"the same, and {what}: closing the attempt would take its alarms from a call that is still to come",
            YOUNG,
            observed(endpoint=seen),
            head(),
            Defer("another invocation is about to update the endpoint", reconcile_at=YOUNG.opened_at + 90),
        )
        for what, seen in (
            ("somebody put a third config there", endpoint("hotfix")),
            ("the endpoint has Failed", endpoint(status="Failed")),
        )
    ),
    (
        "no sign that the call was ever accepted: one more try",
        UNSEEN,
        observed(),
        head(),
        failed(NO_SIGN, retry(1, 300, unseen=1)),
    ),
    (
        "LastModifiedTime alone is no sign: autoscaling moves it too",
        UNSEEN,
        back_on_v1(),
        head(),
        failed(NO_SIGN, retry(1, 300, unseen=1)),
    ),
    (
        "twice no sign: given up",
        UNSEEN,
        observed(),
        head(retries=(retry(1, 0, unseen=1),)),
        given_up(NO_SIGN, Retry(2, SPEC.settings, 2, 2, NOW)),
    ),
    (
        "LastDeploymentConfig carries our alarms: it was accepted, and ended",
        UNSEEN,
        observed(endpoint=endpoint(deployment_alarms=(OWN,), **MOVED)),
        head(),
        failed(NO_REASON, retry(1, 300)),
    ),
    (
        "accepted a moment ago and nothing moved: DescribeEndpoint may be behind",
        attempt(opened_at=NOW - 10, accepted_at=NOW - 10),
        observed(),
        head(),
        Wait("the rollout of FraudDetectionGroup/2 is not visible yet", reconcile_at=NOW + 80),
    ),
    (
        "and neither does the alarm that asked for its abort tell that it is over",
        attempt(opened_at=NOW - 10, accepted_at=NOW - 10, abort_reason="revoked"),
        observed(fired=(fired(OWN.replace("model-errors", "abort")),)),
        head(),
        Wait("the rollout of FraudDetectionGroup/2 is not visible yet", reconcile_at=NOW + 80),
    ),
    # other ends
    (
        "a third config: somebody else acted",
        ATTEMPT,
        observed(endpoint=endpoint("hotfix")),
        head(),
        HOTFIXED,
    ),
    (
        "a third config, and a further change under way, which may put back what was there before: somebody else acted",
        ATTEMPT,
        during(config="hotfix", pending_config="gate-v1", modified_at=NOW - 10),
        head(),
        HOTFIXED,
    ),
    (
        "the same in an answer from before the attempt: wait for the end",
        ATTEMPT,
        during(config="hotfix", pending_config="gate-v1", modified_at=ATTEMPT.opened_at - 10),
        head(),
        Wait("the endpoint is Updating", reconcile_at=NOW + 500),
    ),
    (
        "the same while the call may still be on its way: wait for its answer",
        YOUNG,
        during(config="hotfix", pending_config="gate-v1", modified_at=NOW - 10),
        head(),
        Wait("the endpoint is Updating", reconcile_at=YOUNG.expected_end),
    ),
    (
        "what was put there is being replaced by this attempt: wait for the end",
        ATTEMPT,
        during(config="hotfix", modified_at=NOW - 10),
        head(),
        Wait("the endpoint is Updating", reconcile_at=NOW + 500),
    ),
    (
        "seen live, replaced, and a further change under way: it went live",
        attempt(live_at=NOW - 60),
        during(config="gate-v1", pending_config="gate-v2-again", modified_at=NOW - 10),
        head(),
        Close(
            "FraudDetectionGroup/2 was live; gate-v1 was put in its place before the requests that reached it were "
            "counted",
            NOW,
            outcome=Outcome.SUCCEEDED,
        ),
    ),
    (
        "the endpoint was deleted during the rollout: somebody else acted",
        ATTEMPT,
        Observed(None),
        head(live=live(1)),
        Close(
            "the endpoint was deleted manually during the rollout",
            NOW,
            outcome=Outcome.SUPERSEDED,
            alert="the endpoint was deleted manually during the rollout",
        ),
    ),
    (
        "created a moment ago and not to be seen: DescribeEndpoint may be behind",
        attempt(1, purpose=Purpose.CREATE, opened_at=NOW - 10, accepted_at=NOW - 10),
        Observed(None),
        head(),
        Wait("the rollout of FraudDetectionGroup/1 is not visible yet", reconcile_at=NOW + 80),
    ),
    (
        "another invocation is between its intent and the create: defer",
        attempt(1, purpose=Purpose.CREATE, accepted_at=None, opened_at=NOW - 30),
        Observed(None),
        head(),
        Defer("another invocation is about to create the endpoint", reconcile_at=NOW - 30 + 90),
    ),
    (
        "no sign that the create was ever accepted: one more try",
        attempt(2, purpose=Purpose.CREATE, accepted_at=None),
        Observed(None),
        head(),
        failed("there is no sign that CreateEndpoint was accepted", retry(1, 300, unseen=1)),
    ),
    (
        "the create failed: quarantine, and alert with the command that mends it",
        CREATE,
        observed(endpoint=endpoint(status="Failed", failure_reason="no model data")),
        head(),
        Close(
            "the endpoint is Failed (no model data); AWS allows nothing but to delete it: "
            "aws sagemaker delete-endpoint --endpoint-name fraud-detection; then approve a version again",
            NOW,
            outcome=Outcome.FAILED,
            quarantine=True,
            alert="the endpoint is Failed (no model data); AWS allows nothing but to delete it: "
            "aws sagemaker delete-endpoint --endpoint-name fraud-detection; then approve a version again",
            notice=Notice(Code.NOT_IN_SERVICE, "Failed gate-v1: no model data"),
        ),
    ),
    (
        "the rolling rollback failed: alert, the attempt stays open until a person has mended the endpoint",
        ATTEMPT,
        observed(endpoint=endpoint(status="UpdateRollbackFailed")),
        head(),
        Alert(
            "the endpoint is UpdateRollbackFailed and serves a mixed fleet; put it on a good config: "
            "aws sagemaker update-endpoint --endpoint-name fraud-detection --endpoint-config-name gate-v1",
            notice=Notice(Code.NOT_IN_SERVICE, "UpdateRollbackFailed gate-v1: "),
        ),
    ),
    (
        "OutOfService during the attempt: alert",
        ATTEMPT,
        observed(endpoint=endpoint(status="OutOfService")),
        head(),
        Alert(
            "the endpoint is OutOfService and takes no requests; see its CloudWatch logs",
            notice=Notice(Code.NOT_IN_SERVICE, "OutOfService gate-v1: "),
        ),
    ),
]


@pytest.mark.parametrize(("open_one", "seen", "row", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_judges(open_one: Attempt, seen: Observed, row: Head, expected: Any) -> None:
    assert judge(seen, row, open_one, NOW) == expected
