"""Try one question and watch every stage: retrieval, launch decision, both answers as they are written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import JobError, PairloopError
from annotate.jobs.context import Context
from annotate.jobs.pairs import contender_print, put_answer
from annotate.jobs.questions import put_questions, question_from_text
from annotate.labelling import ChosenPair
from annotate.labelling.tasks import add_tasks
from annotate.store import Pair, Question
from rag import Answer, Contender, Explanation, Generator, Passage, RagError, Retriever
from rag.pairs import NEAR_IDENTICAL, similarity
from rag.retrieval import MODES

State = Literal["loading", "retrieving", "writing", "done", "failed"]
SHOWN_HITS = 10  # of each stage
AUTO = ""  # the retrieval mode of the contender itself

__all__ = ["AUTO", "MODES", "Choice", "Playground", "Side", "Stage", "Trial", "keep_pair"]


@dataclass(frozen=True)
class Choice:
    """Say what to try: contenders by name, and what replaces their own settings."""

    question: str
    contenders: tuple[str, ...]
    mode: str = AUTO
    passages: int | None = None


@dataclass(frozen=True)
class StageHit:
    """Hold one chunk as a stage ranked it; `used` says that it became a passage."""

    rank: int
    chunk_id: int
    title: str
    document: str
    score: float
    used: bool


@dataclass(frozen=True)
class Stage:
    """Hold what one stage of retrieval found, best first, with its remark and time."""

    name: str
    note: str
    seconds: float
    hits: tuple[StageHit, ...]


@dataclass
class Side:
    """Hold one contender's part of a trial while it is written; `answer` is there at its end."""

    name: str
    model: str
    stages: tuple[Stage, ...] = ()
    passages: tuple[Passage, ...] = ()
    text: str = ""
    answer: Answer | None = None
    print: str = ""
    first_piece_seconds: float | None = None


@dataclass
class Trial:
    """Hold a question on its way; a screen may read it at any time while a thread writes."""

    choice: Choice
    state: State = "loading"
    sides: list[Side] = field(default_factory=list)
    error: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Tell whether nothing more will come."""
        return self.state in ("done", "failed")


class Playground:
    """Try questions of one workspace, one after the other; models stay loaded between them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = Lock()

    def begin(self, choice: Choice) -> Trial:
        """Start a trial in a thread and return it; raise JobError when there is nothing to try."""
        if not choice.question.strip():
            raise JobError("the question is empty")
        trial = Trial(choice)
        trial.sides = [Side(contender.name, model) for contender, model in self._chosen(choice)]
        Thread(target=self._try, args=(trial,), name="playground", daemon=True).start()
        return trial

    def _chosen(self, choice: Choice) -> list[tuple[Contender, str]]:
        known = {contender.name: (contender, model) for contender, model in self._context.contenders()}
        if not choice.contenders or not set(choice.contenders) <= known.keys():
            raise JobError(f"choose one or two of the contenders {', '.join(known)}")
        wanted: dict[str, Any] = {"mode": choice.mode} if choice.mode else {}
        if choice.passages is not None:
            wanted["passages"] = choice.passages
        return [(replace(known[name][0], **wanted), known[name][1]) for name in choice.contenders]

    def _try(self, trial: Trial) -> None:
        try:
            with self._turn:
                self._run(trial)
        except (PairloopError, RagError, OSError, ValueError) as error:
            trial.error, trial.state = str(error), "failed"

    def _run(self, trial: Trial) -> None:
        started = time.perf_counter()
        if not self._context.corpus.size().chunks:
            raise JobError("there are no documents to answer from; bring some in with `pairloop ingest`")
        chosen = self._chosen(trial.choice)
        retriever = self._context.retriever()
        generators = [self._context.generator(model) for _, model in chosen]
        retriever.embedder.embed_queries([trial.choice.question])  # so that its weights are loaded now
        trial.seconds["loading"] = time.perf_counter() - started
        trial.state = "retrieving"
        for side, (contender, _) in zip(trial.sides, chosen, strict=True):
            self._explain(trial, side, retriever, contender)
        trial.state = "writing"
        for side, generator, (contender, _) in zip(trial.sides, generators, chosen, strict=True):
            self._write(trial, side, retriever, generator, contender)
        trial.seconds["all"] = time.perf_counter() - started
        trial.state = "done"

    def _explain(self, trial: Trial, side: Side, retriever: Retriever, contender: Contender) -> None:
        [found] = retriever.explain([trial.choice.question], settings=contender.retrieval)
        side.stages = self._stages(found)
        side.passages = found.passages

    def _stages(self, found: Explanation) -> tuple[Stage, ...]:
        ids = {hit.chunk_id for step in found.steps for hit in step.hits[:SHOWN_HITS]}
        chunks = {chunk.id: chunk for chunk in self._context.corpus.chunks(sorted(ids))}
        used = {passage.chunk_id for passage in found.passages}
        return tuple(
            Stage(
                step.name,
                step.note,
                step.seconds,
                tuple(
                    StageHit(
                        rank,
                        hit.chunk_id,
                        chunks[hit.chunk_id].title,
                        chunks[hit.chunk_id].document_key,
                        hit.score,
                        hit.chunk_id in used,
                    )
                    for rank, hit in enumerate(step.hits[:SHOWN_HITS], start=1)
                    if hit.chunk_id in chunks
                ),
            )
            for step in found.steps
        )

    def _write(
        self, trial: Trial, side: Side, retriever: Retriever, generator: Generator, contender: Contender
    ) -> None:
        answerer = self._context.answerer(retriever, generator)
        side.print = contender_print(contender, generator.fingerprint, retriever.reranker)
        started = time.perf_counter()
        with closing(answerer.stream(trial.choice.question.strip(), contender)) as pieces:
            while True:
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    side.answer = end.value
                    side.text = end.value.text
                    return
                if side.first_piece_seconds is None:
                    side.first_piece_seconds = time.perf_counter() - started
                side.text += piece


def keep_pair(context: Context, trial: Trial, *, by: str, campaign: str | None = None) -> int:
    """Store a trial's two answers as a pair and make it a task; return the pair's number.

    Raises JobError where there are not two different answers.
    """
    answers = [side.answer for side in trial.sides if side.answer is not None]
    if len(answers) != 2:
        raise JobError("a pair needs the answers of two contenders")
    if similarity(answers[0].text, answers[1].text) > NEAR_IDENTICAL:
        raise JobError("the answers are nearly the same: there is nothing to compare")
    question = question_from_text(trial.choice.question)
    put_questions(context.store, [question])
    with context.store.writing.begin() as session:
        question_id = session.scalars(select(Question.id).where(Question.key == question.key)).one()
        kept = _kept(session, question_id, trial.sides)
        pair = session.scalar(select(Pair).where(Pair.first_id.in_(kept), Pair.second_id.in_(kept)))
        if pair is None:
            pair = Pair(question_id=question_id, first_id=kept[0], second_id=kept[1])
            session.add(pair)
            session.flush()
        why = {"strategy": "playground", "text": f"tried and kept by {by}"}
        add_tasks(session, [ChosenPair(pair.id, chosen_by=why)], campaign=campaign)
        return pair.id


def _kept(session: Session, question_id: int, sides: Sequence[Side]) -> list[int]:
    """Store the answers; one that differs from the same contender's earlier answer is kept beside it."""
    kept = []
    for side in sides:
        if side.answer is None:
            continue
        record = put_answer(session, question_id, side.answer, side.print)
        if record.text != side.answer.text:
            index = side.answer.index_fingerprint
            record = put_answer(session, question_id, side.answer, f"{side.print}-{index}"[:64])
        kept.append(record.id)
    return kept
