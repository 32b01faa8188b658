"""Define what a labeler is: a machine that reserves and submits like any other assessor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from annotate.labelling.views import PairView

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MachineJudgement:
    """Hold a machine's verdict on a pair as shown, its confidence in [0, 1] and its reasons."""

    verdict: str
    confidence: float
    aspects: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Abstention:
    """Say why a machine gives no verdict on a pair; it is never counted as a tie.

    With `stops`, the machine can judge nothing more now (the budget is spent, the server is
    away) and the pair stays open to it; without, this pair is for somebody else.
    """

    reason: str
    stops: bool = False
    details: dict[str, Any] = field(default_factory=dict)


Outcome = MachineJudgement | Abstention


class Labeler(Protocol):
    """Judge pairs; equal fingerprints judge equally."""

    name: str

    @property
    def fingerprint(self) -> str:
        """Identify the method, its settings and its weights."""
        ...

    def judge(self, pairs: Sequence[PairView], progress: Progress | None = None) -> Sequence[Outcome]:
        """Return one judgement or abstention for each pair, in order."""
        ...


def judge_each(
    judge: Callable[[PairView], Outcome], pairs: Sequence[PairView], progress: Progress | None
) -> list[Outcome]:
    """Judge the pairs one by one, telling the progress."""
    judged: list[Outcome] = []
    for count, pair in enumerate(pairs, start=1):
        judged.append(judge(pair))
        if progress:
            progress(count, len(pairs))
    return judged
