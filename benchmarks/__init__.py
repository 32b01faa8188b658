"""Measure ratios against peers: `python -m benchmarks.NAME [--quick]`."""
