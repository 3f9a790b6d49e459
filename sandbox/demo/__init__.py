"""The story of one endpoint, played in a sandbox by a data scientist and a reviewer, and checked step by step."""
