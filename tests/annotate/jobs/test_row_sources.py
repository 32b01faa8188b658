"""Rows of every kind from one workspace, split for good."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.row_sources import SOURCES, frozen_rows
from annotate.store import Asked, Feedback, Preference, Question
from benchmarks.tiny_training import judge_pairs
from rag import Document
from training import PreferenceRow
from training.rows import DemonstrationRow, PromptRow, RelevanceRow, Row, TextRow

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
