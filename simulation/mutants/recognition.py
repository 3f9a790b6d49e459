"""Mutants of what a look recognises: approvals, changes by hand, and when each was."""

from simulation.mutants.snippet import GATE, Mutant

MUTANTS = (
    Mutant(
        "what is live stands, whatever is rolled out in its place",
        GATE + "head",
        "self.live.approval and not leaves else ()",
        "self.live.approval else ()",
        ("approved-in-turn:214ed,215ed",),
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
        ("adopted:2cb,9lo,12av",),
    ),
    Mutant(
        "an event from before the version was read tells of no approval that was dropped",
        GATE + "recognition",
        "head.approved_at(version) if head.is_approved(version) else head.seen_at(version)",
        "head.seen_at(version)",
        ("create-fails:23rv,24er,45av,36se,67av,56rv,78cb,125ad,117rv,132av,217av",),
    ),
    Mutant(
        "an event from before the last change doubts whom the trail has named",
        GATE + "recognition",
        "        if approval.inferred and approval.approver and math.floor(approval.at) in told:\n",
        "        if approval.inferred and any(at < approval.at for at in told):\n"
        "            head = head.with_revised(dataclasses.replace(approval, uncertain=True))\n"
        "        if approval.inferred and approval.approver and math.floor(approval.at) in told:\n",
        ("witnessed:4pt,38se,77lo,127se,128pa,139lo",),
    ),
    Mutant(
        "an approval told late undoes a change by hand",
        GATE + "recognition",
        "    if head.live and head.live.by_hand_at is not None and approval.at <= head.live.by_hand_at:\n",
        "    if False:\n",
        ("by-hand-after-approvals",),
    ),
    Mutant(
        "a change by hand is noticed once the endpoint is mended",
        GATE + "decision",
        "    if is_out_of_order and not (is_replaced and endpoint.status in PUT_ON):\n",
        "    if is_out_of_order:\n",
        ("rollback-failed:5av,16hd,40th,47ca,54lo,55pa,65ca,83ad,87av",),
    ),
    Mutant(
        "an answer from before a change by hand ends it",
        GATE + "change_by_hand",
        "    if _is_from_before(head, endpoint, now):\n",
        "    if False:\n",
        ("rollback-failed-by-hand:1el,43av,59st",),
    ),
    Mutant(
        "an approval from before a version burned waits, if its event came in time",
        GATE + "head",
        "            return a.order == tried.order or (is_earlier and not is_other)\n",
        "            return a.order == tried.order\n",
        (
            "burns-approved-former:"
            "18cb,103ie,117cb,119cb,124cb,127cb,256ie,258ie,260cb,270ie,282cb,287cb,289cb,291cb,295cb",
        ),
    ),
    Mutant(
        "an answer from before a rollout was live begins a change by hand",
        GATE + "change_by_hand",
        "    return live.since if live.settings is not None else 0.0\n",
        "    return 0.0\n",
        ("by-hand-after-rollout:124st",),
    ),
    Mutant(
        "an answer from before a rollout had gone back begins a change by hand",
        GATE + "change_by_hand",
        "        return failed_at\n",
        "        return 0.0\n",
        ("by-hand-after-rollback:101st",),
    ),
    Mutant(
        "a change by hand that began before the first look is from before it",
        GATE + "change_by_hand",
        "    return live.since if live.settings is not None else 0.0\n",
        "    return live.since\n",
        ("adopted-busy:7st",),
    ),
    Mutant(
        "what the first look's list lacked is approved anew",
        GATE + "recognition",
        "package.modified_at <= until",
        "False",
        ("adopted-right-after",),
    ),
    Mutant(
        "an alarm from before the live version was approved again blames it",
        GATE + "guarding",
        "    since = max(_served_since(live), live.approval.wanted_at) if live.approval else _served_since(live)\n",
        "    since = live.since\n",
        ("burns-approved-again",),
    ),
    Mutant(
        "a change by hand is not noticed",
        GATE + "decision",
        "    if head.live is None or is_replaced:\n",
        "    if head.live is None:\n",
        ("by-hand",),
    ),
    Mutant(
        "a change by hand is noticed only once all is over",
        GATE + "observed",
        "(self.status == EndpointStatus.UPDATING and self.modified_at > since)",
        "False",
        ("rollback-failed-by-hand:11hd,97av,154hd,196hd",),
    ),
    Mutant(
        "a change by hand during an attempt is noticed only once all is over",
        GATE + "judgement",
        "is_replaced = not young and _is_replaced(endpoint, attempt)",
        "is_replaced = False",
        ("rollback-failed-by-hand:18hd,50av,215hd",),
    ),
    Mutant(
        "a patch is the beginning of a change by hand",
        GATE + "change_by_hand",
        "endpoint.is_busy and status != EndpointStatus.SYSTEM_UPDATING:",
        "endpoint.is_busy:",
        ("patched:30hd",),
    ),
    Mutant(
        "a change by hand lasts a moment",
        GATE + "change_by_hand",
        "    return head.disturbed_at or endpoint.modified_at\n",
        "    return endpoint.modified_at\n",
        ("by-hand-after-approval",),
    ),
    Mutant(
        "what somebody's change overtook was approved before that",
        GATE + "closing",
        " and approval.wanted_at > began(head, endpoint)\n",
        " and False\n",
        ("delete-live:2pt,42pa,56cb,57rv,65hd,73av,76sl,78pa,99st,122lt",),
    ),
)
