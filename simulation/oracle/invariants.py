"""The invariants, by number. objections.py checks at every call, `judge` at the end, when the faults have stopped.

1. No traffic reaches a version that was not Approved at an authoritative read at most one call before the update.
2. When faults stop, the endpoint converges to the expected version within a bounded number of reconciles. No approval
   is given up at its first failure, unless AWS refuses it for good or the model is at fault.
3. One bad approval costs at most one accepted update, or two if a fault left no witness, or if the judge alone found
   the first fleet worse.
4. The ledger is append-only and its chain verifies. Every accepted update has one intent before it and one outcome
   after it.
5. At most one attempt is in flight.
6. Nothing leaks but what a fault left behind, and nothing that SageMaker needs is deleted. A version that went live
   has its watch alarm until the watch window is over or another version is live, and no longer.
7. Each row of the ledger is published at least once.
8. No endpoint is touched that was not opted in.
9. Revoking the live version ends on a good version, if there is one. If the gate asks for approvers and AWS names only
   others as the ones who revoked it, the live version stays.
10. A manual change is reported, not reverted.
11. Nothing goes live whose artifact, image or specification differs from what was approved.
12. Nothing new goes live past a shut gate that nobody overrode. Nothing at all goes live during a pause.
13. What is put on an endpoint exists. What an endpoint serves or may be reverted to is never deleted. What nothing
    needs is deleted.
14. What is registered for autoscaling is what the spec asks for. No update resets the count that autoscaling has set,
    and what others registered stays.
15. No guardrails are asked for on a serverless endpoint, where AWS may refuse, ignore or obey them; they are asked for
    on any other. An endpoint stays real-time or asynchronous, as its callers expect.
16. No rollout with golden requests passes with a version that answers them wrong. The version is rolled back, or an
    alert says what it answers, or that nobody knows.
17. Every text of a row is one line without characters that change how the rest is seen.
18. Each order ends in one row, and the row names the operator whom AWS names.
19. What decides never changes without a row, and the rows replay to it.
20. What a revert would take is what was approved. If it was lost, an alert said so, once.
21. Nobody is named whom only a message names. After an edit of the head SageMaker is not called until it is restored.
22. Each verdict of the judge follows from the minutes in its row, and both fleets answered in each of them. No version
    is found worse that is not. A fleet that is found worse is stopped, or does not serve in the end.
23. No caller is ever answered by a shadow: a version with a shadow is the one that served before.
24. No rung is skipped: a version is rolled out only after it was a shadow for as long as the entry asks, or until an
    operator promoted it, if there is a live version to compare it with. In the end no shadow is left.
25. A shadow that failed costs one update back.
"""

from lambdas.gate import names
from lambdas.janitor.policy import Policy
from simulation.oracle import retention
from simulation.oracle.convergence import converged, scaled
from simulation.oracle.ledger import (
    chained,
    forged,
    given_up_early,
    misordered,
    outcomes,
    uncopied,
    unproven,
    unreplayable,
    unreported_manual_changes,
    unreported_rows,
    unsafe_texts,
)
from simulation.oracle.records import head_of, rows_of, stored_of
from simulation.oracle.revert_targets import lost_targets
from simulation.oracle.shadows import costs, left_over, uncompared
from simulation.oracle.verdicts import misjudged, unstopped
from simulation.oracle.watching import is_watching, unwatched
from simulation.world.example import NAME, short
from simulation.world.resources import Quality
from simulation.world.world import World

INVARIANTS = range(1, 26)


def judge(
    world: World, faults: int, *, held: bool = False, copied: bool = False, cleaned: Policy | None = None
) -> tuple[str, ...]:
    """Return all violations of a finished run with this many faults. `copied`: each row must have a copy. `cleaned`:
    what the janitor keeps, if there is one."""
    head, rows = head_of(world), rows_of(world)
    return tuple(
        dict.fromkeys(
            (
                *world.violations,
                *converged(world, head, rows, held),
                *_costs(world, faults),
                *chained(head, rows),
                *unreplayable(stored_of(world), rows),
                *unsafe_texts(rows),
                *forged(rows),
                *misordered(world),
                *unreported_rows(world, rows),
                *(uncopied(world, rows) if copied else ()),
                *outcomes(world, rows),
                *unproven(world, rows),
                *given_up_early(world, rows),
                *(retention.left(world, cleaned, rows) if cleaned else _leaks(world, faults)),
                *unreported_manual_changes(world, rows),
                *scaled(world, head),
                *lost_targets(world, head, rows),
                *unwatched(world, rows),
                *misjudged(world, rows),
                *unstopped(world, rows, faults),
                *left_over(world, head),
                *costs(world, rows),
                *uncompared(world, rows),
            )
        )
    )


_TRIES = {Quality.ERRS: 1, Quality.SICK: 1, Quality.ODD: 2, Quality.WORSE: 2, Quality.SLOWER: 2}
"""How often a version of this quality may be rolled out for one approval."""


def _costs(world: World, faults: int) -> list[str]:
    """Return violations for bad versions that were rolled out more often than they were approved, or than twice as
    often if nobody knows why they fail, or if the judge alone found them worse."""
    found = []
    for version in {update.version for update in world.hosted.updates}:
        tries = _TRIES.get(world.quality(version))
        if tries is None:
            continue
        made = [u for u in world.hosted.updates if u.version == version and u.ended in ("alarm", "sick", "unlucky")]
        approvals = sum(act.what == "approve" and act.version == version for act in world.acts)
        if len(made) > tries * approvals + (1 if faults else 0):
            found.append(f"3: {short(version)} was rolled out {len(made)} times for {approvals} approvals")
    return found


def _leaks(world: World, faults: int) -> list[str]:
    """Return violations for alarms of rollouts that have ended. Each fault may leave those of one rollout."""
    standing, prefix = names.standing_alarm(NAME, ""), names.alarm_prefix(NAME)
    own = (name for name in world.alarms.alarms if name.startswith(prefix) and not name.startswith(standing))
    rollouts = {name.rsplit("/", 1)[0] for name in own if not is_watching(world, name)}
    return [f"6: the alarms of {len(rollouts)} rollouts are left"] if len(rollouts) > faults else []
