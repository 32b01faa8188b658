"""Retrieval and answers are measured from the workspace or from a file, group by group."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import BridgeError, JobError
from annotate.jobs.context import Context
from annotate.jobs.evaluate_rag import evaluate_answers, evaluate_modes
from annotate.jobs.evaluation_files import read_evaluation_answers, read_evaluation_questions
from annotate.store import Cluster, ClusterMember, Question
from rag import Document, ParagraphChunker

DOCUMENTS = {
    "library": "The library opens at nine on weekdays. It is closed on Sundays.",
    "refunds": "Goods can be returned within fourteen days with the receipt.",
    "parking": "Стоянка у вокзала бесплатна первые два часа. Потом час стоит сто рублей.",
}
QUESTIONS: list[dict[str, Any]] = [
    {"question": "When does the library open?", "documents": ["d:library"], "cluster": "hours"},
    {"question": "Can I return goods?", "passages": ["within fourteen days"], "cluster": "money"},
    {"question": "Сколько стоит стоянка у вокзала?", "document": "d:parking", "cluster": "money"},
    {"question": "Who built the bridge?"},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8")
    return path


@pytest.fixture
def filled(context: Context) -> Context:
    for key, text in DOCUMENTS.items():
        context.corpus.put(Document(f"d:{key}", "", text), ParagraphChunker())
    return context


@pytest.mark.models
def test_modes_are_measured_by_language_and_cluster(filled: Context, tmp_path: Path) -> None:
    file = write(tmp_path / "questions.jsonl", QUESTIONS)
    rows = evaluate_modes(filled, file, ["fusion", "lexical"])
    found = {(row["group"], row["mode"]): row for row in rows}
    groups = ["all", "language en", "language ru", "cluster hours", "cluster money"]
    assert list(found) == [(group, mode) for mode in ("fusion", "lexical") for group in groups]
    everything = found["all", "fusion"]["measures"]["ndcg@10"]
    assert (everything["n"], everything["of"], everything["coverage"]) == (3, 4, 0.75)
    assert everything["value"] == 1.0
    assert everything["low"] == everything["high"] == 1.0
    russian = found["language ru", "fusion"]["measures"]["mrr"]
    assert (russian["value"], russian["low"], russian["n"]) == (1.0, None, 1)
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


@pytest.mark.models
def test_the_questions_of_the_workspace_are_the_default(filled: Context) -> None:
    with filled.store.writing.begin() as session:
        asked = Question(key="q", text="When does the library open?", language="en", documents=["d:library"])
        cluster = Cluster(number=0, name="opening hours", keywords=[])
        session.add_all([asked, cluster])
        session.flush()
        session.add(ClusterMember(question_id=asked.id, cluster_id=cluster.id))
    rows = evaluate_modes(filled, modes=["tfidf"])
    assert [row["group"] for row in rows] == ["all", "language en", "cluster opening hours"]
    assert all(row["measures"]["hit_rate@1"]["value"] == 1.0 for row in rows)


def test_questions_without_evidence_and_unknown_modes_are_refused(context: Context, tmp_path: Path) -> None:
    file = write(tmp_path / "questions.jsonl", QUESTIONS[3:])
    with pytest.raises(JobError, match="what answers it"):
        evaluate_modes(context, file)
    with pytest.raises(JobError, match="no such mode: magic; there are fusion"):
        evaluate_modes(context, file, ["magic"])
    with pytest.raises(JobError, match="what answers it"):
        evaluate_modes(context)


@pytest.mark.models
def test_stored_answers_are_measured_by_contender(context: Context, pairs: list[int]) -> None:
    rows = {row["group"]: row for row in evaluate_answers(context)}
    assert list(rows) == ["all", "language en", "contender one", "contender two"]
    assert rows["all"]["cases"] == 2 * len(pairs)
    words = rows["contender one"]["measures"]["words"]
    assert (words["value"], words["coverage"]) == (4.0, 1.0)
    assert rows["all"]["measures"]["refusal"] == {
        "value": None, "low": None, "high": None, "n": 0, "of": 16, "coverage": 0.0
    }  # fmt: skip
    assert "judged_relevance" not in rows["all"]["measures"]


@pytest.mark.slow
@pytest.mark.models
def test_answers_of_a_file_judged_by_a_model(context: Context, tmp_path: Path) -> None:
    passages = [{"text": DOCUMENTS["library"]}, DOCUMENTS["refunds"]]
    answers = [
        {"question": "When?", "answer": "The library opens at nine on weekdays [1].", "passages": passages},
        {"question": "Где?", "text": "В документах нет ответа на этот вопрос.", "should_refuse": True},
    ]
    rows = evaluate_answers(context, write(tmp_path / "answers.jsonl", answers), judge="default")
    measures = {row["group"]: row["measures"] for row in rows}
    assert measures["all"]["citation_recall"]["value"] == 1.0
    assert measures["all"]["citation_recall"]["coverage"] == 0.5
    assert measures["all"]["refusal"]["value"] == 1.0
    assert 0.0 <= measures["all"]["judged_faithfulness"]["value"] <= 1.0
    assert measures["language ru"]["judged_faithfulness"]["value"] is None


def test_no_answers_to_measure(context: Context) -> None:
    with pytest.raises(JobError, match="no answers"):
        evaluate_answers(context)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"answer": "A"}', "no text under `question`"),
        ('{"question": "Q", "answer": "A", "passages": [1]}', "`passages` holds"),
        ('{"question": "  ", "answer": "A"}', "no text under `question`"),
    ],
)
def test_broken_lines_are_named(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text('\n{"question": "Q", "answer": "A"}\n' + line + "\n", "utf-8")
    with pytest.raises(BridgeError, match=rf"answers.jsonl:3: .*{reason}"):
        read_evaluation_answers(file)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "\xff\xfe"}')
    (tmp_path / "empty.jsonl").write_text("\n\n")
    for name, reason in (("none", "cannot be read"), ("latin", "cannot be read"), ("empty", "nothing in")):
        with pytest.raises(BridgeError, match=reason):
            read_evaluation_questions(tmp_path / f"{name}.jsonl")
