"""Give each kind of training its rows from the workspace, split for good, by the kind of row it reads.

Preferences come from judgements, demonstrations from winning answers, prompts from questions with
passages, texts from the corpus, relevance from questions whose sources are known, from the passages
that winning answers cite and from clicks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_questions
from annotate.jobs.frozen_splits import FrozenSplit, frozen_split
from annotate.jobs.snapshots import preference_rows
from annotate.labelling.verdicts import outcome
from annotate.store import AnswerRecord, Assignment, Feedback, Judgement, Question
from rag import Passage
from rag.prompts import answer_messages
from training import PreferenceRow
from training.kinds.embedder.hard_negatives import mine_hard_negatives, negatives_from_clicks
from training.label_guards import PREFERRED_SHOWN
from training.rows import DemonstrationRow, PromptRow, RelevanceRow, Row, TextRow
from training.snapshots import Freezing

NEGATIVES = 3  # passages shown with an answer and not cited by it
AT_ONCE = 500  # judgements asked for in one query
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
    context: Context,
    kind: type[Row],
    options: Freezing | None = None,
    test_from: date | None = None,
    source: Callable[[Context], Sequence[Any]] | None = None,
) -> FrozenSplit[Any]:
    """Return the workspace's rows of a kind, split so that a question stays on its side for good.

    Near duplicates of a question, among all that are stored, lie on its side; texts are split by
    document. Raises JobError where either side would be empty, training.RowsError for rows that
    leak from a frozen test.
    """
    split = frozen_split(context, (source or SOURCES[kind])(context), options, test_from=test_from)
    if not split.train or not split.test:
        raise JobError(TOO_FEW[kind])
    return split


def judged_rows(context: Context) -> list[PreferenceRow]:
    """Return the preference rows; each says in which place the answers its votes prefer were shown.

    The place is drawn by lot, so that labels which all fall on one of them can be told from real ones.
    """
    rows = preference_rows(context)
    places = _places(context, sorted({key for row in rows for key in row.lineage["judgements"]}))
    found = []
    for row in rows:
        votes = Counter(places[key] for key in row.lineage["judgements"] if key in places)
        found.append(replace(row, lineage=row.lineage | {PREFERRED_SHOWN: dict(sorted(votes.items()))}))
    return found


def demonstration_rows(context: Context) -> list[DemonstrationRow]:
    """Return a row for each answer that won, once; its weight is that of its surest win."""
    best: dict[tuple[str, str], DemonstrationRow] = {}
    for row in judged_rows(context):
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

    Its negatives are passages that were shown beside it and served nobody (where only clicks tell: those that
    were passed over), then the most similar ones of the index.
    """
    won, clicked = _cited_by_winners(context), _opened_passages(context)
    found: dict[tuple[str, str], RelevanceRow] = {}
    for question, answer in _answers(context):
        useful = won.get(answer.id, set()) | clicked.get(answer.id, set())
        numbers = range(1, len(answer.passages) + 1)
        [passed] = negatives_from_clicks([numbers], [clicked.get(answer.id, set())])
        unused = passed if answer.id in clicked and answer.id not in won else numbers
        served: list[dict[str, Any]] = []
        other: list[dict[str, Any]] = []
        for number, passage in enumerate(answer.passages, 1):
            if number in useful or passage["document"] in question.documents:
                served.append(passage)
            elif number in unused:
                other.append(passage)
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
    return with_mined_negatives(context, list(_once(found.values())))


SOURCES: dict[type[Row], Callable[[Context], Sequence[Any]]] = {
    PreferenceRow: judged_rows,
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


def _places(context: Context, judgements: Sequence[int]) -> dict[int, str]:
    """Return for each judgement that prefers an answer the place, first or second, that it was shown in."""
    query = select(Judgement.id, Judgement.verdict, Assignment.swapped).join(
        Assignment, Assignment.id == Judgement.assignment_id
    )
    places = {}
    with context.store.reading() as session:
        for start in range(0, len(judgements), AT_ONCE):
            some = query.where(Judgement.id.in_(judgements[start : start + AT_ONCE]))
            for key, verdict, swapped in session.execute(some):
                if (preferred := outcome(verdict)) in ("first", "second"):
                    places[key] = "first" if (preferred == "first") != swapped else "second"
    return places


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


def _cited_by_winners(context: Context) -> dict[int, set[int]]:
    """Return for each answer that won the numbers of the passages that it cites."""
    won = {row.lineage["answers"]["chosen"] for row in preference_rows(context)}
    with context.store.reading() as session:
        return {
            answer_id: {int(number) for sentence in sentences for number in sentence.get("cited", ())}
            for answer_id, sentences in session.execute(select(AnswerRecord.id, AnswerRecord.sentences))
            if answer_id in won
        }


def _opened_passages(context: Context) -> dict[int, set[int]]:
    """Return for each answer the numbers of the passages that an asker opened."""
    found: dict[int, set[int]] = {}
    clicks = select(Feedback.answer_id, Feedback.value).where(Feedback.kind == "click")
    with context.store.reading() as session:
        for answer_id, value in session.execute(clicks):
            passage = value.get("passage")
            if answer_id is not None and isinstance(passage, int):
                found.setdefault(answer_id, set()).add(passage)
    return found


def with_mined_negatives(context: Context, rows: list[RelevanceRow]) -> list[RelevanceRow]:
    """Fill the negatives of rows up from the index, by the vectors that it has of its chunks."""
    chunks = {chunk.text_hash: chunk.text for chunk in context.corpus.chunks()}
    if not chunks or all(len(row.negatives) >= NEGATIVES for row in rows):
        return rows
    vectors = context.corpus.embeddings(context.embedder.fingerprint, list(chunks))
    texts = [chunks[text_hash] for text_hash in vectors]
    place = {text: number for number, text in enumerate(texts)}
    serving: dict[str, set[int]] = {}
    for row in rows:
        if row.positive in place:
            serving.setdefault(row.question_id, set()).add(place[row.positive])
    wanting = [row for row in rows if row.positive in place and len(row.negatives) < NEGATIVES]
    if not wanting:
        return rows
    mined = mine_hard_negatives(
        embed_questions(context, [row.query for row in wanting]),
        np.stack(list(vectors.values())),
        [serving[row.question_id] for row in wanting],
        count=2 * NEGATIVES,  # some may be among the row's own
    )
    filled = {}
    for row, numbers in zip(wanting, mined, strict=True):
        fresh = [texts[number] for number in numbers if texts[number] not in (row.positive, *row.negatives)]
        room = NEGATIVES - len(row.negatives)
        filled[row.id] = replace(row, negatives=[*row.negatives, *dict.fromkeys(fresh[:room])])
    return [filled.get(row.id, row) for row in rows]


def _once(rows: Iterable[Any]) -> Iterator[Any]:
    """Leave out rows whose id came before."""
    seen: set[str] = set()
    for row in rows:
        if row.id not in seen:
            seen.add(row.id)
            yield row
