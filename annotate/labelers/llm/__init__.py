"""Judge with language models: prompt, calls and their budget, two ways of reading a verdict, panels."""

from annotate.labelers.llm.budget import Budget, Caps, Prices
from annotate.labelers.llm.calls import Call, CallLog, MemoryCalls, StoredCalls
from annotate.labelers.llm.endpoint import EndpointModel
from annotate.labelers.llm.errors import BudgetSpent, JudgeUnavailable, MalformedReply
from annotate.labelers.llm.judge import LlmLabeler, Mode
from annotate.labelers.llm.models import JudgeModel, LocalModel, OptionScorer, Reply, Request
from annotate.labelers.llm.panel import join_verdicts

__all__ = [
    "Budget",
    "BudgetSpent",
    "Call",
    "CallLog",
    "Caps",
    "EndpointModel",
    "JudgeModel",
    "JudgeUnavailable",
    "LlmLabeler",
    "LocalModel",
    "MalformedReply",
    "MemoryCalls",
    "Mode",
    "OptionScorer",
    "Prices",
    "Reply",
    "Request",
    "StoredCalls",
    "join_verdicts",
]
