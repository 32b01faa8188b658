"""Prove what a strategy saves: simulate the labelling of pairs whose verdicts are known, and compare.

curves      label batch by batch, measure after each
comparison  areas, labels to a target, paired intervals, Holm's correction
"""

from active.simulation.comparison import Figure, Saving, compare, holm, labels_to_reach
from active.simulation.curves import Ask, Curve, Known, by_strategy, learning_curve

__all__ = [
    "Ask",
    "Curve",
    "Figure",
    "Known",
    "Saving",
    "by_strategy",
    "compare",
    "holm",
    "labels_to_reach",
    "learning_curve",
]
