"""Write preferences for other tools: TRL rows, KTO rows, CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from annotate.errors import BridgeError

Row = Mapping[str, Any]
COLUMNS = ("id", "question_id", "language", "question", "chosen", "rejected", "weight", "margin")


def export_rows(rows: Iterable[Row], target: Path, form: str) -> int:
    """Write preference rows to a file, whole or not at all; return how many lines were written.

    Forms: `trl` (conversational prompt, chosen, rejected), `rows` (all fields with lineage),
    `kto` (prompt, completion, label), `csv`. Raises BridgeError for another form or an
    unwritable file.
    """
    if form not in FORMS:
        raise BridgeError(f"unknown form {form}; known: {', '.join(FORMS)}")
    draft = target.with_name(f".{target.name}.tmp")
    try:
        with draft.open("w", encoding="utf-8", newline="") as sink:
            count = FORMS[form](rows, sink)
        draft.replace(target)
    except OSError as error:
        raise BridgeError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return count


def _trl(rows: Iterable[Row], sink: IO[str]) -> int:
    def convert(row: Row) -> Iterator[Row]:
        yield {
            "prompt": row["prompt"],
            "chosen": [{"role": "assistant", "content": row["chosen"]}],
            "rejected": [{"role": "assistant", "content": row["rejected"]}],
        }

    return _json_lines(rows, sink, convert)


def _kto(rows: Iterable[Row], sink: IO[str]) -> int:
    def convert(row: Row) -> Iterator[Row]:
        for side in ("chosen", "rejected"):
            completion = [{"role": "assistant", "content": row[side]}]
            yield {"prompt": row["prompt"], "completion": completion, "label": side == "chosen"}

    return _json_lines(rows, sink, convert)


def _rows(rows: Iterable[Row], sink: IO[str]) -> int:
    return _json_lines(rows, sink, lambda row: iter((row,)))


def _csv(rows: Iterable[Row], sink: IO[str]) -> int:
    writer = csv.DictWriter(sink, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow({name: _plain(value) for name, value in row.items()})
        count += 1
    return count


def _plain(value: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def _json_lines(rows: Iterable[Row], sink: IO[str], convert: Callable[[Row], Iterator[Row]]) -> int:
    count = 0
    for row in rows:
        for line in convert(row):
            sink.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    return count


FORMS: dict[str, Callable[[Iterable[Row], IO[str]], int]] = {
    "trl": _trl,
    "rows": _rows,
    "kto": _kto,
    "csv": _csv,
}
