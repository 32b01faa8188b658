"""Bring questions in: one JSON object or one plain question a line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.errors import BridgeError
from annotate.store import Question, Store
from rag.language import detect_language


@dataclass(frozen=True)
class NewQuestion:
    """Hold a question and, if known, the documents that answer it."""

    key: str
    text: str
    language: str
    topic: str = ""
    documents: list[str] = field(default_factory=list)


def read_questions(path: Path) -> list[NewQuestion]:
    """Read a question file; raise BridgeError naming the line that is not a question.

    A line is a JSON object with `text` (and `id`, `language`, `topic`, `document`, `also`) or the
    plain text of a question.
    """
    if not path.is_file():
        raise BridgeError(f"{path}: no such file")
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            found.append(_parse(line.strip(), f"{path}:{number}"))
    if not found:
        raise BridgeError(f"{path}: no question in this file")
    return found


def question_from_text(text: str) -> NewQuestion:
    """Make a question of a plain text; equal texts are the same question."""
    digest = hashlib.sha256(" ".join(text.lower().split()).encode()).hexdigest()[:12]
    return NewQuestion(f"q-{digest}", text.strip(), detect_language(text))


def put_questions(store: Store, questions: list[NewQuestion]) -> int:
    """Store the questions that are new by their key; return how many those are."""
    with store.writing.begin() as session:
        known = set(session.scalars(select(Question.key)))
        fresh = {question.key: question for question in questions if question.key not in known}
        session.add_all(
            Question(
                key=question.key,
                text=question.text,
                language=question.language,
                topic=question.topic,
                documents=question.documents,
            )
            for question in fresh.values()
        )
        return len(fresh)


def _parse(line: str, place: str) -> NewQuestion:
    if not line.startswith("{"):
        return question_from_text(line)
    try:
        row: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError as error:
        raise BridgeError(f"{place}: not valid JSON: {error.msg}") from error
    text = str(row.get("text", "")).strip()
    if not text:
        raise BridgeError(f"{place}: a question needs a `text`")
    documents = [*([row["document"]] if row.get("document") else []), *row.get("also", [])]
    return NewQuestion(
        key=str(row.get("id") or question_from_text(text).key),
        text=text,
        language=str(row.get("language") or detect_language(text)),
        topic=str(row.get("topic", "")),
        documents=documents,
    )
