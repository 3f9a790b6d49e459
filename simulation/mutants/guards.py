"""Mutants of what counts against the live version: since when an alarm guards, and whether settings are at fault."""

from simulation.mutants.snippet import GATE, Mutant

MUTANTS = (
    Mutant(
        "an alarm that was in ALARM before it was named blames what is live",
        GATE + "guarding",
        "        and alarm.at > head.guards_since(alarm.name)\n",
        "",
        ("named-in-alarm",),
    ),
    Mutant(
        "an alarm that is left out and named again guards since the first time",
        GATE + "guarding",
        "    return head if guards == head.guards else dataclasses.replace(head, guards=guards)\n",
        "    before = head.guards.alarms if head.guards else ()\n"
        "    out = tuple(each for each in before if guards.find(each.name) is None)\n"
        "    return dataclasses.replace(head, guards=Guards(seen.version, (*guards.alarms, *out)))\n",
        ("named-in-alarm",),
    ),
    Mutant(
        "an alarm guards since the last edit",
        GATE + "guarding",
        "        if known and (is_next or name in standing):",
        "        if False:",
        ("named-in-alarm-fires-anew",),
    ),
    Mutant(
        "a spec that was not seen named the same alarms",
        GATE + "guarding",
        "seen.version <= last + 1",
        "True",
        ("named-in-alarm:1el,2el",),
    ),
    Mutant(
        "nobody hears of an alarm that does not count",
        GATE + "guarding",
        "        if why is None or is_told:\n",
        "        if True:\n",
        ("named-in-alarm",),
    ),
    Mutant(
        "people hear of an alarm that does not count at each look",
        GATE + "guarding",
        "        if why is None or is_told:\n",
        "        if why is None:\n",
        ("named-in-alarm",),
    ),
    Mutant(
        "what fires for changed settings blames the version",
        GATE + "guarding",
        "        and not _is_of_settings(spec, live, alarm)\n",
        "",
        ("settings-burn-kpi",),
    ),
    Mutant(
        "a version with changed settings is as new as they are",
        GATE + "promotion",
        "    return replaced.since if replaced.version_since is None else replaced.version_since\n",
        "    return None\n",
        ("settings-burn-kpi",),
    ),
    Mutant(
        "an alarm that fires too late for changed settings condemns the version",
        GATE + "judgement",
        "    return attempt.purpose is Purpose.UPDATE and not changes_settings_only(head, attempt)\n",
        "    return attempt.purpose is not Purpose.REVERT\n",
        ("settings-err-late",),
    ),
    Mutant(
        "a version that is approved again with other settings is another one",
        GATE + "resize",
        "        return attempt.purpose is Purpose.RESIZE\n    if live is None",
        "        return attempt.purpose is Purpose.RESIZE\n    if True:\n        return False\n    if live is None",
        ("settings-approved-again-err-late",),
    ),
)
