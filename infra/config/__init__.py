"""endpoints.yaml → typed, validated specs."""
