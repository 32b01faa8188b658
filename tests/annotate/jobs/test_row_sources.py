"""Rows of every kind from one workspace, split for good."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.ingest import build_indexes, ingest_path
from annotate.jobs.row_sources import SOURCES, frozen_rows
from annotate.store import (
    AnswerRecord,
    Asked,
    Assignment,
    ContenderRecord,
    Feedback,
    Preference,
    Question,
    Task,
)
from benchmarks.tiny_training import judge_pairs
from rag import Document
from training import PreferenceRow
from training.label_guards import PREFERRED_SHOWN
from training.rows import DemonstrationRow, PromptRow, RelevanceRow, Row, TextRow

from .test_snapshots import judge

pytestmark = pytest.mark.models


@pytest.fixture
def judged(context: Context) -> Context:
    judge_pairs(context.store, 12)
    return context


@pytest.mark.parametrize("kind", [PreferenceRow, DemonstrationRow, PromptRow, RelevanceRow])
def test_each_kind_of_row_is_split_by_question(judged: Context, kind: type[Row]) -> None:
    split = frozen_rows(judged, kind)
    sides = [{row.question_id for row in side} for side in (split.train, split.test)]
    assert all(sides)
    assert not sides[0] & sides[1]
    assert len(split.train) + len(split.test) == 12
    assert frozen_rows(judged, kind) == split


def test_every_kind_keeps_a_question_on_the_same_side(judged: Context) -> None:
    tested = [
        {row.question_id for row in frozen_rows(judged, kind).test}
        for kind in (PreferenceRow, DemonstrationRow, PromptRow, RelevanceRow)
    ]
    assert tested[1:] == tested[:-1]


def test_demonstrations_are_the_answers_that_won_once_each(judged: Context) -> None:
    rows = SOURCES[DemonstrationRow](judged)
    assert [row.completion for row in rows][:2] == ["House 0 is red [1].", "House 1 is green [1]."]
    assert rows[0].prompt[-1]["role"] == "user"
    assert "House 0 was painted red." in rows[0].prompt[-1]["content"]
    with judged.store.writing.begin() as session:
        session.scalars(select(Preference).where(Preference.pair_id == 1)).one().verdict = "both_bad"
    assert len(SOURCES[DemonstrationRow](judged)) == 11


def test_prompts_show_their_passages(judged: Context) -> None:
    row = SOURCES[PromptRow](judged)[0]
    assert (row.passages, row.question_id, row.lineage["question"]) == (1, "q0", "What colour has house 0?")
    assert "House 0 was painted red." in row.prompt[-1]["content"]


def test_relevance_comes_from_winners_clicks_and_known_sources(judged: Context) -> None:
    assert SOURCES[RelevanceRow](judged)[0].positive == "House 0 was painted red."
    with judged.store.writing.begin() as session:
        for preference in session.scalars(select(Preference)):
            preference.verdict = "tie"
    assert SOURCES[RelevanceRow](judged) == []
    with judged.store.writing.begin() as session:
        session.scalars(select(Question).where(Question.key == "q3")).one().documents = ["d:3"]
        session.add(Asked(id="a", question_id=2, answer_ids=[3, 4]))
        session.flush()
        session.add(Feedback(key="k", asked_id="a", answer_id=3, kind="click", value={"passage": 1}))
    assert {row.question_id for row in SOURCES[RelevanceRow](judged)} == {"q1", "q3"}


def test_only_passages_that_were_passed_over_are_negatives_of_a_click(judged: Context) -> None:
    with judged.store.writing.begin() as session:
        for preference in session.scalars(select(Preference)):
            preference.verdict = "tie"
        answer = session.get_one(AnswerRecord, 3)
        shown = [{**answer.passages[0], "chunk": 50 + n, "text": f"Passage {n}."} for n in range(1, 5)]
        answer.passages = shown
        session.add(Asked(id="a", question_id=answer.question_id, answer_ids=[3, 4]))
        session.flush()
        session.add(Feedback(key="k", asked_id="a", answer_id=3, kind="click", value={"passage": 3}))
    [row] = SOURCES[RelevanceRow](judged)
    assert (row.positive, row.negatives) == ("Passage 3.", ["Passage 1.", "Passage 2."])


def test_negatives_are_mined_from_the_index(context: Context, documents: Path) -> None:
    ingest_path(context, documents, "town")
    build_indexes(context)
    [library, *_] = [chunk for chunk in context.corpus.chunks() if chunk.document_key == "town:library.md"]
    with context.store.writing.begin() as session:
        contender = ContenderRecord(name="one", fingerprint="one", settings={})
        question = Question(key="q", text="When does the library open?", language="en")
        question.documents = ["town:library.md"]
        session.add_all([contender, question])
        session.flush()
        passage = {"chunk": library.id, "document": library.document_key, "title": "", "text": library.text}
        session.add(
            AnswerRecord(
                question_id=question.id,
                contender_id=contender.id,
                text="At nine [1].",
                sentences=[],
                passages=[passage],
                prompt=[],
                model_fingerprint="m",
                index_fingerprint="i",
            )
        )
    [row] = SOURCES[RelevanceRow](context)
    others = {chunk.text for chunk in context.corpus.chunks()} - {library.text}
    assert row.positive == library.text
    assert row.negatives
    assert set(row.negatives) <= others


def test_votes_carry_the_place_in_which_the_better_answer_was_shown(
    context: Context, pairs: list[int]
) -> None:
    judge(context, pairs, "A_better")
    rows = SOURCES[PreferenceRow](context)
    with context.store.reading() as session:
        query = select(Task.pair_id, Assignment.swapped).join(Assignment)
        drawn = {row.pair_id: row.swapped for row in session.execute(query)}
    assert len(rows) == len(pairs)
    for row in rows:
        place = "second" if drawn[row.lineage["pair"]] else "first"
        assert row.lineage[PREFERRED_SHOWN] == {place: 1}
    assert all(PREFERRED_SHOWN in row.lineage for row in SOURCES[DemonstrationRow](context))


def test_texts_are_split_by_document(context: Context) -> None:
    for number in range(6):
        text = f"Chapter {number} tells of house {number}. It was built long ago, by hand, of stone."
        document = Document(key=f"d:{number}", title=f"House {number}", text=text)
        context.corpus.put(document, context.preparation)
    split = frozen_rows(context, TextRow)
    assert {row.question_id for row in split.train} | {row.question_id for row in split.test} == {
        f"d:{number}" for number in range(6)
    }
    assert not {row.question_id for row in split.train} & {row.question_id for row in split.test}


@pytest.mark.parametrize("kind", list(SOURCES))
def test_an_empty_workspace_says_what_is_missing(context: Context, kind: type[Row]) -> None:
    with pytest.raises(JobError, match="too few"):
        frozen_rows(context, kind)
