"""Read the files that evaluations take: questions with what answers them, and written answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate.errors import BridgeError
from annotate.jobs.question_rows import documents_of, strings_of, text_of
from rag.evaluation import Evidence, MeasuredAnswer
from rag.language import detect_language, words
from rag.prompts import REFUSALS


@dataclass(frozen=True)
class EvaluationQuestion:
    """Hold a question, what answers it, and the groups it is counted in."""

    text: str
    language: str
    evidence: Evidence
    cluster: str = ""


@dataclass(frozen=True)
class EvaluationAnswer:
    """Hold an answer to be measured, and the groups it is counted in."""

    answer: MeasuredAnswer
    contender: str = ""
    cluster: str = ""


def read_evaluation_questions(path: Path) -> list[EvaluationQuestion]:
    """Read questions from JSON lines; raise BridgeError naming the line that is none.

    A line has `question` (or `text`), and `documents` (or `document`, `also`): keys of documents, or
    `passages`: texts that a right passage must hold; `language` and `cluster` if known.
    """
    found = []
    for place, row in _rows(path):
        text = text_of(row, place, "question", "text")
        texts = tuple(text for text in strings_of(row, "passages", place) if words(text))
        found.append(
            EvaluationQuestion(
                text,
                str(row.get("language") or detect_language(text)),
                Evidence(frozenset(documents_of(row, place)), texts),
                str(row.get("cluster") or ""),
            )
        )
    return found


def read_evaluation_answers(path: Path) -> list[EvaluationAnswer]:
    """Read answers from JSON lines; raise BridgeError naming the line that is none.

    A line has `question`, `answer` (or `text`) and `passages`: texts, or objects with a `text`;
    `refused`, `should_refuse`, `language`, `contender` and `cluster` if known.
    """
    found = []
    for place, row in _rows(path):
        question = text_of(row, place, "question")
        text = text_of(row, place, "answer", "text")
        should = row.get("should_refuse")
        answer = MeasuredAnswer(
            question=question,
            text=text,
            passages=tuple(strings_of(row, "passages", place)),
            language=str(row.get("language") or detect_language(question)),
            refused=bool(row.get("refused", text in REFUSALS.values())),
            should_refuse=None if should is None else bool(should),
        )
        found.append(EvaluationAnswer(answer, str(row.get("contender") or ""), str(row.get("cluster") or "")))
    return found


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BridgeError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    if not any(line.strip() for line in lines):
        raise BridgeError(f"{path}: nothing in this file; it takes one JSON object a line")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BridgeError(f"{place}: not valid JSON: {error.msg}") from error
        if not isinstance(row, dict):
            raise BridgeError(f"{place}: not a JSON object")
        yield place, row
