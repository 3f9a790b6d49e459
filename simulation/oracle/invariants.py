"""The invariants, by number. objections.py checks at every call, `judge` at the end, when faults have stopped.

1. No traffic to a version that was not Approved at an authoritative read at most one call before the update.
2. When faults stop, the endpoint converges to the wanted version within a bounded number of looks. No approval is given
   up at its first failure, unless AWS refuses it for good or the model is at fault.
3. One bad approval costs at most one accepted update, two where a fault left no witness.
4. The ledger is append-only and its chain verifies; every accepted update has one intent before it, one outcome after.
5. At most one attempt in flight.
6. Nothing leaks but what a fault left behind, and nothing that SageMaker needs is deleted.
7. At least one notification for each row of the ledger.
8. No endpoint is touched that was not opted in.
9. Revoking the live version ends on a good one, if there is one.
10. A change by hand is reported, not fought.
11. Nothing goes live whose artifact, image or specification is not what was approved.
12. Nothing new goes live past a gate that is shut, and that nobody overrode; nothing at all during a pause.
13. What is put on an endpoint exists; what it serves or may go back to is never deleted; what nothing needs goes.
14. What is registered for autoscaling is what the spec asks for, and no update resets the count that it has set; what
    others registered is not taken off.
15. Of a serverless endpoint no guardrails are asked for, which AWS may refuse, ignore or obey; of any other they are.
    An endpoint stays real-time or asynchronous, as those who call it do.
16. No rollout that asked for golden requests passes with a version that answers them wrong: it goes back, or people are
    told what it answers, or that nobody knows.
"""

from lambdas.gate import names
from lambdas.janitor.policy import Policy
from simulation.oracle import retention
from simulation.oracle.convergence import converged, scaled
from simulation.oracle.ledger import (
    chained,
    given_up_early,
    outcomes,
    uncopied,
    unproven,
    unreported_manual_changes,
    unreported_rows,
)
from simulation.oracle.records import head_of, rows_of
from simulation.world.example import NAME, short
from simulation.world.resources import Quality
from simulation.world.world import World

INVARIANTS = range(1, 17)


def judge(
    world: World, faults: int, *, held: bool = False, copied: bool = False, cleaned: Policy | None = None
) -> tuple[str, ...]:
    """All violations of a finished run with this many faults. `copied`: each row has a copy. `cleaned`: what the
    janitor keeps, where there is one."""
    head, rows = head_of(world), rows_of(world)
    return tuple(
        dict.fromkeys(
            (
                *world.violations,
                *converged(world, head, rows, held),
                *_costs(world, faults),
                *chained(head, rows),
                *unreported_rows(world, rows),
                *(uncopied(world, rows) if copied else ()),
                *outcomes(world, rows),
                *unproven(world, rows),
                *given_up_early(world, rows),
                *(retention.left(world, cleaned, rows) if cleaned else _leaks(world, faults)),
                *unreported_manual_changes(world, rows),
                *scaled(world, head),
            )
        )
    )


def _costs(world: World, faults: int) -> list[str]:
    """Accepted updates per approval of a version that is at fault."""
    found = []
    for version in {update.version for update in world.hosting.updates}:
        if world.quality(version) not in (Quality.ERRS, Quality.SICK):
            continue
        made = [u for u in world.hosting.updates if u.version == version and u.ended in ("alarm", "sick")]
        approvals = sum(act.what == "approve" and act.version == version for act in world.acts)
        if len(made) > approvals + (1 if faults else 0):
            found.append(f"3: {short(version)} was rolled out {len(made)} times for {approvals} approvals")
    return found


def _leaks(world: World, faults: int) -> list[str]:
    """Alarms of rollouts that are over. A fault may leave those of one rollout each."""
    standing, prefix = names.standing_alarm(NAME, ""), names.alarm_prefix(NAME)
    own = (name for name in world.alarms.alarms if name.startswith(prefix) and not name.startswith(standing))
    rollouts = {name.rsplit("/", 1)[0] for name in own}
    return [f"6: the alarms of {len(rollouts)} rollouts are left"] if len(rollouts) > faults else []
