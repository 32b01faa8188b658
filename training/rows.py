"""Preference rows: the only data a preference run takes in, one JSON object a line."""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from training.errors import RowsError

Message = dict[str, str]
"""One chat message: `{"role": ..., "content": ...}`."""


@dataclass(frozen=True)
class PreferenceRow:
    """Say that to one prompt one answer is better than another.

    `weight` scales the row's loss (0 leaves it out), `margin` is the reward gap the label asks for (0 for
    "just better"), `lineage` carries where the row came from and is never trained on. Raises RowsError.
    """

    id: str
    question_id: str
    prompt: list[Message]
    chosen: str
    rejected: str
    weight: float = 1.0
    margin: float = 0.0
    language: str = "en"
    lineage: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise RowsError(f"row {self.id!r}: {problem}")

    @property
    def question(self) -> str:
        """Give the bare question: `lineage["question"]` if the row carries it, else the last user message."""
        asked = self.lineage.get("question")
        return asked if isinstance(asked, str) and asked else self.prompt[-1]["content"]


@dataclass(frozen=True)
class Split:
    """Hold rows apart: no question has rows on both sides."""

    train: list[PreferenceRow]
    test: list[PreferenceRow]


def read_rows(path: Path) -> list[PreferenceRow]:
    """Read a JSON Lines file. Raises RowsError naming the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RowsError(f"{path}: cannot be read: {error.strerror}") from error
    rows: list[PreferenceRow] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _parse(line)
        except (RowsError, ValueError) as error:
            raise RowsError(f"{path}:{number}: {error}") from error
        if row.id in seen:
            raise RowsError(f"{path}:{number}: row {row.id!r} appears twice")
        seen.add(row.id)
        rows.append(row)
    if not rows:
        raise RowsError(f"{path}: no rows")
    return rows


def write_rows(path: Path, rows: Iterable[PreferenceRow]) -> None:
    """Write rows as JSON Lines; `read_rows` gives the same rows back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def split_by_question(rows: Sequence[PreferenceRow], test_share: float, salt: str = "") -> Split:
    """Split rows into train and test by a hash of their question, so that added rows move nobody.

    `test_share` is a share in (0, 1) of the questions. With two questions or more neither side is left empty:
    the question nearest to the border crosses it, which is the one case where later rows may move a question.
    """
    if not 0 < test_share < 1:
        raise ValueError(f"test_share must lie between 0 and 1, got {test_share}")
    place = {row.question_id: _unit_hash(salt, row.question_id) for row in rows}
    tested = {question for question, position in place.items() if position < test_share}
    if len(place) >= 2 and not tested:
        tested = {min(place, key=place.__getitem__)}
    if len(place) >= 2 and len(tested) == len(place):
        tested -= {max(place, key=place.__getitem__)}
    return Split(
        train=[row for row in rows if row.question_id not in tested],
        test=[row for row in rows if row.question_id in tested],
    )


def snapshot_hash(rows: Iterable[PreferenceRow]) -> str:
    """Give the sha256 of a set of rows; their order does not matter, every field does."""
    lines = sorted(json.dumps(asdict(row), ensure_ascii=False, sort_keys=True) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _parse(line: str) -> PreferenceRow:
    record = json.loads(line)
    if not isinstance(record, dict):
        raise RowsError("not a JSON object")
    known = {item.name for item in fields(PreferenceRow)}
    if unknown := sorted(set(record) - known):
        raise RowsError(f"unknown keys {', '.join(unknown)}")
    if missing := [key for key in ("id", "question_id", "prompt", "chosen", "rejected") if key not in record]:
        raise RowsError(f"missing keys {', '.join(missing)}")
    return PreferenceRow(**record)


def _problems(row: PreferenceRow) -> Iterable[str]:
    for name in ("id", "question_id", "chosen", "rejected", "language"):
        value = getattr(row, name)
        if not isinstance(value, str) or not value.strip():
            yield f"{name} must be a text that is not empty"
    if row.chosen == row.rejected:
        yield "chosen and rejected are the same text"
    if not isinstance(row.prompt, list) or not all(map(_is_message, row.prompt)):
        yield 'prompt must be a list of {"role", "content"} texts'
    elif not row.prompt or row.prompt[-1]["role"] != "user":
        yield "prompt must end with a user message"
    lineage: object = row.lineage
    if not isinstance(lineage, dict):
        yield "lineage must be an object"
    for name in ("weight", "margin"):
        value = getattr(row, name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or value < 0
        ):
            yield f"{name} must be a number of 0 or more"


def _is_message(message: object) -> bool:
    return (
        isinstance(message, dict)
        and set(message) == {"role", "content"}
        and all(isinstance(text, str) for text in message.values())
    )


def _unit_hash(salt: str, question_id: str) -> float:
    digest = hashlib.sha256(f"{salt}\x00{question_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
