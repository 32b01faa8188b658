"""Questions, answers and passages are clustered, measured, and keep their numbers; on the real embedder."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.cluster import find_question_gaps
from annotate.jobs.cluster_texts import cluster_texts
from annotate.jobs.context import Context
from annotate.reports.gap_map import report_gap_map
from annotate.reports.text_clusters import report_text_clusters
from annotate.store import AnswerRecord, Asked, Pair, Preference, Question, now

pytestmark = pytest.mark.models
TOPICS = {
    "refund": [
        "How long can goods be returned for a refund?",
        "For how long can I return goods for a refund?",
        "Is a receipt needed to get my money back?",
        "Can I return shoes that I have worn outside?",
        "Who pays the postage when goods are returned?",
    ],
    "parking": [
        "What does parking at the station cost?",
        "Where can I park my car near the town hall?",
        "Is parking free on Sundays in the centre?",
        "How do I pay a parking fine?",
        "May residents park in the market square?",
    ],
}


@pytest.fixture
def questions(context: Context) -> list[int]:
    """Store ten questions on two topics; the refunds came first, of the later ones most are on parking."""
    started = now() - timedelta(days=30)
    with context.store.writing.begin() as session:
        made = [
            Question(
                key=f"{topic}{place}",
                text=text,
                language="en",
                documents=[f"{topic}.md"],
                retrieval={
                    "documents": [f"{topic}.md"] if topic == "parking" else ["x.md"],
                    "refused": False,
                },
                created_at=started + timedelta(days=2 * place + (15 if topic == "parking" else 0)),
            )
            for topic, texts in TOPICS.items()
            for place, text in enumerate(texts)
        ]
        session.add_all(made)
        session.flush()
        return [question.id for question in made]


def test_each_cluster_is_measured_with_intervals_and_near_duplicates(context, questions) -> None:
    summary = find_question_gaps(context)
    found = report_gap_map(context.store)
    assert sum(one.questions for one in found.clusters) == 10
    assert summary["near_duplicates"] >= 1
    alike = [group for one in found.clusters for group in one.near_duplicates]
    assert any(set(TOPICS["refund"][:2]) <= set(group) for group in alike)
    for one in found.clusters:
        traffic = one.figures["traffic_share"]
        assert traffic.low < traffic.value == one.traffic_share < traffic.high or len(found.clusters) == 1
        assert one.figures["retrieval_support"].n == one.questions
        assert one.figures["drift"].n == one.questions
    assert sum(one.figures["drift"].value for one in found.clusters) == pytest.approx(0)


def test_what_is_asked_often_weighs_more(context, questions) -> None:
    with context.store.writing.begin() as session:
        session.add_all(Asked(id=f"a{at}", question_id=questions[-1]) for at in range(30))
    find_question_gaps(context)
    found = report_gap_map(context.store)
    [busy] = [one for one in found.clusters if one.asked]
    assert busy.traffic_share > busy.questions / 10


def test_clusters_keep_their_numbers_when_questions_are_added(context, questions) -> None:
    find_question_gaps(context)
    before = {one.number: set(one.examples) for one in report_gap_map(context.store).clusters}
    with context.store.writing.begin() as session:
        session.add(Question(key="more", text="What does a parking permit cost?", language="en"))
    find_question_gaps(context)
    after = {one.number: set(one.examples) for one in report_gap_map(context.store).clusters}
    stayed = set(after) & set(before)
    assert stayed
    assert all(after[number] & before[number] for number in stayed)
    assert all(number > max(before) for number in set(after) - stayed)


def test_answers_and_passages_are_clustered_too(context, pairs) -> None:
    with context.store.writing.begin() as session:
        for pair in session.scalars(select(Pair)):
            session.add(
                Preference(
                    pair_id=pair.id,
                    verdict="A_better",
                    posterior={},
                    margin=1.0,
                    votes=[],
                    people=1,
                    machines=0,
                )
            )
        session.scalars(select(AnswerRecord)).first().refused = True
    assert cluster_texts(context, "answers")["clusters"] >= 1
    answers = report_text_clusters(context.store, "answers")
    assert (answers.texts, sum(one.texts for one in answers.clusters)) == (16, 16)
    seen = [one.figures for one in answers.clusters]
    assert sum(one["refused"].value * one["refused"].n for one in seen) == pytest.approx(1)
    assert sum(one["preferred"].value * one["preferred"].n for one in seen) == pytest.approx(8)
    cluster_texts(context, "passages")
    passages = report_text_clusters(context.store, "passages")
    assert passages.texts == len({text for one in passages.clusters for text in one.examples})
    assert {"share", "cited", "behind_preferred"} >= set(passages.clusters[0].figures) >= {"share", "cited"}


def test_nothing_to_cluster_and_unknown_texts_are_said(context) -> None:
    with pytest.raises(JobError, match="no questions"):
        find_question_gaps(context)
    with pytest.raises(JobError, match="no answers"):
        cluster_texts(context, "answers")
    with pytest.raises(JobError, match="questions, answers or passages"):
        cluster_texts(context, "documents")
    assert report_text_clusters(context.store, "answers") is None
