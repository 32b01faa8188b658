from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.jobs.context import Context
from annotate.settings import SETTINGS_FILE
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question
from tests.annotate.conftest import put_blank

SMALL_DEMO = """\
[demo]
questions = 8
topics = 5
cold_start = 5
uncertain = 2
held_out = 3
[training]
reward_steps = 2
policy_steps = 2
"""
DOCUMENTS = {
    "library.md": "# Library\n\nThe library opens at nine on weekdays. It is closed on Sundays.\n",
    "refunds.md": "# Refunds\n\nGoods can be returned within fourteen days with the receipt.\n",
    "parking.md": "# Парковка\n\nСтоянка у вокзала бесплатна первые два часа. Потом час стоит сто рублей.\n",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / SETTINGS_FILE).write_text(SMALL_DEMO, "utf-8")
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    put_blank(workspace)
    opened = Context.open(workspace)
    yield opened
    opened.store.engine.dispose()


@pytest.fixture
def pairs(context: Context) -> list[int]:
    """Store eight questions with two answers each, of which the first cites its passage."""
    passage = {
        "chunk": 1,
        "document": "d:one",
        "title": "One",
        "text": "The answer is in the first passage.",
        "text_hash": "0",
        "score": 1.0,
        "similarity": 0.9,
    }
    other = passage | {
        "chunk": 2,
        "document": "d:two",
        "text": "Something else stands in the second passage.",
    }
    with context.store.writing.begin() as session:
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in ("one", "two")]
        session.add_all(contenders)
        session.flush()
        made = []
        for number in range(8):
            question = Question(key=f"q{number}", text=f"What is said of thing {number}?", language="en")
            session.add(question)
            session.flush()
            first = _answer(question, contenders[0], f"Thing {number} is here [1].", [1], [passage])
            second = _answer(
                question, contenders[1], f"Nobody knows thing {number} [2].", [2], [other, passage]
            )
            session.add_all([first, second])
            session.flush()
            pair = Pair(question_id=question.id, first_id=first.id, second_id=second.id)
            session.add(pair)
            session.flush()
            made.append(pair.id)
    return made


def _answer(
    question: Question,
    contender: ContenderRecord,
    text: str,
    cited: list[int],
    passages: list[dict[str, object]],
) -> AnswerRecord:
    return AnswerRecord(
        question_id=question.id,
        contender_id=contender.id,
        text=text,
        sentences=[{"text": text, "cited": cited}],
        passages=passages,
        prompt=[],
        model_fingerprint="m",
        index_fingerprint="i",
    )
