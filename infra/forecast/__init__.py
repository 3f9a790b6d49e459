"""The plan of a rollout: what a bad version would cost, computed from the entry before it is deployed."""
