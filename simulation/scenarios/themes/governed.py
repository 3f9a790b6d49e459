"""Scenarios of a gate that asks for more than an approval: every version has an artifact, an image and a report."""

from simulation.scenarios.themes import approvers, artifacts, checks

SCENARIOS = (*approvers.SCENARIOS, *artifacts.SCENARIOS, *checks.SCENARIOS)
