"""Where the simulation's AWS may still differ from AWS's own models and from the sandbox. Both take the model registry,
hosting and CloudTrail from `world/`, so nothing compares those."""
