from __future__ import annotations

from pathlib import Path

import pytest

from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.demo.loop import QUESTIONS
from annotate.jobs.questions import put_questions, read_questions


def test_plain_text_and_json_lines_mix(tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text(
        'When does it open?\n\n{"id": "x", "text": "Когда закрыто?", "document": "d:a"}\n', "utf-8"
    )
    plain, rich = read_questions(file)
    assert (plain.language, plain.key[:2]) == ("en", "q-")
    assert (rich.key, rich.language, rich.documents) == ("x", "ru", ["d:a"])


@pytest.mark.parametrize(
    ("text", "said"), [("", "no question"), ('{"text": ""}', "needs a `text`"), ("{broken", "not valid JSON")]
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
