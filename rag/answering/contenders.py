"""Describe the ways of answering that compete."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

from rag.errors import ContenderError
from rag.generators import Decoding
from rag.prompts import STYLES, Style
from rag.retrieval import DEFAULT_MODE, MODES, Mode, Retrieval

MIN_SIMILARITY = 0.78  # cosine of e5 below which a passage is about something else
_LATER = {"recency_half_life_days": None, "diversity": 0.0, "neighbours": 0, "rerank": 0}


@dataclass(frozen=True)
class Contender:
    """Describe one way of answering: model, prompt, retrieval and decoding.

    `opening` gives the model the first words of its answer, with a citation in them.
    `attribution` adds to each uncited sentence the passage that supports it, if one does.
    `recency_half_life_days`, `diversity`, `neighbours` and `rerank` are those of `Retrieval`.
    """

    name: str
    model: str = "default"
    style: Style = "cited"
    opening: bool = False
    attribution: bool = False
    mode: Mode = DEFAULT_MODE
    passages: int = 3
    budget_tokens: int = 700
    min_similarity: float = MIN_SIMILARITY
    decoding: Decoding = field(default_factory=Decoding)
    recency_half_life_days: float | None = None
    diversity: float = 0.0
    neighbours: int = 0
    rerank: int = 0

    def __post_init__(self) -> None:
        if self.style not in STYLES or self.mode not in MODES:
            raise ContenderError(
                f"contender {self.name}: style is one of {', '.join(STYLES)}; mode one of {', '.join(MODES)}"
            )
        if self.passages < 1:
            raise ContenderError(f"contender {self.name}: passages must be 1 or more")
        try:
            self.retrieval  # noqa: B018 - its values are checked where they are made
        except ContenderError as error:
            raise ContenderError(f"contender {self.name}: {error}") from error

    @property
    def retrieval(self) -> Retrieval:
        """Return how passages are found for this contender."""
        return Retrieval(
            mode=self.mode,
            count=self.passages,
            recency_half_life_days=self.recency_half_life_days,
            diversity=self.diversity,
            rerank=self.rerank,
            neighbours=self.neighbours,
        )

    @property
    def fingerprint(self) -> str:
        """Return a hash of the settings, the name left out."""
        # What came later counts only where it is set, so that older answers keep their contender.
        settings = {
            key: value
            for key, value in asdict(self).items()
            if key != "name" and not (key in _LATER and value == _LATER[key])
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
