"""Mutants of autoscaling: when it is registered, and taken off."""

from simulation.mutants.snippet import GATE, Mutant

MUTANTS = (
    Mutant(
        "autoscaling is registered once and for all",
        GATE + "scaling",
        "    return last.digest != wanted or not last.done\n",
        "    return False\n",
        ("scaled",),
    ),
    Mutant(
        "an endpoint has the autoscaling of the one that was there before",
        GATE + "scaling",
        "last.begun_at >= created_at",
        "True",
        ("scaled-recreated",),
    ),
    Mutant(
        "an intent of autoscaling is taken for its outcome",
        GATE + "scaling",
        "    return last.digest != wanted or not last.done\n",
        "    return last.digest != wanted\n",
        ("scaled-approve",),
    ),
    Mutant(
        "autoscaling is not taken off for another instance type",
        GATE + "preflight",
        "        unscale = not same and",
        "        unscale = False and",
        ("scaled-retyped",),
    ),
    Mutant(
        "alarms that are not used are deleted before the lock is held",
        GATE + "attempting",
        "            return Decision(Action.SCALE, reason,",
        "            self.watch.delete(own)\n            return Decision(Action.SCALE, reason,",
        ("scaled-retyped",),
    ),
    Mutant(
        "the count that autoscaling has set is not kept",
        GATE + "preflight",
        " or spec.autoscaling is not None,",
        ",",
        ("scaled-retyped",),
    ),
    Mutant(
        "what others put on the target is taken off",
        GATE + "scalable_target",
        "            if others:\n",
        "            if False:\n",
        ("scaled-with-theirs",),
    ),
    Mutant(
        "autoscaling is registered without the tag",
        GATE + "rescaling",
        "        if not self.hosting.is_opted_in(endpoint.arn):\n",
        "        if False:\n",
        ("scaled-not-opted-in",),
    ),
    Mutant(
        "a rollout that has to wait leaves the variant without autoscaling",
        GATE + "reconciler",
        "                decision = scale(spec, observed.endpoint, head, now) or decision\n",
        "                pass\n",
        ("scaled-held",),
    ),
)
