"""Parse tables: each row of CSV, TSV or JSON Lines becomes a text of its own."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from rag.cleaning.encoding import decode
from rag.errors import DocumentError
from rag.parsers.base import Columns, ParsedText, ParserOptions
from rag.parsers.dates import read_date

MAX_ROWS = 200_000
MAX_ROW_LINES = 1_000
MAX_FIELD_CHARACTERS = 10_000_000
MAX_ERRORS = 100
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
_KNOWN_TEXTS = ("text", "content", "body", "passage", "article", "текст", "содержание", "статья")
_KNOWN_TITLES = ("title", "heading", "subject", "name", "заголовок", "название", "наименование", "тема")
_KNOWN_IDS = ("id", "_id", "key", "uid", "uuid", "doc_id", "код")
_KNOWN_DATES = ("date", "published", "published_at", "updated", "updated_at", "created", "created_at", "дата")


class Row(NamedTuple):
    """Hold one row under its column names, or the reason why it cannot be read."""

    line: int
    values: dict[str, str]
    error: str = ""


class TableParser:
    """Read CSV and TSV with a head line; a broken row costs that row."""

    suffixes = frozenset({".csv", ".tsv"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:
        """Return a text a row, named by its id or line; a broken row has an error and no text."""
        lines = decode(path.read_bytes()).split("\n")
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(lines)
        records = _records(lines, delimiter)
        head = next(records, None)
        if head is None:
            raise DocumentError("empty table")
        if head.error:
            raise DocumentError(f"no head line: {head.error}")
        names = _column_names(head.fields)
        rows = [_row(record, names) for record in islice(records, MAX_ROWS + 1)]
        return _texts(rows, names, options.columns)


class JsonLinesParser:
    """Read one JSON object a line; a broken line costs that line."""

    suffixes = frozenset({".jsonl", ".ndjson"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:
        """Return a text a line, named by its id or line; a broken line has an error and no text."""
        rows = list(islice(_json_rows(decode(path.read_bytes()).split("\n")), MAX_ROWS + 1))
        names = list(dict.fromkeys(name for row in rows for name in row.values))
        return _texts(rows, names, options.columns)


class _Record(NamedTuple):
    line: int
    fields: list[str]
    error: str = ""


def _records(lines: Sequence[str], delimiter: str) -> Iterator[_Record]:
    """Yield the records that are not blank; after a broken one, go on with the next line of the file."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    position = 0
    while position < len(lines):
        end = min(len(lines), position + MAX_ROW_LINES)
        few = (lines[number] + "\n" for number in range(position, end))
        reader = csv.reader(few, delimiter=delimiter, strict=True)
        number = position + 1
        try:
            fields = [field.strip() for field in next(reader, [])]
            position += max(1, reader.line_num)
            if any(fields):
                yield _Record(number, fields)
        except csv.Error as error:
            position += 1
            yield _Record(number, [], str(error))


def _row(record: _Record, names: list[str]) -> Row:
    fields = record.fields
    while len(fields) > len(names) and not fields[-1]:
        fields = fields[:-1]
    if record.error or len(fields) != len(names):
        return Row(record.line, {}, record.error or f"{len(fields)} fields, not {len(names)}")
    return Row(record.line, dict(zip(names, fields, strict=True)))


def _delimiter(lines: Sequence[str]) -> str:
    """Choose the sign that cuts the first lines most often into the same number of fields."""

    def agreement(sign: str) -> tuple[int, int]:
        widths = Counter(len(record.fields) for record in islice(_records(lines, sign), _SAMPLE_ROWS))
        widths.pop(1, None)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=agreement)


def _column_names(fields: list[str]) -> list[str]:
    while fields and not fields[-1]:
        fields = fields[:-1]
    names: list[str] = []
    for number, field in enumerate(fields, start=1):
        name = field or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _json_rows(lines: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, f"no JSON: {error}")
            continue
        if isinstance(value, dict):
            yield Row(number, {name: _plain(field) for name, field in value.items()})
        else:
            yield Row(number, {}, f"a JSON {type(value).__name__}, not an object")


def _plain(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts(rows: list[Row], names: list[str], wanted: Columns | None) -> list[ParsedText]:
    if not rows:
        raise DocumentError("empty table")
    if len(rows) > MAX_ROWS:
        raise DocumentError(f"more than {MAX_ROWS:,} rows: split the table")
    if all(row.error for row in rows):
        raise DocumentError(f"no row can be read; line {rows[0].line}: {rows[0].error}")
    columns = wanted or choose_columns(names)
    _check(columns, names)
    taken: set[str] = set()
    texts, broken = [], 0
    for row in rows:
        text = _text(row, columns, taken)
        broken += bool(text.error)
        if not text.error or broken <= MAX_ERRORS:
            texts.append(text)
    if broken > MAX_ERRORS:
        rest = broken - MAX_ERRORS
        texts.append(ParsedText("", "", "more-lines", error=f"{rest:,} more lines cannot be read"))
    return texts


def choose_columns(names: Sequence[str]) -> Columns:
    """Guess the use of columns from their names; without a known text column all that are left are text."""
    known = {name.strip().lower(): name for name in reversed(names)}

    def first(candidates: Sequence[str]) -> str:
        return next((known[candidate] for candidate in candidates if candidate in known), "")

    title, identity, day = first(_KNOWN_TITLES), first(_KNOWN_IDS), first(_KNOWN_DATES)
    text = first(_KNOWN_TEXTS)
    left = tuple(name for name in names if name not in {title, identity, day})
    return Columns((text,) if text else left or tuple(names), title, identity, day)


def _check(columns: Columns, names: Sequence[str]) -> None:
    asked = (*columns.text, columns.title, columns.id, columns.date)
    if missing := [name for name in asked if name and name not in names]:
        there_are = ", ".join(map(repr, names[:50]))
        raise DocumentError(f"no column {', '.join(map(repr, missing))}; there are {there_are}")
    if not columns.text:
        raise DocumentError("no text column was asked for")


def _text(row: Row, columns: Columns, taken: set[str]) -> ParsedText:
    name = row.values.get(columns.id, "").strip() or f"line-{row.line}"
    if name in taken:
        name = f"{name} (line {row.line})"
    taken.add(name)
    filled = [(column, value) for column in columns.text if (value := row.values.get(column, "").strip())]
    error = row.error or ("" if filled else f"nothing in {', '.join(columns.text)}")
    if error:
        return ParsedText("", "", name, error=f"line {row.line}: {error}")
    text = filled[0][1] if len(columns.text) == 1 else "\n".join(f"{key}: {value}" for key, value in filled)
    title = row.values.get(columns.title, "")
    return ParsedText(title, text, name, read_date(row.values.get(columns.date)))
