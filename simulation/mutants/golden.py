"""Mutants of golden requests: what is played, what is made of the answers, and what is told where nobody heard any."""

from simulation.mutants.snippet import GATE, PROBER, Mutant

MUTANTS = (
    Mutant(
        "a rollout that nobody heard of has passed",
        GATE + "judgement",
        "or attempt.abort or not attempt.is_unheard:\n",
        "or True:\n",
        ("golden-unheard",),
    ),
    Mutant(
        "the prober's last message is not waited for",
        GATE + "judgement",
        "    if ended is not None and now < ended + alarms.ARRIVAL_SECONDS:\n        # The prober's last message",
        "    if ended is None:\n        # The prober's last message",
        ("golden-late",),
    ),
    Mutant(
        "whatever is live is known to answer right",
        GATE + "golden",
        "    return (live.golden.digest, live.golden.failed) == (digest, 0)\n",
        "    return live.golden.digest == digest\n",
        ("golden-either",),
    ),
    Mutant(
        "a canary is all of the traffic",
        PROBER + "errand",
        "    alone = current >= desired\n",
        "    alone = True\n",
        ("golden-either",),
    ),
    Mutant(
        "a phase is probed once",
        PROBER + "errand",
        "        if not self.over:\n            return float(SECONDS_BETWEEN) if self.until is not None else 0.0\n",
        "        if not self.over:\n            return None if self.until is not None else 0.0\n",
        ("golden-full",),
    ),
    Mutant(
        "right answers are no news",
        PROBER + "errand",
        "        if self.told or self.heard or not self.alone:\n",
        "        if True:\n",
        ("golden-heard",),
    ),
)
