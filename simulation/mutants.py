"""The tests are tested: faults of the product that the simulation must find. Each is a change of one place."""

from dataclasses import dataclass

GATE = "lambdas.gate."


@dataclass(frozen=True)
class Mutant:
    """`hunt` are scenarios whose single faults are searched, and schedules; the faultless scenarios come first."""

    name: str
    module: str
    old: str
    new: str
    hunt: tuple[str, ...] = ("approve",)


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
        "            approvals=tuple(a for a in self.approvals if a.order != quarantined.approval.order),\n",
        "",
        ("errs",),
    ),
    Mutant(
        "quarantine is ignored by the way back",
        GATE + "head",
        "return any((q.approval",
        "return False and any((q.approval",
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
    Mutant(
        "InService is success",
        GATE + "judgement",
        "    if endpoint.config == attempt.fleet.config and serving:\n",
        "    if endpoint.status == EndpointStatus.IN_SERVICE:\n",
        ("errs",),
    ),
    Mutant(
        "an edit of metadata is an approval",
        GATE + "inbox",
        '    if "ModelApprovalStatus" not in (detail.get("UpdatedModelPackageFields") or ()):\n',
        "    if False:\n",
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
        "        self._put_event(row)\n        message",
        "        self.outbox.remove(row)\n        self._put_event(row)\n        message",
    ),
    Mutant(
        "people are told, and the bus is not",
        "lambdas.publisher.publisher",
        "        self._put_event(row)\n        message",
        "        message",
    ),
    Mutant(
        "UpdateEndpoint is repeated by its client",
        GATE + "hosting",
        "self._once.update_endpoint(",
        "self._sagemaker.update_endpoint(",
    ),
    Mutant(
        "a config is named without its version",
        GATE + "names",
        "digest(endpoint, version_arn, str(approval)",
        "digest(endpoint, str(approval)",
        ("revoke-launching:16ca,24av",),
    ),
    Mutant(
        "opening an attempt supersedes nothing",
        GATE + "transition",
        "approvals=tuple(a for a in head.approvals if a.rank >= attempt.approval.rank),",
        "approvals=head.approvals,",
        ("two-at-once",),
    ),
    Mutant(
        "the highest version wins, not the last approval",
        GATE + "decision",
        "key=lambda approval: approval.rank, default=None",
        "key=lambda approval: approval.version, default=None",
        ("older-last",),
    ),
    Mutant(
        "approvals rank as they were seen",
        GATE + "decision",
        "key=lambda approval: approval.rank, default=None",
        "key=lambda approval: approval.order, default=None",
        ("late-event",),
    ),
    Mutant(
        "an approval told late is not overtaken",
        GATE + "recognition",
        "        if overtaking:\n",
        "        if False:\n",
        ("adopted:2cb,8lo,11av",),
    ),
    Mutant(
        "an event from before the version was read tells of no approval that was dropped",
        GATE + "recognition",
        "head.approved_at(version) if head.is_approved(version) else head.seen_at(version)",
        "head.seen_at(version)",
        ("create-fails:12rv,13er,30av,34se,46av,53rv,75cb,81ad,89rv,123av,165av",),
    ),
    Mutant(
        "an approval told late undoes a change by hand",
        GATE + "recognition",
        "    if head.live and head.live.by_hand_at is not None and approval.at <= head.live.by_hand_at:\n",
        "    if False:\n",
        (
            "paused-way-back:4lo,20pt,53pt,57ca,65av,76ie,81ie,94ad,110pt,118el,123lo,142av,171pa,185pa,190se,193rv,"
            "201pt,287rv,310av,311ed,316lo,354al,405hd",
        ),
    ),
    Mutant(
        "an answer from before a change by hand ends it",
        GATE + "transition",
        "    if _is_from_before(head, endpoint, now):\n",
        "    if False:\n",
        ("resize-errs:50pt,90hd,98av,106st,139ie",),
    ),
    Mutant(
        "an alarm from before the live version was approved again blames it",
        GATE + "decision",
        "    since = max(live.since, live.approval.wanted_at) if live.approval else live.since\n",
        "    since = live.since\n",
        ("late-event:211rv,226fi,245al,249cb,280pa,341al,384av",),
    ),
    Mutant(
        "a change by hand is not noticed",
        GATE + "decision",
        "    if head.live is None or endpoint.config != head.live.config:\n",
        "    if head.live is None:\n",
        ("by-hand",),
    ),
    Mutant(
        "a change by hand lasts a moment",
        GATE + "transition",
        "    changed_at = head.disturbed_at or endpoint.modified_at\n",
        "    changed_at = endpoint.modified_at\n",
        ("by-hand-after-approval",),
    ),
    Mutant(
        "the tag is not asked for",
        GATE + "preflight",
        "        if not self._hosting.is_opted_in(endpoint.arn):\n",
        "        if False:\n",
        ("not-opted-in",),
    ),
    Mutant(
        "the alarms of a rollout that is over are left",
        GATE + "reconciler",
        "            self.watch.delete(own_alarms(head.endpoint, attempt))\n",
        "            pass\n",
    ),
    Mutant(
        "the way back is not asked whether it is Approved",
        GATE + "decision",
        "            and head.is_approved(approval.version)\n",
        "",
        ("revoke-both",),
    ),
    Mutant(
        "a revoked live version stays",
        GATE + "decision",
        "    if live.version and not head.is_approved(live.version):\n",
        "    if False:\n",
        ("revoke-live",),
    ),
    Mutant(
        "standing alarms are not looked at",
        GATE + "decision",
        "    elif live.version and burning:\n",
        "    elif False:\n",
        ("burns",),
    ),
    Mutant(
        "failures are tried again without end",
        GATE + "judgement",
        "    given_up = retry.unseen >= MAXIMUM_UNSEEN or retry.tries > len(RETRY_SECONDS)\n",
        "    given_up = False\n    retry = dataclasses.replace(retry, tries=1)\n",
        ("resize-errs", "never-launched"),
    ),
    Mutant(
        "an answer from before the call decides once an alarm fired",
        GATE + "judgement",
        "    if now < since + LOCK and endpoint.modified_at == attempt.modified_at:\n",
        "    if now < since + LOCK and not observed.fired and endpoint.modified_at == attempt.modified_at:\n",
        ("revoke-at-once",),
    ),
    Mutant(
        "a version is live from the look that saw it",
        GATE + "transition",
        "    since = max(attempt.opened_at, min(now, endpoint.modified_at)) if endpoint else now\n",
        "    since = now\n",
        ("while-updating:4pt,142fi,146al",),
    ),
    Mutant(
        "a change by hand right after the promotion is a failure",
        GATE + "judgement",
        "    serving = endpoint.status in SERVING and endpoint.pending_config != attempt.fleet.config\n",
        "    serving = endpoint.status == EndpointStatus.IN_SERVICE\n",
        ("by-hand:94hd",),
    ),
    Mutant(
        "an attempt whose stack is gone is left open",
        GATE + "reconciler",
        "        if head is None or head.attempt is None:\n            return Decision(Action.KEEP,",
        "        if True:\n            return Decision(Action.KEEP,",
        ("stack-gone",),
    ),
)
