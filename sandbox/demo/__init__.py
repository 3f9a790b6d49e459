"""The demo: a data scientist and a reviewer roll out four versions in a sandbox. Each step is checked."""
