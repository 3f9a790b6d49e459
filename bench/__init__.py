"""Benchmarks of the product, as ratios, counts or chances within one run. Nothing here is a timed test."""
