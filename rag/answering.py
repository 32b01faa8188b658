"""Answer questions from passages, one contender at a time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from rag.attribution import attribute
from rag.citations import citation_numbers
from rag.errors import ContenderError
from rag.generators import Decoding, Generator
from rag.generators.base import Progress
from rag.language import detect_language, sentences
from rag.prompts import REFUSALS, STYLES, Style, answer_messages, fit_passages
from rag.retrieval import MODES, Mode, Passage, Retriever

MIN_SIMILARITY = 0.78  # cosine of e5 below which a passage is about something else


@dataclass(frozen=True)
class Contender:
    """Describe one way of answering: model, prompt, retrieval and decoding.

    `opening` gives the model the first words of its answer, with a citation in them.
    `attribution` adds to each uncited sentence the passage that supports it, if one does.
    """

    name: str
    model: str = "default"
    style: Style = "cited"
    opening: bool = False
    attribution: bool = False
    mode: Mode = "hybrid"
    passages: int = 3
    budget_tokens: int = 700
    min_similarity: float = MIN_SIMILARITY
    decoding: Decoding = field(default_factory=Decoding)

    def __post_init__(self) -> None:
        if self.style not in STYLES or self.mode not in MODES:
            raise ContenderError(
                f"contender {self.name}: style is one of {', '.join(STYLES)}; mode one of {', '.join(MODES)}"
            )
        if self.passages < 1:
            raise ContenderError(f"contender {self.name}: passages must be 1 or more")

    @property
    def fingerprint(self) -> str:
        """Return a hash of the settings, the name left out."""
        settings = {key: value for key, value in asdict(self).items() if key != "name"}
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Answer:
    """Hold an answer with all that made it, so that it can be made again."""

    question: str
    language: str
    text: str
    passages: tuple[Passage, ...]
    prompt: tuple[dict[str, str], ...]
    contender: Contender
    model_fingerprint: str
    index_fingerprint: str
    refused: bool = False
    new_tokens: int = 0
    seconds: float = 0.0

    @property
    def cited(self) -> tuple[int, ...]:
        """Return the passage numbers that the answer cites and that exist."""
        return tuple(n for n in citation_numbers(self.text) if 1 <= n <= len(self.passages))


class Answerer:
    """Answer questions with one retriever and one generator."""

    def __init__(self, retriever: Retriever, generator: Generator) -> None:
        self._retriever, self._generator = retriever, generator

    def answer(
        self,
        questions: Sequence[str],
        contender: Contender,
        *,
        seed: int | None = None,
        progress: Progress | None = None,
    ) -> list[Answer]:
        """Answer each question; refuse where no passage is near enough.

        `seed` replaces that of the contender, so that a sampled answer can be drawn again.
        """
        decoding = contender.decoding if seed is None else replace(contender.decoding, seed=seed)
        contender = replace(contender, decoding=decoding)
        found = self._retriever.retrieve(questions, contender.passages, contender.mode)
        drafts = [self._draft(q, p, contender) for q, p in zip(questions, found, strict=True)]
        asked = [at for at, draft in enumerate(drafts) if not draft.refused]
        texts = self._generator.generate([drafts[at].prompt for at in asked], decoding, progress)
        for at, made in zip(asked, texts, strict=True):
            drafts[at] = replace(
                drafts[at], text=trim(made.text), new_tokens=made.new_tokens, seconds=made.seconds
            )
        if contender.attribution:
            passages = [[passage.text for passage in drafts[at].passages] for at in asked]
            cited = attribute([drafts[at].text for at in asked], passages, self._retriever.embedder)
            for at, text in zip(asked, cited, strict=True):
                drafts[at] = replace(drafts[at], text=text)
        return drafts

    def _draft(self, question: str, found: list[Passage], contender: Contender) -> Answer:
        language = detect_language(question)
        near = [p for p in found if p.similarity is None or p.similarity >= contender.min_similarity]
        passages = fit_passages(
            question,
            near,
            contender.style,
            language,
            budget_tokens=contender.budget_tokens,
            count_tokens=self._generator.count_tokens,
        )
        return Answer(
            question=question,
            language=language,
            text="" if passages else REFUSALS[language],
            passages=tuple(passages),
            prompt=tuple(
                answer_messages(question, passages, contender.style, language, opening=contender.opening)
            ),
            contender=contender,
            model_fingerprint=self._generator.fingerprint,
            index_fingerprint=self._retriever.fingerprint,
            refused=not passages,
        )


def trim(text: str) -> str:
    """Cut an answer where it begins to repeat itself, and drop a last sentence left unfinished."""
    kept: list[str] = []
    seen: set[str] = set()
    for sentence in sentences(text):
        key = re.sub(r"\W+", " ", sentence.lower()).strip()
        if key in seen and len(key) > 3:
            break
        seen.add(key)
        kept.append(sentence)
    if len(kept) > 1 and not re.search(r"[.!?…»\"')\]`:]$", kept[-1]):
        kept.pop()
    return " ".join(kept)
