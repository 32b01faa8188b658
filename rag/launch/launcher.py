"""Decide for each question whether to answer, search, reply or refuse: rules first, then the classifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from rag.embedders import Embedder
from rag.launch.classifier import SHIPPED, LaunchClassifier
from rag.launch.decisions import ACTIONS, LaunchDecision
from rag.launch.rules import MAX_CHARACTERS, decide_by_rule

RULES_ONLY = (
    "no rule stands against it; the classifier was trained on another embedder and is left out "
    "(`python -m rag.launch.train` makes weights for yours)"
)


class Launcher:
    """Decide with the rules and, where its weights fit the embedder, the classifier of a folder.

    With `weights` None only the rules act.
    """

    def __init__(
        self, embedder: Embedder, weights: Path | None = SHIPPED, max_characters: int = MAX_CHARACTERS
    ) -> None:
        self._embedder, self._weights, self._max_characters = embedder, weights, max_characters

    @cached_property
    def _classifier(self) -> LaunchClassifier | None:
        classifier = LaunchClassifier.load(self._weights) if self._weights else None
        return classifier if classifier and classifier.fits(self._embedder) else None

    def decide(self, questions: Sequence[str]) -> list[LaunchDecision]:
        """Return one decision for each question, with its reason.

        Raises ModelError where the weights are missing or of another version.
        """
        decided = [decide_by_rule(question, self._max_characters) for question in questions]
        left = [at for at, decision in enumerate(decided) if decision is None]
        for at, decision in zip(left, self._classify([questions[at] for at in left]), strict=True):
            decided[at] = decision
        return [decision for decision in decided if decision is not None]

    def _classify(self, questions: list[str]) -> list[LaunchDecision]:
        if self._weights is None:
            return [LaunchDecision("answer", "no rule stands against it")] * len(questions)
        if not questions:
            return []
        if self._classifier is None:
            return [LaunchDecision("answer", RULES_ONLY)] * len(questions)
        rows = self._classifier.probabilities(questions, self._embedder.embed_queries(questions))
        decisions = []
        for row in rows:
            action = self._classifier.choose(row)
            shares: dict[str, float] = {
                name: round(float(share), 4) for name, share in zip(ACTIONS, row, strict=True)
            }
            best = max(shares, key=lambda name: shares[name])
            reason = f"classifier: {best} at {shares[best]:.2f}"
            if best != action:
                reason += f", below its threshold of {self._classifier.thresholds[best]:.2f}"
            decisions.append(LaunchDecision(action, reason, shares))
        return decisions
