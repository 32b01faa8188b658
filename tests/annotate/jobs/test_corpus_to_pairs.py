from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from annotate.errors import JobError
from annotate.jobs.ask import ask
from annotate.jobs.cluster import find_question_gaps
from annotate.jobs.context import Context
from annotate.jobs.evaluate_rag import evaluate_modes
from annotate.jobs.ingest import build_indexes, ingest_path
from annotate.jobs.label import label_by_machine
from annotate.jobs.pairs import make_missing_pairs
from annotate.jobs.questions import NewQuestion, put_questions
from annotate.jobs.select import select_pairs
from annotate.reports import report_coverage, report_progress
from annotate.store import AnswerRecord, Pair
from rag import CorpusError

pytestmark = pytest.mark.models

QUESTIONS = [
    NewQuestion("lib", "When does the library open on weekdays?", "en", documents=["town:library.md"]),
    NewQuestion("ref", "How long can goods be returned?", "en", documents=["town:refunds.md"]),
    NewQuestion("par", "Сколько стоит стоянка у вокзала?", "ru", documents=["town:parking.md"]),
]


def test_documents_become_sourced_pairs_labels_and_gaps(context: Context, documents: Path) -> None:
    assert ingest_path(context, documents, "town")["changed"] == 3
    first = build_indexes(context)
    assert ingest_path(context, documents, "town")["unchanged"] == 3
    assert build_indexes(context) == first
    assert put_questions(context.store, QUESTIONS) == 3

    made = make_missing_pairs(context)
    assert made["pairs"] + made["left_out_as_identical"] == 3
    assert make_missing_pairs(context)["pairs"] == 0
    with context.store.reading() as session:
        assert session.scalar(select(func.count(Pair.id))) == made["pairs"]
        answers = list(session.scalars(select(AnswerRecord)))
    assert all(answer.text and answer.passages and answer.model_fingerprint for answer in answers)

    [everything, *_] = evaluate_modes(context, modes=["fusion"])
    assert everything["measures"]["hit_rate@1"]["value"] == 1.0
    selected = select_pairs(context, 10)["selected"]
    assert label_by_machine(context, "heuristic")["judged"] == selected
    assert label_by_machine(context, "heuristic")["judged"] == 0
    progress = report_progress(context.store)
    assert (progress.judged_by_machines, progress.judged_by_people) == (selected, 0)
    assert progress.waiting_for_people == selected

    assert find_question_gaps(context)["clusters"] >= 1
    assert sum(cluster.questions for cluster in report_coverage(context.store)) == 3


def test_an_answer_names_its_sources(context: Context, documents: Path) -> None:
    ingest_path(context, documents, "town")
    answer = ask(context, "When does the library open?")
    assert answer["passages"][0]["document"] == "town:library.md"
    assert answer["cited"] == [1]
    with pytest.raises(JobError, match="empty"):
        ask(context, "  ")
    other = context.contenders()[1][0].name
    assert ask(context, "When does the library open?", contender_name=other)["contender"] == other
    with pytest.raises(JobError, match=f"no contender named oracle; the settings have .*{other}"):
        ask(context, "When does the library open?", contender_name="oracle")


def test_an_empty_corpus_and_missing_questions_are_said(context: Context, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="pairloop ingest"):
        ask(context, "Anything?")
    with pytest.raises(CorpusError, match="no such file"):
        ingest_path(context, tmp_path / "nowhere")
    with pytest.raises(JobError, match="no machine assessor named oracle"):
        label_by_machine(context, "oracle")
