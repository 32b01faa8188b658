"""Prove what a strategy saves: simulate the labelling of pairs whose verdicts are known, and compare.

curves      label batch by batch, measure after each
voting      the same in votes: who is asked again of a pair, and when to stop
comparison  areas, labels to a target, paired intervals, Holm's correction
summaries   all arms of a simulation against choice by lot
protocol    all of it on labelled pairs of one's own
"""

from active.simulation.comparison import Figure, Saving, compare, holm, labels_to_reach
from active.simulation.curves import Ask, Curve, Known, by_strategy, full_accuracy, learning_curve
from active.simulation.protocol import Proof, Protocol, prove
from active.simulation.summaries import ArmSummary, summarise
from active.simulation.voting import Ballots, voting_curve

__all__ = [
    "ArmSummary",
    "Ask",
    "Ballots",
    "Curve",
    "Figure",
    "Known",
    "Proof",
    "Protocol",
    "Saving",
    "by_strategy",
    "compare",
    "full_accuracy",
    "holm",
    "labels_to_reach",
    "learning_curve",
    "prove",
    "summarise",
    "voting_curve",
]
