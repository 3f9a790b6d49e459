"""Mutants of what else the gate asks for: conditions, soaks, freezes, overrides, stages, copies."""

from simulation.mutants.snippet import GATE, Mutant

MUTANTS = (
    Mutant(
        "a condition that gives no boolean is met",
        GATE + "gate",
        'Result.UNREAD, "; ".join((answer, *unread.values(), found)), asked.expression)',
        'Result.PASSED, "; ".join((answer, *unread.values(), found)), asked.expression)',
        ("unreported",),
    ),
    Mutant(
        "what is missing is false, as in JMESPath",
        GATE + "condition",
        "value = strict_jmespath.search(expression, document)",
        "value = jmespath.search(expression, document)",
        ("never-reported",),
    ),
    Mutant(
        "what could not be read is null, as if it were not there",
        GATE + "gate",
        "    if asked_about:\n",
        "    if False:\n",
        ("first-required",),
    ),
    Mutant(
        "a soak may burn",
        GATE + "gate",
        "    if soaked.fired:\n",
        "    if False:\n",
        ("overridden-before",),
    ),
    Mutant(
        "an override goes for every approval",
        GATE + "gate",
        "(o.order, o.check) == (approval.order, check.name)",
        "o.check == check.name",
        ("overridden-before",),
    ),
    Mutant(
        "an override outlives a later date of its approval",
        GATE + "head",
        "tuple(o for o in self.overrides if o.order not in orders or o.at >= at)",
        "self.overrides",
        ("overridden-before/1:96lo,97eo,98el,131st,252st,255al,267va,296ie,289ad",),
    ),
    Mutant(
        "an override is not asked for",
        GATE + "gate",
        "    return dataclasses.replace(shown, overridden=overridden)\n",
        "    return shown\n",
        ("overridden",),
    ),
    Mutant(
        "a freeze is in UTC",
        GATE + "freeze",
        ".astimezone(zone)",
        ".astimezone(UTC)",
        ("frozen",),
    ),
    Mutant(
        "a pause of all endpoints is not read",
        GATE + "reconciler",
        "        if every is None or every.paused is None:\n",
        "        if True:\n",
        ("all-paused",),
    ),
    Mutant(
        "a stage counts for nothing",
        GATE + "registry",
        "    return stage is None or ",
        "    return True or ",
        ("staged",),
    ),
    Mutant(
        "a row is done with before it is copied",
        "lambdas.publisher.publisher",
        "            self._copies.keep(row)\n",
        "            pass\n",
        ("copied",),
    ),
)
