"""Give each kind of training its rows from the workspace, split for good, by the kind of row it reads.

Preferences come from judgements, demonstrations from winning answers, prompts from questions with
passages, texts from the corpus, relevance from questions whose sources are known, from the passages
that winning answers cite and from clicks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.frozen_splits import FrozenSplit, frozen_split
from annotate.jobs.snapshots import preference_rows
from annotate.store import AnswerRecord, Feedback, Question
from rag import Passage
from rag.prompts import answer_messages
from training import PreferenceRow
from training.rows import DemonstrationRow, PromptRow, RelevanceRow, Row, TextRow
from training.snapshots import Freezing

NEGATIVES = 3  # passages shown with an answer and not cited by it
PREFERENCES = (
    "too few preferences with a winner: training needs two questions or more; "
    "label more with `pairloop label` or `pairloop ui`"
)
TOO_FEW: dict[type[Row], str] = {
    PreferenceRow: PREFERENCES,
    DemonstrationRow: PREFERENCES,
    PromptRow: "too few questions with passages: answer two questions or more with `pairloop pairs`",
    TextRow: "too few documents: bring in two or more with `pairloop ingest`",
    RelevanceRow: (
        "too few questions whose sources are known: name the documents of the questions, "
        "or label pairs whose answers cite their passages"
    ),
}


def frozen_rows(
    context: Context, kind: type[Row], options: Freezing | None = None, test_from: date | None = None
) -> FrozenSplit[Any]:
    """Return the workspace's rows of a kind, split so that a question stays on its side for good.

    Near duplicates of a question, among all that are stored, lie on its side; texts are split by
    document. Raises JobError where either side would be empty, training.RowsError for rows that
    leak from a frozen test.
    """
    split = frozen_split(context, SOURCES[kind](context), options, test_from=test_from)
    if not split.train or not split.test:
        raise JobError(TOO_FEW[kind])
    return split


def demonstration_rows(context: Context) -> list[DemonstrationRow]:
    """Return a row for each answer that won, once; its weight is that of its surest win."""
    best: dict[tuple[str, str], DemonstrationRow] = {}
    for row in preference_rows(context):
        found = DemonstrationRow(
            id=f"answer-{row.lineage['answers']['chosen']}",
            question_id=row.question_id,
            prompt=row.prompt,
            completion=row.chosen,
            weight=row.weight,
            language=row.language,
            lineage=row.lineage,
        )
        known = best.setdefault((row.question_id, row.chosen), found)
        if known.weight < found.weight:
            best[row.question_id, row.chosen] = found
    return list(_once(best.values()))


def prompt_rows(context: Context) -> list[PromptRow]:
    """Return a row for each question that was answered from passages: those of its newest answer.

    The prompt is that of the first contender, the policy that is tuned.
    """
    policy, _ = context.contenders()[0]
    found: dict[str, PromptRow] = {}
    for question, answer in _answers(context):
        if not answer.passages:
            continue
        passages = [_passage(each) for each in answer.passages]
        found[question.key] = PromptRow(
            id=f"question-{question.id}",
            question_id=question.key,
            prompt=answer_messages(question.text, passages, policy.style, question.language),
            passages=len(passages),
            language=question.language,
            lineage={"question": question.text, "answer": answer.id},
        )
    return list(found.values())


def text_rows(context: Context) -> list[TextRow]:
    """Return a row for each chunk of the corpus that is searched, in the order of the corpus."""
    return [
        TextRow(
            id=f"chunk-{chunk.id}",
            question_id=chunk.document_key,
            text=chunk.text,
            language=chunk.language or "en",
            lineage={"title": chunk.title, "text_hash": chunk.text_hash},
        )
        for chunk in context.corpus.chunks()
        if chunk.text.strip()
    ]


def relevance_rows(context: Context) -> list[RelevanceRow]:
    """Return a row for each passage that a winning answer cites, an asker opened, or whose document is known.

    Passages that were shown beside it and served nobody are its negatives.
    """
    known = _useful_passages(context)
    found: dict[tuple[str, str], RelevanceRow] = {}
    for question, answer in _answers(context):
        useful = known.get(answer.id, set())
        sources = set(question.documents)
        served: list[dict[str, Any]] = []
        other: list[dict[str, Any]] = []
        for number, passage in enumerate(answer.passages, 1):
            is_useful = number in useful or passage["document"] in sources
            (served if is_useful else other).append(passage)
        for passage in served:
            text = passage["text"]
            others = [each["text"] for each in other if each["text"] != text][:NEGATIVES]
            found.setdefault(
                (question.key, text),
                RelevanceRow(
                    id=f"passage-{answer.id}-{passage.get('chunk', 0)}",
                    question_id=question.key,
                    query=question.text,
                    positive=text,
                    negatives=list(dict.fromkeys(others)),
                    language=question.language,
                    lineage={"question": question.text, "answer": answer.id, "document": passage["document"]},
                ),
            )
    return list(_once(found.values()))


SOURCES: dict[type[Row], Callable[[Context], Sequence[Any]]] = {
    PreferenceRow: preference_rows,
    DemonstrationRow: demonstration_rows,
    PromptRow: prompt_rows,
    TextRow: text_rows,
    RelevanceRow: relevance_rows,
}


def _answers(context: Context) -> Iterator[tuple[Question, AnswerRecord]]:
    """Yield every answer that is no refusal with its question, the oldest first."""
    query = (
        select(Question, AnswerRecord)
        .join(AnswerRecord, AnswerRecord.question_id == Question.id)
        .where(AnswerRecord.refused.is_(False))
        .order_by(AnswerRecord.id)
    )
    with context.store.reading() as session:
        for row in session.execute(query, execution_options={"yield_per": 500}):
            yield row.Question, row.AnswerRecord


def _passage(stored: dict[str, Any]) -> Passage:
    return Passage(
        chunk_id=stored.get("chunk", 0),
        document_key=stored["document"],
        title=stored["title"],
        text=stored["text"],
        text_hash=stored.get("text_hash", ""),
        score=float(stored.get("score", 0.0)),
        published=date.fromisoformat(stored["published"]) if stored.get("published") else None,
    )


def _useful_passages(context: Context) -> dict[int, set[int]]:
    """Return for each answer the numbers of the passages that it won with, or that an asker opened."""
    found: dict[int, set[int]] = {}
    won = {row.lineage["answers"]["chosen"] for row in preference_rows(context)}
    with context.store.reading() as session:
        for answer_id, sentences in session.execute(select(AnswerRecord.id, AnswerRecord.sentences)):
            if answer_id in won:
                cited = {int(number) for sentence in sentences for number in sentence.get("cited", ())}
                found[answer_id] = cited
        clicks = select(Feedback.answer_id, Feedback.value).where(Feedback.kind == "click")
        for answer_id, value in session.execute(clicks):
            passage = value.get("passage")
            if answer_id is not None and isinstance(passage, int):
                found.setdefault(answer_id, set()).add(passage)
    return found


def _once(rows: Iterable[Any]) -> Iterator[Any]:
    """Leave out rows whose id came before."""
    seen: set[str] = set()
    for row in rows:
        if row.id not in seen:
            seen.add(row.id)
            yield row
