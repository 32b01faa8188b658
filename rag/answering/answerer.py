"""Answer questions: decide, retrieve, write the prompt, generate, attribute, verify."""

from __future__ import annotations

import time
from collections.abc import Generator as Pieces
from collections.abc import Sequence
from dataclasses import replace

from rag.answering.answers import Answer
from rag.answering.contenders import Contender
from rag.answering.flags import Flag, flag_sentences, flag_text
from rag.answering.loops import Cut, cut
from rag.attribution import attribute
from rag.errors import ContenderError
from rag.freshness import newest_first
from rag.generators import Generator
from rag.generators.base import Progress
from rag.language import detect_language
from rag.launch import LaunchDecision, Launcher, reply
from rag.prompts import answer_messages, fit_passages
from rag.retrieval import Passage, Retriever
from rag.support import SentenceVectors
from rag.verification import verify_all

_SHOWN_CHARACTERS = 160  # of each passage where passages are listed in place of an answer


class Answerer:
    """Answer questions with one retriever and one generator.

    `launcher` decides what is answered at all, by default with the shipped weights; with `check`
    false answers are neither verified nor flagged.
    """

    def __init__(
        self,
        retriever: Retriever,
        generator: Generator,
        launcher: Launcher | None = None,
        *,
        check: bool = True,
    ) -> None:
        self._retriever, self._generator, self._check = retriever, generator, check
        self._launcher = launcher or Launcher(retriever.embedder)

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
        started = time.perf_counter()
        contender = _seeded(contender, seed)
        drafts = self._drafts(questions, contender)
        asked = [at for at, draft in enumerate(drafts) if draft.decision.action == "answer"]
        texts = self._generator.generate([drafts[at].prompt for at in asked], contender.decoding, progress)
        written = [
            replace(drafts[at], text=made.text, new_tokens=made.new_tokens, seconds=made.seconds)
            for at, made in zip(asked, texts, strict=True)
        ]
        for at, answer in zip(asked, self._finish(written, contender), strict=True):
            drafts[at] = answer
        latency = time.perf_counter() - started
        return [replace(draft, latency_seconds=latency) for draft in drafts]

    def stream(self, question: str, contender: Contender) -> Pieces[str, None, Answer]:
        """Yield one answer piece by piece and return it whole (the `value` of StopIteration).

        Writing stops where the text begins to loop. The answer returned is trimmed, attributed,
        verified and flagged, so that its text may differ from the pieces at the end.
        """
        started = time.perf_counter()
        [draft] = self._drafts([question], contender)
        if draft.decision.action != "answer":
            yield draft.text
            return replace(draft, latency_seconds=time.perf_counter() - started)
        pieces = self._generator.stream(draft.prompt, contender.decoding)
        text, generating = "", time.perf_counter()
        try:
            for piece in pieces:
                text += piece
                yield piece
                if cut(text).looped:
                    break
        finally:  # the engine stops too where the text loops or nobody listens any more
            if isinstance(pieces, Pieces):
                pieces.close()
        seconds = time.perf_counter() - generating
        tokens = self._generator.count_tokens(text)
        written = replace(draft, text=text.strip(), new_tokens=tokens, seconds=seconds)
        [answer] = self._finish([written], contender)
        return replace(answer, latency_seconds=time.perf_counter() - started)

    def _drafts(self, questions: Sequence[str], contender: Contender) -> list[Answer]:
        """Decide, and find passages for what is answered or searched."""
        decisions = self._launcher.decide(questions)
        searched = [at for at, decision in enumerate(decisions) if _searches(decision)]
        found: dict[int, list[Passage]] = dict(
            zip(
                searched,
                self._retriever.retrieve([questions[at] for at in searched], settings=contender.retrieval),
                strict=True,
            )
        )
        return [
            self._draft(question, decisions[at], found.get(at, []), contender)
            for at, question in enumerate(questions)
        ]

    def _draft(
        self, question: str, decision: LaunchDecision, found: list[Passage], contender: Contender
    ) -> Answer:
        language = detect_language(question)
        near = [p for p in found if p.similarity is None or p.similarity >= contender.min_similarity]
        passages, decision = self._fit(question, decision, near, language, contender)
        if _searches(decision) and not passages:
            decision = _without_sources(decision, found, near, contender)
        prompt = answer_messages(question, passages, contender.style, language, opening=contender.opening)
        reranker = self._retriever.reranker if contender.rerank else None
        return Answer(
            question=question,
            language=language,
            text="" if decision.action == "answer" else _reply(decision, language, passages),
            passages=tuple(passages),
            prompt=tuple(prompt),
            contender=contender,
            model_fingerprint=self._generator.fingerprint,
            index_fingerprint=self._retriever.fingerprint,
            refused=not _searches(decision),
            decision=decision,
            embedder_fingerprint=self._retriever.embedder.fingerprint,
            reranker_fingerprint=reranker.fingerprint if reranker else "",
        )

    def _fit(
        self,
        question: str,
        decision: LaunchDecision,
        near: list[Passage],
        language: str,
        contender: Contender,
    ) -> tuple[list[Passage], LaunchDecision]:
        if decision.action != "answer":
            return near, decision
        try:
            fitting = fit_passages(
                question,
                near,
                contender.style,
                language,
                budget_tokens=contender.budget_tokens,
                count_tokens=self._generator.count_tokens,
            )
        except ContenderError as error:  # one long question must not stop the others
            return [], replace(decision, action="refuse", reason=str(error), topic="too_long")
        return newest_first(fitting)[0], decision

    def _finish(self, answers: Sequence[Answer], contender: Contender) -> list[Answer]:
        """Trim, attribute, verify and flag texts as they were generated."""
        cuts = [cut(answer.text) for answer in answers]
        texts = [made.text for made in cuts]
        sources = [[passage.text for passage in answer.passages] for answer in answers]
        embedder = self._retriever.embedder
        vectors = SentenceVectors(embedder)
        if contender.attribution:
            texts = attribute(texts, sources, embedder, vectors=vectors)
        answers = [replace(answer, text=text) for answer, text in zip(answers, texts, strict=True)]
        if not self._check:
            return answers
        checked = verify_all(texts, sources, embedder, vectors)
        return [
            replace(answer, checks=tuple(checks), flags=tuple(flag_sentences(checks)) + _flags(answer, made))
            for answer, checks, made in zip(answers, checked, cuts, strict=True)
        ]


def _seeded(contender: Contender, seed: int | None) -> Contender:
    return contender if seed is None else replace(contender, decoding=replace(contender.decoding, seed=seed))


def _searches(decision: LaunchDecision) -> bool:
    return decision.action in ("answer", "search_only")


def _flags(answer: Answer, made: Cut) -> tuple[Flag, ...]:
    passages = [passage.text for passage in answer.passages]
    return tuple(
        flag_text(
            answer.question,
            answer.text,
            answer.language,
            passages,
            looped=made.looped,
            unfinished=made.unfinished,
        )
    )


def _without_sources(
    decision: LaunchDecision, found: Sequence[Passage], near: Sequence[Passage], contender: Contender
) -> LaunchDecision:
    if near:
        reason = f"no passage fits into the budget of {contender.budget_tokens} tokens"
    elif found:
        best = max(passage.similarity or 0.0 for passage in found)
        reason = f"no passage is near enough: {best:.3f} at best, {contender.min_similarity:.3f} wanted"
    else:
        reason = "no passage was found"
    return replace(decision, action="refuse", reason=reason, topic="no_sources")


def _reply(decision: LaunchDecision, language: str, passages: Sequence[Passage]) -> str:
    said = reply(decision, language)
    if decision.action != "search_only":
        return said
    lines = [
        f"[{number}] {passage.title}: {_beginning(passage.text)}"
        for number, passage in enumerate(passages, start=1)
    ]
    return "\n".join([said, *lines])


def _beginning(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN_CHARACTERS else flat[:_SHOWN_CHARACTERS].rsplit(" ", 1)[0] + " …"
