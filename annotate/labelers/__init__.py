"""Label by machine: one kind of assessor a file. A machine's label never passes as a person's."""

from annotate.labelers.base import Abstention, Labeler, MachineJudgement, Outcome
from annotate.labelers.heuristic import HeuristicLabeler
from annotate.labelers.likelihood import LikelihoodLabeler
from annotate.labelers.llm import LlmLabeler
from annotate.labelers.reward import RewardLabeler

__all__ = [
    "Abstention",
    "HeuristicLabeler",
    "Labeler",
    "LikelihoodLabeler",
    "LlmLabeler",
    "MachineJudgement",
    "Outcome",
    "RewardLabeler",
]
