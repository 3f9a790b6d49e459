"""The scenarios: what people and AWS do, as acts on the clock. Together they meet every row of the decision table."""

from simulation.scenarios.themes import (
    asynchronous,
    autoscaling,
    cleaned,
    coincidences,
    golden,
    governed,
    guards,
    hands,
    interventions,
    judgements,
    obstacles,
    resizes,
    revocations,
    rollouts,
    serverless,
)

_ALL = (
    *rollouts.SCENARIOS,
    *revocations.SCENARIOS,
    *hands.SCENARIOS,
    *resizes.SCENARIOS,
    *judgements.SCENARIOS,
    *obstacles.SCENARIOS,
    *interventions.SCENARIOS,
    *serverless.SCENARIOS,
    *asynchronous.SCENARIOS,
    *interventions.FURTHER,
    *coincidences.SCENARIOS,
    *autoscaling.SCENARIOS,
    *hands.FURTHER,
    *rollouts.FURTHER,
    *golden.SCENARIOS,
    *governed.SCENARIOS,
    *cleaned.SCENARIOS,
    *hands.RIGHT_AFTER,
    *guards.SCENARIOS,
    *golden.FURTHER,
)
"""Random schedules choose a scenario by its place: what is new goes to the end, or their seeds lead elsewhere."""
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
