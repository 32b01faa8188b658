"""Label by machine: one kind of assessor a file. A machine's label never passes as a person's."""

from annotate.labelers.base import Labeler, MachineJudgement
from annotate.labelers.heuristic import HeuristicLabeler
from annotate.labelers.llm import LlmLabeler

__all__ = ["HeuristicLabeler", "Labeler", "LlmLabeler", "MachineJudgement"]
