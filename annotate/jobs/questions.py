"""Bring questions in: one JSON object or one plain question a line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.errors import BridgeError
from annotate.jobs.question_rows import documents_of, text_of
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

    A line is the plain text of a question, or a JSON object with `text` or `question` (and `id`, `language`,
    `topic`, and keys of documents that answer it: `document`, `documents`, `also`).
    """
    if not path.is_file():
        raise BridgeError(f"{path}: no such file")
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BridgeError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
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
    """Store the questions that are new by their key; return how many those are.

    One that is known without the documents that answer it takes them over.
    """
    answered = {question.key: question.documents for question in questions if question.documents}
    with store.writing.begin() as session:
        known = set()
        for row in session.scalars(select(Question)):
            known.add(row.key)
            if not row.documents and row.key in answered:
                row.documents = answered[row.key]
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
    text = text_of(row, place, "text", "question")
    return NewQuestion(
        key=str(row.get("id") or question_from_text(text).key),
        text=text,
        language=str(row.get("language") or detect_language(text)),
        topic=str(row.get("topic", "")),
        documents=documents_of(row, place),
    )
