"""Mutants of an attempt: its intent, its call, its end, and the telling of it."""

from lambdas.gate import judgement
from lambdas.gate.observed import EndpointStatus
from simulation.mutants.mutant import Mutant as Replacing
from simulation.mutants.snippet import GATE, Mutant

MUTANTS = (
    Mutant(
        "no intent before the call",
        GATE + "attempting",
        "        intent = self.record.write(before, intent, (*facts, *opening), None, now)\n",
        "",
    ),
    Mutant(
        "the approval is not read again before the call",
        GATE + "attempting",
        "verdict = gate.authorise(package)",
        'verdict = Verdict(Answer.PASSED, "as it was")',
    ),
    Mutant(
        "an old config is always a rollback",
        GATE + "judgement",
        "    if attempt.accepted_at is None and not carried and not own_fired:\n",
        '    if True:\n        return _rolled_back("rolled back", observed, now)\n    if not own_fired:\n',
    ),
    Mutant(
        "an old config is never a rollback",
        GATE + "judgement",
        "    if attempt.accepted_at is None and not carried and not own_fired:\n",
        "    if True:\n",
        ("errs",),
    ),
    Mutant(
        "a quarantined approval stays a candidate",
        GATE + "head",
        "            return a.order == tried.order or (is_earlier and not is_other)\n",
        "            return False\n",
        ("errs",),
    ),
    Mutant(
        "no approval is known to be quarantined",
        GATE + "head",
        "return any(q.is_of(approval, settings)",
        "return False and any(q.is_of(approval, settings)",
        ("settings-errs",),
    ),
    Mutant(
        "quarantine is ignored by the way back",
        GATE + "way_back",
        "return any(q.settings in settings and bars(",
        "return False and any(q.settings in settings and bars(",
        ("kpi-burns-revert", "revoke-live", "resize-errs"),
    ),
    Mutant(
        "the head's revision is not checked",
        GATE + "ledger",
        '            ConditionExpression="revision = :seen",\n'
        '            ExpressionAttributeValues={":seen": {"N": str(before.revision)}},\n',
        "",
        ("while-updating", "unlucky"),
    ),
    Mutant(
        "only the first page of versions is read",
        GATE + "registry",
        '            if not page.get("NextToken"):\n',
        "            if True:\n",
        ("while-updating",),
    ),
    Mutant(
        "only the first page of tags is read",
        GATE + "hosting",
        '            if not page.get("NextToken"):\n',
        "            if True:\n",
    ),
    Replacing(
        "InService is success",
        judgement.is_live,
        lambda is_live, endpoint, attempt: endpoint.status == EndpointStatus.IN_SERVICE,
        ("errs",),
    ),
    Mutant(
        "an edit of metadata is an approval",
        GATE + "inbox",
        '    if "ModelApprovalStatus" not in updated and "ModelLifeCycle" not in updated:\n        return None\n',
        '    updated = ("ModelApprovalStatus",)\n',
        ("edit",),
    ),
    Mutant(
        "the lock is ignored",
        GATE + "judgement",
        "    young = attempt.accepted_at is None and now < attempt.opened_at + LOCK\n",
        "    young = False\n",
    ),
    Mutant(
        "a refusal because the endpoint is busy drops the approval",
        GATE + "attempting",
        'return failed_for_now(intent, attempt, f"SageMaker is busy: {error}", now + REFUSED_LOOK_SECONDS)',
        'return Decision(Action.CLOSE, f"busy: {error}", now, outcome=Outcome.FAILED)',
        ("approve", "two-at-once"),
    ),
    Mutant(
        "an approval's event is lost on a throttle",
        "lambdas.deployer.batch",
        "            self._send_again(messages, BACK_OFF_SECONDS * (0.5 + self._jitter()))\n",
        "            pass\n",
        ("errs-approved-again",),
    ),
    Mutant(
        "the outbox is emptied before the row is told",
        "lambdas.publisher.publisher",
        "        if not mark.told:\n",
        "        self.outbox.remove(row)\n        if not mark.told:\n",
    ),
    Mutant(
        "people are told, and the bus is not",
        "lambdas.publisher.publisher",
        "        self._put_event(row)\n        if message:\n",
        "        if message:\n",
    ),
    Mutant(
        "UpdateEndpoint is repeated by its client",
        GATE + "hosting",
        "self._once.update_endpoint(\n",
        "self._sagemaker.update_endpoint(\n",
    ),
    Mutant(
        "a config is named without its version",
        GATE + "names",
        "digest(endpoint, version_arn, str(approval)",
        "digest(endpoint, str(approval)",
        ("revoke-launching:19ca,28av",),
    ),
    Mutant(
        "opening an attempt supersedes nothing",
        GATE + "opening",
        "approvals=tuple(a for a in head.approvals if a.rank >= attempt.approval.rank),",
        "approvals=head.approvals,",
        ("two-at-once",),
    ),
    Mutant(
        "a throttle is the end of an approval",
        GATE + "attempting",
        'return failed_for_now(intent, attempt, f"SageMaker is busy: {error}", now + REFUSED_LOOK_SECONDS)\n'
        "        except (Limited",
        'return Decision(Action.CLOSE, f"busy: {error}", now, outcome=Outcome.FAILED, quarantine=True, alert="busy")\n'
        "        except (Limited",
    ),
    Mutant(
        "what failed once is given up",
        GATE + "judgement",
        "    if late or retry.unseen >= MAXIMUM_UNSEEN:\n",
        "    if True:\n",
        ("unlucky",),
    ),
)
