from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.demo.loop import QUESTIONS
from annotate.jobs.questions import put_questions, question_from_text, read_questions
from annotate.store import Question


def test_plain_text_and_json_lines_mix(tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text(
        'When does it open?\n\n{"id": "x", "text": "Когда закрыто?", "document": "d:a"}\n', "utf-8"
    )
    plain, rich = read_questions(file)
    assert (plain.language, plain.key[:2]) == ("en", "q-")
    assert (rich.key, rich.language, rich.documents) == ("x", "ru", ["d:a"])


@pytest.mark.parametrize("names", ['"document": "d:a"', '"documents": ["d:a"]', '"also": ["d:a"]'])
def test_a_file_for_evaluation_is_read_as_well(tmp_path: Path, names: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "When does it open?", ' + names + "}\n", "utf-8")
    [question] = read_questions(file)
    assert (question.text, question.documents) == ("When does it open?", ["d:a"])


def test_another_encoding_is_said(tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text("Когда открыто?", "cp1251")
    with pytest.raises(BridgeError, match="cannot be read as UTF-8 text"):
        read_questions(file)


def test_a_known_question_takes_over_its_documents(context: Context) -> None:
    asked = question_from_text("When does it open?")
    put_questions(context.store, [asked])
    assert put_questions(context.store, [replace(asked, documents=["d:a"])]) == 0
    assert put_questions(context.store, [replace(asked, documents=["d:b"])]) == 0
    with context.store.reading() as session:
        assert session.scalars(select(Question.documents)).all() == [["d:a"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no question"),
        ('{"text": ""}', "no text under `text` or `question`"),
        ("{broken", "not valid JSON"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(text, "utf-8")
    with pytest.raises(BridgeError, match=said):
        read_questions(file)


def test_putting_the_same_questions_again_adds_none(context: Context) -> None:
    questions = read_questions(QUESTIONS)
    assert put_questions(context.store, questions) == len(questions)
    assert put_questions(context.store, questions) == 0


def test_the_demo_asks_in_both_languages_about_documents_that_exist() -> None:
    from pydoc_data import topics

    questions = read_questions(QUESTIONS)
    assert len(questions) >= 40
    assert {question.language for question in questions} == {"en", "ru"}
    guidelines = Path(__file__).parents[3] / "instructions"
    for question in questions:
        for document in question.documents:
            collection, _, name = document.partition(":")
            assert name in topics.topics if collection == "pydoc" else (guidelines / name).is_file(), document
