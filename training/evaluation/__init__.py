"""Measure what a run gave: scores of pairs, calibration, over-optimisation, win rates; one page a run."""
