"""The decision table for an endpoint without an open attempt. One line per rule; the whole decision is compared."""

import dataclasses
from typing import Any

import botocore.session
import pytest

from lambdas.gate.decide.action import (
    Alert,
    Confirm,
    Create,
    Hold,
    Keep,
    NeedEvidence,
    RecordChange,
    Refuse,
    Scale,
    Update,
    Wait,
)
from lambdas.gate.decide.decision import decide
from lambdas.gate.policy.verdict import Answer, Verdict
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.serving import Serving, Variable
from lambdas.gate.spec.spec import Freeze, Gate, Spec, Variant
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.autoscaling_change import OFF, AutoscalingChange
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import BUSY, EndpointStatus, Observed
from lambdas.gate.state.orders import Override
from lambdas.gate.state.pin import Artifact, Pin
from lambdas.gate.state.tries import Quarantined, Retry
from tests.lambdas.builders import (
    NOW,
    PIN,
    REVIEWER,
    SPEC,
    approval,
    arn,
    endpoint,
    fired,
    head,
    live,
    observed,
    package,
)

KEEP = Keep("the live version is the wanted one")
DEBUGGING = dataclasses.replace(SPEC, serving=Serving(environment=(Variable("LOG_LEVEL", "debug"),)))
LARGER = dataclasses.replace(SPEC, variant=Variant("AllTraffic", "ml.m5.xlarge", 3))
STANDING = "approval-gate/fraud-detection/standing/model-errors"
MISSING = Observed(endpoint=None)
MODEL = Artifact("s3://example-models/fraud/1.tar.gz", "etag-1", None, NOW - 2000)


def update(number: int, **fields: object) -> Any:
    defaults = {
        "reason": f"put FraudDetectionGroup/{number} live, approved by {REVIEWER}",
        "approval": approval(number),
        "purpose": Purpose.UPDATE,
    }
    return Update(**defaults | fields)  # type: ignore[arg-type]


def v1_live(**fields: object) -> Head:
    return head(live=live(1), **fields)


def v2_live(**fields: object) -> Head:
    return head(live=live(2), good=(live(1),), **fields)


NO_WAY_BACK = (
    "FraudDetectionGroup/1 is live and was revoked; there is no good version to revert to, so it keeps serving"
)
NO_GOOD_VERSION = Alert(
    "FraudDetectionGroup/2 is live and was revoked; there is no good version to revert to, so it keeps serving",
    notice=Notice(Code.NO_GOOD_VERSION, f"{arn(2)}: revoked"),
)
V2 = observed(endpoint=endpoint("gate-v2"))


def paused(reason: str) -> Notice:
    return Notice(Code.ENDPOINT_PAUSED, reason)


CASES: list[tuple[str, Spec, Observed, Head, Any]] = [
    # 1. missing
    (
        "nothing was ever approved and there is no endpoint: keep",
        SPEC,
        MISSING,
        head(approved=()),
        Keep("the endpoint does not exist and no version waits for it"),
    ),
    (
        "the endpoint is missing and a version is wanted: create it",
        SPEC,
        observed(endpoint=None, packages={arn(1): package(1)}),
        head(approvals=(approval(1),)),
        Create(
            f"create the endpoint with FraudDetectionGroup/1, approved by {REVIEWER}",
            approval=approval(1),
        ),
    ),
    (
        "the endpoint is missing, a version is wanted, and it is paused: hold",
        SPEC,
        observed(endpoint=None, packages={arn(1): package(1)}),
        head(approvals=(approval(1),), paused="audit"),
        Hold("paused: audit", notice=paused("audit"), approval=approval(1)),
    ),
    (
        "the endpoint that was live was deleted by hand: alert, do not create it again",
        SPEC,
        MISSING,
        v1_live(),
        Alert(
            "the endpoint, which served FraudDetectionGroup/1, was deleted manually; "
            "approve a version to create it again",
            notice=Notice(Code.ENDPOINT_DELETED, arn(1)),
        ),
    ),
    (
        "the endpoint was deleted by hand and a version was approved since: create it",
        SPEC,
        observed(endpoint=None, packages={arn(2): package(2)}),
        v1_live(approvals=(approval(2),)),
        Create(
            f"create the endpoint with FraudDetectionGroup/2, approved by {REVIEWER}",
            approval=approval(2),
        ),
    ),
    # 2. busy, by somebody else
    *(
        (
            f"the endpoint is {status}: wait, whatever is wanted",
            SPEC,
            observed(endpoint=endpoint(status=status), described=[2]),
            v1_live(approvals=(approval(2),)),
            Wait(f"the endpoint is {status}, and Approval Gate did not start that", reconcile_at=NOW + 300),
        )
        for status in ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
    ),
    # 3. not in service
    (
        "the endpoint is Failed: alert with the command that mends it",
        SPEC,
        observed(endpoint=endpoint(status="Failed", failure_reason="no image")),
        head(),
        Alert(
            "the endpoint is Failed (no image); AWS allows nothing but to delete it: "
            "aws sagemaker delete-endpoint --endpoint-name fraud-detection; then approve a version again",
            notice=Notice(Code.NOT_IN_SERVICE, "Failed gate-v1: no image"),
        ),
    ),
    (
        "a rolling update and its rollback failed: alert",
        SPEC,
        observed(endpoint=endpoint(status="UpdateRollbackFailed")),
        v1_live(),
        Alert(
            "the endpoint is UpdateRollbackFailed and serves a mixed fleet; put it on a good config: "
            "aws sagemaker update-endpoint --endpoint-name fraud-detection --endpoint-config-name gate-v1",
            notice=Notice(Code.NOT_IN_SERVICE, "UpdateRollbackFailed gate-v1: "),
        ),
    ),
    (
        "the endpoint is OutOfService: alert",
        SPEC,
        observed(endpoint=endpoint(status="OutOfService")),
        v1_live(),
        Alert(
            "the endpoint is OutOfService and takes no requests; see its CloudWatch logs",
            notice=Notice(Code.NOT_IN_SERVICE, "OutOfService gate-v1: "),
        ),
    ),
    (
        "AWS has a new status: alert",
        SPEC,
        observed(endpoint=endpoint(status="Hibernating"), described=[2]),
        v1_live(approvals=(approval(2),)),
        Alert(
            "the endpoint has a status unknown to this version of Approval Gate: Hibernating",
            notice=Notice(Code.NOT_IN_SERVICE, "Hibernating gate-v1: "),
        ),
    ),
    # 4. changed by hand
    (
        "it serves a config that nobody here put there: report it",
        SPEC,
        observed(endpoint=endpoint("hotfix"), described=[2]),
        v1_live(approvals=(approval(2),)),
        RecordChange(
            "manual change: the endpoint serves hotfix instead of gate-v1",
            reconcile_at=NOW,
        ),
    ),
    (
        "what somebody put there serves while a further change is under way: report it, as that may put back gate-v1",
        SPEC,
        observed(endpoint=endpoint("hotfix", status="Updating", modified_at=NOW - 10)),
        v1_live(),
        RecordChange(
            "manual change: the endpoint serves hotfix instead of gate-v1",
            reconcile_at=NOW,
        ),
    ),
    *(
        (
            f"what somebody put there is {status}: report that it is there, as an approval from now on is later",
            SPEC,
            observed(endpoint=endpoint("hotfix", status=status), described=[2]),
            v1_live(approvals=(approval(2),)),
            RecordChange(
                "manual change: the endpoint serves hotfix instead of gate-v1",
                reconcile_at=NOW,
            ),
        )
        for status in ("UpdateRollbackFailed", "OutOfService")
    ),
    (
        "what somebody created anew by hand has Failed: alert",
        SPEC,
        observed(endpoint=endpoint("hotfix", status="Failed")),
        v1_live(),
        Alert(
            "the endpoint is Failed; AWS allows nothing but to delete it: "
            "aws sagemaker delete-endpoint --endpoint-name fraud-detection; then approve a version again",
            notice=Notice(Code.NOT_IN_SERVICE, "Failed hotfix: "),
        ),
    ),
    (
        "an answer from before what is live: wait",
        SPEC,
        observed(endpoint=endpoint("gate-v0", status="Updating", modified_at=live(1).since)),
        v1_live(),
        Wait("the endpoint is Updating, and Approval Gate did not start that", reconcile_at=NOW + 300),
    ),
    *(
        (
            f"what somebody put there serves, and the endpoint is {status}: report it when that is over",
            SPEC,
            observed(endpoint=endpoint("hotfix", status=status, modified_at=NOW - 10)),
            v1_live(),
            Wait(f"the endpoint is {status}, and Approval Gate did not start that", reconcile_at=NOW + 300),
        )
        for status in ("Creating", "SystemUpdating", "RollingBack", "Deleting")
    ),
    # 5. holds
    (
        "paused: hold",
        SPEC,
        observed(described=[2]),
        v1_live(approvals=(approval(2),), paused="incident 7"),
        Hold("paused: incident 7", notice=paused("incident 7"), approval=approval(2)),
    ),
    (
        "paused without a reason, as an older version took it: hold",
        SPEC,
        observed(described=[2]),
        v1_live(approvals=(approval(2),), paused=""),
        Hold("paused: no reason was given", notice=paused("no reason was given"), approval=approval(2)),
    ),
    (
        "the live version was revoked while paused without a reason: hold",
        SPEC,
        V2,
        v2_live(approved=(1,), paused=""),
        Hold("paused: no reason was given", notice=paused("no reason was given")),
    ),
    (
        "paused for a time: hold until then",
        SPEC,
        observed(described=[2]),
        v1_live(approvals=(approval(2),), paused="freeze", paused_until=NOW + 60),
        Hold(
            "paused: freeze (until 2027-01-15T08:01:00Z)",
            reconcile_at=NOW + 60,
            notice=paused("freeze (until 2027-01-15T08:01:00Z)"),
            approval=approval(2),
        ),
    ),
    ("paused and nothing is wanted: keep", SPEC, observed(), v1_live(paused="incident 7"), KEEP),
    (
        "the endpoint's variant has another name: hold, or guardrails would be refused",
        SPEC,
        observed(endpoint=endpoint(variants=("blue",)), described=[2]),
        v1_live(approvals=(approval(2),)),
        Hold(
            "the endpoint's variants are blue, but the spec's is AllTraffic: deployment guardrails need the same names",
            reconcile_at=NOW + 300,
            notice=Notice(Code.OTHER_VARIANTS, "blue | AllTraffic"),
        ),
    ),
    (
        "the endpoint is of another kind than the spec's, so nothing is rolled out; its autoscaling is changed all the "
        "same",
        dataclasses.replace(SPEC, variant=Variant("AllTraffic", serverless=Serverless(2048, 20))),
        observed(described=[2]),
        v1_live(approvals=(approval(2),), scaling=AutoscalingChange("abc", NOW - 5000, done=True)),
        Scale("AllTraffic is no longer autoscaled", reconcile_at=NOW, digest=OFF),
    ),
    # 6. the newest approval
    ("nothing new: keep", SPEC, observed(), v1_live(), KEEP),
    ("a new approval: update", SPEC, observed(described=[2]), v1_live(approvals=(approval(2),)), update(2)),
    (
        "approved last wins, not the highest number",
        SPEC,
        observed(endpoint=endpoint("gate-v5"), described=[3]),
        head(live=live(5), approvals=(approval(3, order=9),)),
        update(3, approval=approval(3, order=9)),
    ),
    (
        "two approvals wait: the later one goes",
        SPEC,
        observed(described=[4, 5]),
        v1_live(approvals=(approval(5, order=8), approval(4, order=9, at=NOW - 999))),
        update(4, approval=approval(4, order=9, at=NOW - 999)),
    ),
    (
        "two approvals of one second wait: the higher number goes, however they were seen",
        SPEC,
        observed(described=[9, 10]),
        v1_live(approved=(1, 9, 10), approvals=(approval(10, order=8), approval(9, order=9, at=NOW - 999.5))),
        update(10, approval=approval(10, order=8)),
    ),
    (
        "an adopted endpoint moves at the next approval",
        SPEC,
        observed(endpoint=endpoint("by-hand"), described=[2]),
        head(live=live(None), approvals=(approval(2),)),
        update(2),
    ),
    ("an adopted endpoint stays until then", SPEC, observed(endpoint=endpoint("by-hand")), head(live=live(None)), KEEP),
    (
        "the live version is approved again: confirm, change nothing",
        SPEC,
        observed(described=[1]),
        v1_live(approvals=(approval(1, order=9),)),
        Confirm(
            "FraudDetectionGroup/1 was approved again and is live",
            reconcile_at=NOW,
            approval=approval(1, order=9),
        ),
    ),
    # the gate
    (
        "the approval was revoked before we came to it: refuse",
        SPEC,
        observed(packages={arn(2): package(2, approval_status="Rejected")}),
        v1_live(approvals=(approval(2),)),
        Refuse(
            "FraudDetectionGroup/2 is refused: its approval status is Rejected",
            reconcile_at=NOW,
            approval=approval(2),
            verdict=Verdict(Answer.REFUSED, "its approval status is Rejected"),
        ),
    ),
    (
        "the package failed: refuse",
        SPEC,
        observed(packages={arn(2): package(2, status="Failed")}),
        v1_live(approvals=(approval(2),)),
        Refuse(
            "FraudDetectionGroup/2 is refused: its package is Failed",
            reconcile_at=NOW,
            approval=approval(2),
            verdict=Verdict(Answer.REFUSED, "its package is Failed"),
        ),
    ),
    (
        "the package was deleted: refuse",
        SPEC,
        observed(packages={arn(2): None}),
        v1_live(approvals=(approval(2),)),
        Refuse(
            "FraudDetectionGroup/2 is refused: the version does not exist any more",
            reconcile_at=NOW,
            approval=approval(2),
            verdict=Verdict(Answer.REFUSED, "the version does not exist any more"),
        ),
    ),
    (
        "the package is not ready: hold, and never fall through to an older approval",
        SPEC,
        observed(packages={arn(3): package(3, status="InProgress")}, described=[2]),
        v1_live(approvals=(approval(2), approval(3))),
        Hold(
            "FraudDetectionGroup/3 is on hold: its package is still InProgress",
            reconcile_at=NOW + 300,
            notice=Notice(Code.CHECKS_FAILED, "3: InProgress"),
            approval=approval(3),
        ),
    ),
    (
        "the package could not be read: hold, and never fall through to an older approval",
        SPEC,
        observed(described=[2]),
        v1_live(approvals=(approval(2), approval(3))),
        Hold(
            "FraudDetectionGroup/3 could not be read",
            reconcile_at=NOW + 300,
            notice=Notice(Code.VERSION_UNREADABLE, arn(3)),
            approval=approval(3),
        ),
    ),
    # nothing good to go back to, and the newest approval cannot go
    (
        "what is live was revoked, and the newest is held: people are told both",
        SPEC,
        observed(packages={arn(2): package(2, status="InProgress")}),
        v1_live(approved=(2,), approvals=(approval(2),)),
        Hold(
            f"FraudDetectionGroup/2 is on hold: its package is still InProgress; {NO_WAY_BACK}",
            reconcile_at=NOW + 300,
            notice=Notice(Code.CHECKS_FAILED, f"2: InProgress; no_good_version/{arn(1)}: revoked"),
            approval=approval(2),
        ),
    ),
    (
        "the same, and the newest is refused: that first",
        SPEC,
        observed(packages={arn(2): package(2, status="Failed")}),
        v1_live(approved=(2,), approvals=(approval(2),)),
        Refuse(
            "FraudDetectionGroup/2 is refused: its package is Failed",
            reconcile_at=NOW,
            approval=approval(2),
            verdict=Verdict(Answer.REFUSED, "its package is Failed"),
        ),
    ),
    (
        "the same, and the newest is tried again later: alert, and look again then",
        SPEC,
        observed(described=[2]),
        v1_live(approved=(2,), approvals=(approval(2),), retries=(Retry(2, SPEC.settings, 1, 0, NOW + 200),)),
        Alert(NO_WAY_BACK, reconcile_at=NOW + 200, notice=Notice(Code.NO_GOOD_VERSION, f"{arn(1)}: revoked")),
    ),
    # retries
    (
        "it failed for a reason that may pass and its time has not come: wait",
        SPEC,
        observed(described=[2]),
        v1_live(approvals=(approval(2),), retries=(Retry(2, SPEC.settings, 1, 0, NOW + 200),)),
        Wait("FraudDetectionGroup/2 is tried again later", reconcile_at=NOW + 200),
    ),
    (
        "its time has come: try again",
        SPEC,
        observed(described=[2]),
        v1_live(approvals=(approval(2),), retries=(Retry(2, SPEC.settings, 1, 0, NOW),)),
        update(2),
    ),
    # the way back
    (
        "the live version was revoked: back to the last good one",
        SPEC,
        V2,
        v2_live(approved=(1, 3)),
        Update(
            "FraudDetectionGroup/2 is live and was revoked; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
        ),
    ),
    (
        "the last good version was revoked too: back to the one before it",
        SPEC,
        observed(endpoint=endpoint("gate-v3")),
        head(live=live(3), good=(live(2), live(1)), approved=(1,)),
        Update(
            "FraudDetectionGroup/3 is live and was revoked; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
        ),
    ),
    (
        "the last good version was rolled back meanwhile: it is not good any more",
        SPEC,
        V2,
        v2_live(approved=(), quarantined=(Quarantined(approval(1), SPEC.settings, "5xx"),)),
        NO_GOOD_VERSION,
    ),
    (
        "the last good version was approved again since, and rolled back: it is not good any more",
        SPEC,
        observed(endpoint=endpoint("gate-v3")),
        head(
            live=live(3),
            good=(live(2), live(1)),
            approved=(1, 2),
            quarantined=(Quarantined(approval(2, order=7, at=NOW - 60), SPEC.settings, "5xx"),),
        ),
        Update(
            "FraudDetectionGroup/3 is live and was revoked; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
        ),
    ),
    (
        "the last good version was rolled back before it was approved and good",
        SPEC,
        observed(endpoint=endpoint("gate-v3")),
        head(
            live=live(3),
            good=(live(2, approval=approval(2, order=7, at=NOW - 60)), live(1)),
            approved=(1, 2),
            quarantined=(Quarantined(approval(2), SPEC.settings, "5xx"),),
        ),
        Update(
            "FraudDetectionGroup/3 is live and was revoked; back to FraudDetectionGroup/2",
            approval=approval(2, order=7, at=NOW - 60),
            purpose=Purpose.REVERT,
        ),
    ),
    (
        "the last good version failed with the spec's settings, which are not its own: back to it with its own",
        LARGER,
        V2,
        v2_live(approved=(1,), quarantined=(Quarantined(approval(1), LARGER.settings, "5xx"),)),
        Update(
            "FraudDetectionGroup/2 is live and was revoked; back to FraudDetectionGroup/1 with its former settings",
            approval=approval(1),
            purpose=Purpose.REVERT,
            settings=SPEC.settings,
        ),
    ),
    (
        "an older good version did not fail with the spec's settings: back to that one",
        LARGER,
        observed(endpoint=endpoint("gate-v3")),
        head(
            live=live(3),
            good=(live(2), live(1)),
            approved=(1, 2),
            quarantined=(Quarantined(approval(2), LARGER.settings, "5xx"),),
        ),
        Update(
            "FraudDetectionGroup/3 is live and was revoked; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
        ),
    ),
    (
        "what the older one loads is not what was approved: back to the last good one with its own settings",
        LARGER,
        observed(endpoint=endpoint("gate-v3")),
        head(
            live=live(3),
            good=(live(2), live(1, differs="it was changed")),
            approved=(1, 2),
            quarantined=(Quarantined(approval(2), LARGER.settings, "5xx"),),
        ),
        Update(
            "FraudDetectionGroup/3 is live and was revoked; back to FraudDetectionGroup/2 with its former settings",
            approval=approval(2),
            purpose=Purpose.REVERT,
            settings=SPEC.settings,
        ),
    ),
    (
        "an operator left a version whose settings are not known: it is not good any more",
        LARGER,
        V2,
        head(
            live=live(2),
            good=(live(1, settings=None),),
            approved=(1,),
            quarantined=(Quarantined(approval(1), "", "an operator ordered the rollback"),),
        ),
        NO_GOOD_VERSION,
    ),
    (
        "the last good version failed with the spec's settings and with its own: it is not good any more",
        LARGER,
        V2,
        v2_live(
            approved=(1,),
            quarantined=(
                Quarantined(approval(1), LARGER.settings, "5xx"),
                Quarantined(approval(1), SPEC.settings, "5xx"),
            ),
        ),
        NO_GOOD_VERSION,
    ),
    (
        "it failed with the spec's settings after it was approved again: it may be the version",
        LARGER,
        V2,
        v2_live(approved=(1,), quarantined=(Quarantined(approval(1, order=7, at=NOW - 60), LARGER.settings, "5xx"),)),
        NO_GOOD_VERSION,
    ),
    (
        "it failed with the spec's settings, and its own are not known: it may be the version",
        LARGER,
        V2,
        head(
            live=live(2),
            good=(live(1, settings=None),),
            approved=(1,),
            quarantined=(Quarantined(approval(1), LARGER.settings, "5xx"),),
        ),
        NO_GOOD_VERSION,
    ),
    (
        "a newer approval goes before the way back",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), described=[3]),
        v2_live(approved=(1, 3), approvals=(approval(3),)),
        update(3),
    ),
    (
        "a newer approval must wait, so the revoked version does not serve till then",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), described=[3]),
        v2_live(approved=(1, 3), approvals=(approval(3),), retries=(Retry(3, SPEC.settings, 1, 0, NOW + 200),)),
        Update(
            "FraudDetectionGroup/2 is live and was revoked; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
        ),
    ),
    (
        "the live version was revoked while paused: hold",
        SPEC,
        V2,
        v2_live(approved=(1,), paused="audit"),
        Hold("paused: audit", notice=paused("audit")),
    ),
    (
        "a standing alarm fired within the watch window: back, and quarantine",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), standing=(fired(STANDING),)),
        head(live=live(2, since=NOW - 3600), good=(live(1),)),
        Update(
            f"FraudDetectionGroup/2 is live and {STANDING} fired: Threshold Crossed; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
            quarantines_live=True,
            fired=(fired(STANDING),),
        ),
    ),
    (
        "the live version burns and a newer one was approved: forward, and quarantine what burns",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), described=[3], standing=(fired(STANDING),)),
        head(live=live(2, since=NOW - 3600), good=(live(1),), approvals=(approval(3),)),
        Update(
            f"put FraudDetectionGroup/3 live, approved by {REVIEWER}, "
            f"in place of FraudDetectionGroup/2, whose alarm {STANDING} fired",
            approval=approval(3),
            purpose=Purpose.UPDATE,
            quarantines_live=True,
            fired=(fired(STANDING),),
        ),
    ),
    (
        "a newer one was approved while the alarm may still tell of a fleet that was rolled back: nobody to blame",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), described=[3], standing=(fired(STANDING),)),
        head(live=live(2, since=NOW - 3600), approvals=(approval(3),), clears_at=NOW + 1),
        Update(
            f"put FraudDetectionGroup/3 live, approved by {REVIEWER}",
            approval=approval(3),
            purpose=Purpose.UPDATE,
        ),
    ),
    (
        "the approval that was given last wins, not the one that was seen last",
        SPEC,
        observed(endpoint=endpoint("gate-v1"), described=[2, 3]),
        head(live=live(1), approvals=(approval(3, order=10, at=NOW - 10), approval(2, order=11, at=NOW - 20))),
        Update(
            f"put FraudDetectionGroup/3 live, approved by {REVIEWER}",
            approval=approval(3, order=10, at=NOW - 10),
            purpose=Purpose.UPDATE,
        ),
    ),
    (
        "a standing alarm may still tell of a fleet that was rolled back: wait, the live version is not to blame",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), standing=(fired(STANDING),)),
        head(live=live(2, since=NOW - 3600), good=(live(1),), clears_at=NOW + 1),
        Wait(
            f"{STANDING} may still be about the fleet that was rolled back; it is read again later",
            reconcile_at=NOW + 1,
        ),
    ),
    (
        "a standing alarm fires when no rolled back fleet can be to blame any more: back",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), standing=(fired(STANDING),)),
        head(live=live(2, since=NOW - 3600), good=(live(1),), clears_at=NOW),
        Update(
            f"FraudDetectionGroup/2 is live and {STANDING} fired: Threshold Crossed; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
            quarantines_live=True,
            fired=(fired(STANDING),),
        ),
    ),
    (
        "it burned, its replacement failed, and the alarm is out by now: back all the same",
        SPEC,
        observed(endpoint=endpoint("gate-v2")),
        head(
            live=live(2, since=NOW - 9000),
            good=(live(1),),
            quarantined=(Quarantined(approval(2), SPEC.settings, "5xx"),),
        ),
        Update(
            "FraudDetectionGroup/2 is live and is quarantined; back to FraudDetectionGroup/1",
            approval=approval(1),
            purpose=Purpose.REVERT,
        ),
    ),
    (
        "a standing alarm fired after the watch window: keep",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), standing=(fired(STANDING),)),
        head(live=live(2, since=NOW - 3701), good=(live(1),)),
        KEEP,
    ),
    (
        "a standing alarm was burning before the promotion: keep",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), standing=(fired(STANDING, at=NOW - 200),)),
        head(live=live(2, since=NOW - 100), good=(live(1),)),
        KEEP,
    ),
    (
        "a standing alarm was burning when the live version was approved again: keep",
        SPEC,
        observed(endpoint=endpoint("gate-v2"), standing=(fired(STANDING, at=NOW - 200),)),
        head(live=live(2, since=NOW - 3600, approval=approval(2, at=NOW - 100)), good=(live(1),)),
        KEEP,
    ),
    # the spec's settings
    (
        "the spec's variant changed: the live version on the new settings",
        LARGER,
        observed(),
        v1_live(),
        Update(
            "the spec changed: FraudDetectionGroup/1 on 3 x ml.m5.xlarge",
            approval=approval(1),
            purpose=Purpose.RESIZE,
        ),
    ),
    (
        "the spec's other settings changed: the live version with them",
        DEBUGGING,
        observed(),
        v1_live(),
        Update(
            "the spec changed: FraudDetectionGroup/1 with other settings",
            approval=approval(1),
            purpose=Purpose.RESIZE,
        ),
    ),
    (
        "the changed settings were rolled back: keep what was live before",
        LARGER,
        observed(),
        v1_live(quarantined=(Quarantined(approval(1), LARGER.settings, "5xx"),)),
        Keep("the entry's changed settings were rolled back; the former settings stay"),
    ),
    (
        "the settings of an adopted config are not known, so the spec does not resize it",
        LARGER,
        observed(endpoint=endpoint("by-hand")),
        head(live=dataclasses.replace(live(None), approval=approval(1))),
        KEEP,
    ),
    (
        "the live version is approved again and the settings changed too: one update does both",
        LARGER,
        observed(described=[1]),
        v1_live(approvals=(approval(1, order=9),)),
        update(1, approval=approval(1, order=9)),
    ),
]


@pytest.mark.parametrize(("spec", "seen", "row", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_decides(spec: Spec, seen: Observed, row: Head, expected: Any) -> None:
    decision: Any = decide(spec, seen, row, NOW)
    # What the gate says about what it lets pass or holds is below.
    has_verdict = isinstance(decision, Create | Update | Hold)
    assert (dataclasses.replace(decision, verdict=None) if has_verdict else decision) == expected


# The gate. What each check says is in its own table, test_gate.

FROZEN = dataclasses.replace(SPEC, gate=Gate(freeze=(Freeze("* * * * *", 1, "UTC"),)))
CHOSEN = dataclasses.replace(SPEC, gate=Gate(images=("other",)))
AUTHORED = dataclasses.replace(SPEC, gate=Gate(four_eyes=True))
OTHER_PIN = dataclasses.replace(PIN, specification="fedcba9876543210")
FOUR_EYES = "four_eyes could not be evaluated: found SageMaker does not say who registered it, "


def test_what_passes_the_gate_carries_its_verdict() -> None:
    decision = decide(SPEC, observed(described=[2]), v1_live(approvals=(approval(2),)), NOW)
    assert isinstance(decision, Update)
    verdict = decision.verdict
    assert verdict is not None
    assert (verdict.answer, [check.name for check in verdict.checks]) == (
        Answer.PASSED,
        ["containers", "artifacts", "pin"],
    )


def test_a_shut_gate_holds_and_is_looked_at_again() -> None:
    decision = decide(AUTHORED, observed(described=[2]), v1_live(approvals=(approval(2),)), NOW)
    assert isinstance(decision, Hold)
    assert (decision.reconcile_at, decision.approval) == (NOW + 300, approval(2))
    assert decision.notice == Notice(Code.CHECKS_FAILED, "2: four_eyes unread registrant")
    assert decision.reason.startswith(f"FraudDetectionGroup/2 is on hold: {FOUR_EYES}")
    assert decision.verdict is not None
    assert decision.verdict.answer is Answer.HELD


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (Wait, NOW + 20)),
        ({"at": NOW - 120}, (Hold, NOW + 300)),
        ({"inferred": False}, (Hold, NOW + 300)),
        ({"uncertain": False}, (Hold, NOW + 300)),
    ],
)
def test_the_event_that_says_who_approved_is_waited_for(fields: dict[str, Any], expected: tuple[type, float]) -> None:
    found = approval(2, **{"at": NOW - 100, "inferred": True, "uncertain": True} | fields)
    decision = decide(AUTHORED, observed(described=[2]), v1_live(approvals=(found,)), NOW)
    assert (type(decision), decision.reconcile_at) == expected


def test_a_hold_says_the_same_as_long_as_it_stands() -> None:
    said = {
        decide(AUTHORED, observed(described=[2]), v1_live(approvals=(approval(2),)), NOW + later).reason
        for later in (0, 300, 86_400)
    }
    assert len(said) == 1


def test_a_hold_that_ends_by_itself_is_looked_at_when_it_ends() -> None:
    decision = decide(FROZEN, observed(described=[2]), v1_live(approvals=(approval(2),)), NOW)
    assert isinstance(decision, Hold)
    assert decision.verdict is not None
    assert decision.reconcile_at == decision.verdict.reconcile_at
    assert decision.reconcile_at is not None
    assert decision.reconcile_at > NOW


def test_with_evidence_of_which_nothing_was_read_the_gate_is_shut() -> None:
    blind = observed(described=[2], evidence=Evidence())
    assert type(decide(SPEC, blind, v1_live(approvals=(approval(2),)), NOW)) is Hold


def test_what_was_changed_after_its_approval_is_refused_and_an_older_approval_does_not_go_instead() -> None:
    changed = observed(described=[1, 2, 3], evidence=Evidence(pin=OTHER_PIN))
    decision = decide(SPEC, changed, v1_live(approvals=(approval(2), approval(3))), NOW)
    assert isinstance(decision, Refuse)
    assert decision.approval == approval(3)
    assert "its InferenceSpecification was changed after the approval" in decision.reason


def test_an_override_of_another_approval_lets_nothing_pass() -> None:
    def action(order: int) -> type:
        row = v1_live(approvals=(approval(2),), overrides=(Override(order, "images", "arn:op", "incident", NOW),))
        return type(decide(CHOSEN, observed(described=[2]), row, NOW))

    assert [action(2), action(3)] == [Update, Hold]


def test_what_was_let_pass_is_said_when_it_goes() -> None:
    row = v1_live(approvals=(approval(2),), overrides=(Override(2, "images", "arn:op", "incident", NOW),))
    reason = decide(CHOSEN, observed(described=[2]), row, NOW).reason
    assert reason.startswith(f"put FraudDetectionGroup/2 live, approved by {REVIEWER}; images failed: ")
    assert reason.endswith("(overridden by arn:op: incident)")


@pytest.mark.parametrize("spec", [FROZEN, AUTHORED])
def test_the_way_back_goes_through_a_shut_gate(spec: Spec) -> None:
    burns = observed(endpoint=endpoint("gate-v2"), described=[3], standing=(fired(STANDING),))
    row = v2_live(approvals=(approval(3),))
    row = dataclasses.replace(row, live=dataclasses.replace(live(2), since=NOW - 200))
    decision = decide(spec, burns, row, NOW)
    assert isinstance(decision, Update)
    assert decision.purpose is Purpose.REVERT


@pytest.mark.parametrize(
    ("pinned", "pin", "action"),
    [
        (PIN, True, Confirm),
        (None, True, Hold),
        (OTHER_PIN, True, Update),
        (OTHER_PIN, False, Update),
        (dataclasses.replace(PIN, artifacts=(MODEL,)), True, Confirm),
    ],
    ids=["as it is", "could not be read", "changed", "changed, without pins", "pinned in full since"],
)
def test_the_live_version_approved_again(pinned: Pin | None, *, pin: bool, action: type) -> None:
    """What was changed and approved again is not what serves."""
    again = approval(1, order=9, pin=pinned)
    seen = observed(described=[1], evidence=Evidence(pin=pinned))
    spec = dataclasses.replace(SPEC, gate=Gate(pin=pin))
    assert type(decide(spec, seen, v1_live(approvals=(again,)), NOW)) is action


def test_artifacts_that_are_not_pinned_any_more_are_no_change() -> None:
    row = v1_live(approvals=(approval(1, order=9),))
    served = approval(1, pin=dataclasses.replace(PIN, artifacts=(MODEL,)))
    row = dataclasses.replace(row, live=live(1, approval=served))
    without = dataclasses.replace(SPEC, gate=Gate(pin=False))
    assert type(decide(without, observed(described=[1]), row, NOW)) is Confirm


# Without evidence: which approval the gate is about to be asked about. Evidence is read about no other.

ASKED: list[tuple[str, Observed, Head, int | None]] = [
    ("a new approval", observed(described=[2]), v1_live(approvals=(approval(2),)), 2),
    ("two: the newest", observed(described=[2, 3]), v1_live(approvals=(approval(2), approval(3))), 3),
    ("no endpoint", observed(endpoint=None, described=[2]), head(approvals=(approval(2),)), 2),
    ("nothing waits", observed(), v1_live(), None),
    ("busy", observed(endpoint=endpoint(status="Updating"), described=[2]), v1_live(approvals=(approval(2),)), None),
    ("changed by hand", observed(endpoint=endpoint("x"), described=[2]), v1_live(approvals=(approval(2),)), None),
    ("nothing known to be live", observed(described=[2]), head(approvals=(approval(2),)), None),
    ("what is live", observed(described=[1]), v1_live(approvals=(approval(1, order=9),)), None),
    ("not described", observed(), v1_live(approvals=(approval(2),)), None),
    (
        "rejected",
        observed(packages={arn(2): package(2, approval_status="Rejected")}),
        v1_live(approvals=(approval(2),)),
        None,
    ),
    (
        "not ready",
        observed(packages={arn(2): package(2, status="InProgress")}),
        v1_live(approvals=(approval(2),)),
        None,
    ),
    ("paused", observed(described=[2]), v1_live(approvals=(approval(2),), paused="audit"), None),
    (
        "tried again later",
        observed(described=[2]),
        v1_live(approvals=(approval(2),), retries=(Retry(2, SPEC.settings, 1, 0, NOW + 1),)),
        None,
    ),
]


@pytest.mark.parametrize(("seen", "row", "number"), [c[1:] for c in ASKED], ids=[c[0] for c in ASKED])
def test_needs_evidence(seen: Observed, row: Head, number: int | None) -> None:
    decision = decide(SPEC, dataclasses.replace(seen, evidence=None), row, NOW)
    assert (decision.approval.version if isinstance(decision, NeedEvidence) else None) == (number and arn(number))


@pytest.mark.parametrize(("spec", "seen", "row"), [c[1:4] for c in CASES], ids=[c[0] for c in CASES])
def test_needs_evidence_of_what_the_gate_was_asked_about(spec: Spec, seen: Observed, row: Head) -> None:
    """And of nothing else: without evidence any other decision is the same."""
    without, decision = decide(spec, dataclasses.replace(seen, evidence=None), row, NOW), decide(spec, seen, row, NOW)
    if not isinstance(without, NeedEvidence):
        assert without == decision
    elif isinstance(decision, Create | Update) and decision.purpose is not Purpose.REVERT:
        assert decision.verdict is not None
        assert decision.approval == without.approval


@pytest.mark.parametrize(("spec", "seen", "row"), [c[1:4] for c in CASES], ids=[c[0] for c in CASES])
def test_needs_evidence_no_more_once_it_is_read(spec: Spec, seen: Observed, row: Head) -> None:
    read = dataclasses.replace(seen, evidence=seen.evidence or Evidence())
    assert type(decide(spec, read, row, NOW)) is not NeedEvidence


def test_every_status_of_the_service_model_is_known() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    assert {status.value for status in EndpointStatus} == set(model.shape_for("EndpointStatus").enum)


@pytest.mark.parametrize("status", sorted(BUSY))
@pytest.mark.parametrize(
    ("spec", "seen", "row"), [c[1:4] for c in CASES if c[2].endpoint], ids=[c[0] for c in CASES if c[2].endpoint]
)
def test_never_updates_a_busy_endpoint(spec: Spec, seen: Observed, row: Head, status: str) -> None:
    assert seen.endpoint
    busy = dataclasses.replace(seen, endpoint=dataclasses.replace(seen.endpoint, status=status))
    assert type(decide(spec, busy, row, NOW)) in (Wait, RecordChange)
