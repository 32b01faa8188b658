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


class Labeler(Protocol):
    """Judge pairs; equal fingerprints judge equally."""

    name: str

    @property
    def fingerprint(self) -> str:
        """Identify the method, its settings and its weights."""
        ...

    def judge(self, pairs: Sequence[PairView], progress: Progress | None = None) -> list[MachineJudgement]:
        """Return one judgement for each pair, in order."""
        ...
