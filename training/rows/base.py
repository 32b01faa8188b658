"""What every row has in common, and how rows are read, written, frozen and split."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from training.errors import RowsError

Message = dict[str, str]
"""One chat message: `{"role": ..., "content": ...}`."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Hold what every kind of row has.

    `question_id` keeps rows of one question on one side of a split; `weight` scales the row's loss (0 leaves
    it out); `lineage` carries where the row came from and is never trained on. Raises RowsError.
    """

    id: str
    question_id: str
    weight: float = 1.0
    language: str = "en"
    lineage: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for problem in self.problems():
            raise RowsError(f"row {self.id!r}: {problem}")

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the row, each in a few words; a subclass adds its own."""
        yield from empty_texts(self, ("id", "question_id", "language"))
        yield from bad_numbers(self, ("weight",))
        lineage: object = self.lineage
        if not isinstance(lineage, dict):
            yield "lineage must be an object"

    @property
    def subject(self) -> str:
        """Give what the row is about, by which near duplicates are told: the bare question, or a text.

        It is `lineage["question"]` where the row carries one.
        """
        asked = self.lineage.get("question")
        return asked if isinstance(asked, str) and asked else self._subject()

    def _subject(self) -> str:
        return self.question_id

    @classmethod
    def parse(cls, line: str) -> Self:
        """Make a row of a line of JSON. Raises RowsError and ValueError."""
        record = json.loads(line)
        if not isinstance(record, dict):
            raise RowsError("not a JSON object")
        known = {item.name: item for item in fields(cls)}
        if unknown := sorted(set(record) - set(known)):
            raise RowsError(f"unknown keys {', '.join(unknown)}")
        wanted = [
            name
            for name, item in known.items()
            if item.default is MISSING and item.default_factory is MISSING
        ]
        if missing := [name for name in wanted if name not in record]:
            raise RowsError(f"missing keys {', '.join(missing)}")
        return cls(**record)


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Split(Generic[R]):
    """Hold rows apart: no question has rows on both sides."""

    train: list[R]
    test: list[R]


def read_rows_of(row: type[R], path: Path) -> list[R]:
    """Read a JSON Lines file of this kind of row. Raises RowsError naming the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise RowsError(f"{path}: cannot be read: {reason}") from error
    rows: list[R] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = row.parse(line)
        except (RowsError, ValueError) as error:
            raise RowsError(f"{path}:{number}: {error}") from error
        if found.id in seen:
            raise RowsError(f"{path}:{number}: row {found.id!r} appears twice")
        seen.add(found.id)
        rows.append(found)
    if not rows:
        raise RowsError(f"{path}: no rows")
    return rows


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSON Lines; `read_rows_of` gives the same rows back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def split_by_question(rows: Sequence[R], test_share: float, salt: str = "") -> Split[R]:
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


def snapshot_hash(rows: Iterable[Row]) -> str:
    """Give the sha256 of a set of rows; their order does not matter, every field does."""
    lines = sorted(json.dumps(asdict(row), ensure_ascii=False, sort_keys=True) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def empty_texts(row: Row, names: Iterable[str]) -> Iterator[str]:
    """Yield a problem for each field that is not a text with something in it."""
    for name in names:
        value = getattr(row, name)
        if not isinstance(value, str) or not value.strip():
            yield f"{name} must be a text that is not empty"


def bad_numbers(row: Row, names: Iterable[str]) -> Iterator[str]:
    """Yield a problem for each field that is not a finite number of 0 or more."""
    for name in names:
        value = getattr(row, name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or value < 0:
            yield f"{name} must be a number of 0 or more"


def bad_prompt(prompt: object) -> Iterator[str]:
    """Yield a problem where this is not a list of messages that ends with a user's."""
    if not isinstance(prompt, list) or not all(map(_is_message, prompt)):
        yield 'prompt must be a list of {"role", "content"} texts'
    elif not prompt or prompt[-1]["role"] != "user":
        yield "prompt must end with a user message"


def _is_message(message: object) -> bool:
    return (
        isinstance(message, dict)
        and set(message) == {"role", "content"}
        and all(isinstance(text, str) for text in message.values())
    )


def _unit_hash(salt: str, question_id: str) -> float:
    digest = hashlib.sha256(f"{salt}\x00{question_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
