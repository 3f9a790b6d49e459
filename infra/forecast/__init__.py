"""The plan of a rollout before it is deployed: what a bad version would cost, from the entry alone."""
