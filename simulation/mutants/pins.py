"""Mutants of what was pinned, against what is there."""

from simulation.mutant import GATE, Mutant

MUTANTS = (
    Mutant(
        "what was pinned is not read again before the call",
        GATE + "attempting",
        "found = self.pinning.again(prepared.spec, pinned, before) if pinned and before else None",
        "found = pinned",
        ("pinned",),
    ),
    Mutant(
        "what was pinned is read again before the call, and not compared",
        GATE + "attempting",
        "if changed := _changed(pinned, found, registration, package):",
        "if False:",
        ("swapped-way-back",),
    ),
    Mutant(
        "the specification is not compared before the call",
        GATE + "attempting",
        "dataclasses.replace(found, specification=package.specification)",
        "found",
        ("pinned",),
    ),
    Mutant(
        "a version is not pinned before its approval",
        GATE + "reconciler",
        "        for package in packages:\n",
        "        for package in ():\n",
        ("respecified-before",),
    ),
    Mutant(
        "a version is pinned once it is approved, too",
        GATE + "reconciler",
        "with_approval = frozenset(approval.version for approval in approvals if approval.order > 0)",
        "with_approval = frozenset()",
        ("respecified-unseen",),
    ),
    Mutant(
        "an approval is not compared with what was registered",
        GATE + "observation",
        "        if package is None or not package.is_approved:\n",
        "        if True:\n",
        ("respecified-before",),
    ),
    Mutant(
        "what was registered is not compared before the call",
        GATE + "attempting",
        "    if registration and (changed := registration.change(package)):\n",
        "    if False:\n",
        ("respecified-adopted",),
    ),
    Mutant(
        "what was registered is written again",
        GATE + "ledger",
        '"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}',
        '"Item": item}',
        ("registered",),
    ),
    Mutant(
        "a revert is of what is there now",
        GATE + "attempting",
        "pinned = attempt.approval.pin\n",
        "pinned = attempt.approval.pin if attempt.purpose is not Purpose.REVERT else None\n",
        ("swapped-way-back",),
    ),
    Mutant(
        "what could not be pinned is taken as it is",
        GATE + "gate",
        "    if approval.pin is None or evidence.pin is None:\n",
        '    if approval.pin is None:\n        return verdict(Result.PASSED, "as it is")\n'
        "    if evidence.pin is None:\n",
        ("unreadable",),
    ),
    Mutant(
        "what is approved is pinned anew at each look",
        GATE + "pinning",
        "    return not asked or bool(approval.pin.artifacts or approval.pin.images)\n",
        "    return False\n",
        ("tag-moved",),
    ),
    Mutant(
        "an artifact may be later than its approval",
        GATE + "gate",
        "    late = approval.pin.changed_after(approval.at)\n",
        "    late = None\n",
        ("swapped-unseen",),
    ),
    Mutant(
        "the same bytes written again are the same artifact",
        GATE + "pin",
        "        if found.modified_at != artifact.modified_at:\n",
        "        if False:\n",
        ("swapped",),
    ),
    Mutant(
        "what is live is what is approved, whatever it is made of",
        GATE + "pin",
        "        return not difference(served, approved)\n",
        "        return True\n",
        ("swapped-in-flight",),
    ),
    Mutant(
        "what is live is what is approved where that cannot be read",
        GATE + "pin",
        "    if served is None:\n",
        "    if served is None or approved is None:\n",
        ("swapped-in-flight",),
    ),
)
