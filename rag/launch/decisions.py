"""Say what becomes of a question before anything is generated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Action = Literal["answer", "search_only", "stub", "refuse"]
ACTIONS: tuple[Action, ...] = ("answer", "search_only", "stub", "refuse")


@dataclass(frozen=True)
class LaunchDecision:
    """Hold what to do with a question and why.

    `answer` generates from passages, `search_only` lists them, `stub` gives a canned reply and
    `refuse` declines politely. `topic` chooses the reply; `probabilities` are the classifier's,
    empty where a rule decided.
    """

    action: Action
    reason: str
    probabilities: dict[str, float] = field(default_factory=dict)
    topic: str = ""
