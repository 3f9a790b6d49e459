"""The watch alarms: put when a version goes live, and deleted when it is not live or not watched any more."""

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from simulation.world.example import NAME, SPEC
from simulation.world.world import World

_LIVE = (Outcome.SUCCEEDED, Outcome.SHADOWED)
SLACK_SECONDS = 900.0
"""How long after the watch window its alarm may stay: until the next reconcile that is no reconcile of a rollout."""


def is_watching(world: World, alarm: str) -> bool:
    """True if this is the watch alarm of what serves, or served before the endpoint was deleted, and its watch window
    is not long over. Only the janitor deletes it once the endpoint's stack is gone."""
    if not world.has_rule:
        return alarm.endswith(f"/{alarms.WATCH}")
    served = [(config, at) for of, config, at in world.hosted.served if of == NAME]
    if not served or alarm != alarms.watch_name(NAME, served[-1][0]):
        return False
    return world.now <= served[-1][1] + SPEC.rollback_on.watch_seconds + SLACK_SECONDS


def unwatched(world: World, rows: list[Row]) -> list[str]:
    """Return a violation if the version that serves has lost its watch alarm within its watch window."""
    endpoint = world.hosting.endpoints.get(NAME)
    kinds = (Kind.ATTEMPT_CLOSED, Kind.BASELINE)
    ended = [row.fact for row in rows if row.fact.kind in kinds]
    if endpoint is None or not ended or ended[-1].detail.get("outcome") not in _LIVE:
        return []
    last = ended[-1].detail
    is_live = last["endpoint_config"] == endpoint.config and not endpoint.is_in_progress
    watch = last.get("watch_alarm")
    name = names.rollout_alarm(NAME, endpoint.config, alarms.WATCH)
    if not is_live or watch is None or world.now > watch["until_at"] or name in world.alarms.alarms:
        return []
    return [f"6: {endpoint.config} is live and its watch alarm is gone"]
