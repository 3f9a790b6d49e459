"""All scenarios. Together they meet every row of the decision table."""

from simulation.scenarios.themes import (
    approvers,
    artifacts,
    asynchronous,
    autoscaling,
    checks,
    coincidences,
    golden,
    guards,
    interventions,
    janitor,
    judgements,
    manual_changes,
    obstacles,
    resizes,
    revocations,
    rollouts,
    serverless,
)

_ALL = (
    *rollouts.SCENARIOS,
    *revocations.SCENARIOS,
    *manual_changes.SCENARIOS,
    *resizes.SCENARIOS,
    *judgements.SCENARIOS,
    *obstacles.SCENARIOS,
    *interventions.SCENARIOS,
    *serverless.SCENARIOS,
    *asynchronous.SCENARIOS,
    *interventions.FURTHER,
    *coincidences.SCENARIOS,
    *autoscaling.SCENARIOS,
    *manual_changes.FURTHER,
    *rollouts.FURTHER,
    *golden.SCENARIOS,
    *approvers.SCENARIOS,
    *artifacts.SCENARIOS,
    *checks.SCENARIOS,
    *janitor.SCENARIOS,
    *manual_changes.RIGHT_AFTER,
    *guards.SCENARIOS,
    *golden.FURTHER,
)
"""Random schedules choose a scenario by its place. Add a new one at the end, or the seeds lead to other scenarios."""
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
