"""Tell junk from text worth keeping, and say why: a small linear model over the measures of a text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.cleaning.junk_features import FEATURES, measure

WEIGHTS = Path(__file__).with_name("junk.json")
SHORTEST_CHARACTERS = 60
"""A shorter text, an answer of a few words, is never called junk: it shows too little."""
_REASONS = 2
_WEIGHTY = 0.3  # a measure that moves the log-odds by less explains nothing


class JunkVerdict(NamedTuple):
    """Hold the judgement of one text; `probability` is that of junk, `reason` says what weighed most."""

    is_junk: bool
    probability: float
    reason: str


@dataclass(frozen=True)
class Curve:
    """Turn a measure into evidence, in log-odds of junk, on straight lines between knots.

    `usual` is the mean of the measure over good texts; there the evidence is about zero.
    """

    knots: NDArray[np.float64]
    evidence: NDArray[np.float64]
    usual: float

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the evidence of each value; beyond the outer knots it stays as it is there."""
        return np.interp(values, self.knots, self.evidence)


@dataclass(frozen=True)
class JunkClassifier:
    """Judge texts by a logistic regression whose terms are bent: one curve a measure, added up.

    Bent, since Gopher's measures have bounds on both sides. The curves stand in the order of FEATURES. A text
    is junk when its probability reaches `threshold`; `version` names the weights. Hastie & Tibshirani (1986),
    "Generalized Additive Models".
    """

    curves: tuple[Curve, ...]
    intercept: float
    threshold: float
    version: str

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> JunkClassifier:
        """Load weights; by default those shipped, which `python -m rag.cleaning.train_junk` made.

        Raises ValueError when the weights were trained on other measures than the present ones.
        """
        stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if [row["name"] for row in stored["features"]] != [feature.name for feature in FEATURES]:
            raise ValueError(f"{path.name} knows other measures: run python -m rag.cleaning.train_junk")
        curves = tuple(
            Curve(np.array(row["knots"]), np.array(row["evidence"]), row["usual"])
            for row in stored["features"]
        )
        return cls(curves, stored["intercept"], stored["threshold"], stored["version"])

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of junk of each row of measures."""
        log_odds = sum(curve.at(column) for curve, column in zip(self.curves, values.T, strict=True))
        return np.asarray(1 / (1 + np.exp(-np.clip(log_odds + self.intercept, -500, 500))))

    def judge(self, text: str, language: str) -> JunkVerdict:
        """Return whether a text is junk, how probably, and the one or two measures that weigh most.

        A text without a single letter is junk at once; one of fewer than 60 characters never is. Never
        raises, whatever the text.
        """
        if not any(map(str.isalpha, text)):
            return JunkVerdict(is_junk=True, probability=1.0, reason="it has no letters")
        values = measure(text, language)
        [probability] = self.probabilities(values[None]).tolist()
        if len(text) < SHORTEST_CHARACTERS:
            return JunkVerdict(is_junk=False, probability=probability, reason="it is too short to judge")
        is_junk = probability >= self.threshold
        return JunkVerdict(is_junk, probability, self._reason(values, is_junk=is_junk))

    def _reason(self, values: NDArray[np.float64], *, is_junk: bool) -> str:
        """Say in words which measures speak most for the verdict; those that have words for it."""
        evidence = np.array([curve.at(value) for curve, value in zip(self.curves, values, strict=True)])
        said: list[str] = []
        for at in np.argsort(-evidence if is_junk else evidence, kind="stable"):
            if len(said) == _REASONS or abs(evidence[at]) < _WEIGHTY or (evidence[at] > 0) != is_junk:
                break
            above = values[at] > self.curves[at].usual
            if words := FEATURES[at].high if above else FEATURES[at].low:
                said.append(words.format(values[at]))
        return "; ".join(said) or ("little in it reads like prose" if is_junk else "it reads like prose")
