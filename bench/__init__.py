"""Benchmarks of the product, as ratios or chances within one run. Nothing here is a timed test."""
