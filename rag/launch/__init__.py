"""Decide whether to answer at all, before anything is generated."""

from rag.launch.classifier import LaunchClassifier
from rag.launch.decisions import ACTIONS, Action, LaunchDecision
from rag.launch.launcher import Launcher
from rag.launch.replies import reply
from rag.launch.rules import decide_by_rule

__all__ = [
    "ACTIONS",
    "Action",
    "LaunchClassifier",
    "LaunchDecision",
    "Launcher",
    "decide_by_rule",
    "reply",
]
