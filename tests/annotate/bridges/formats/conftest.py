"""Shared by the tests of the formats: rows with awkward texts, and one way to write and read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import Entry, JudgementRecord, ReadOptions, format_named

RowMaker = Callable[..., dict[str, Any]]


def judgement(**changes: Any) -> dict[str, Any]:
    """Return a judgement with everything that one can have, as a row of the ledger."""
    row = {
        "question_id": "q-1",
        "question": "Когда открыто?\n«Всегда»?",
        "language": "ru",
        "answer_a": "=В девять [1],\r\nкроме \"воскресенья\"; и 'праздников'",
        "answer_b": "-no idea",
        "passages_a": [{"title": "Часы", "text": "С девяти.", "document": "d:1", "score": 0.5}],
        "passages_b": [],
        "model_a": "model one",
        "model_b": "model two",
        "verdict": "A_much_better",
        "assessor": "Анна",
        "kind": "person",
        "fingerprint": "",
        "aspects": {"faithfulness": "A", "safety": "tie"},
        "tags": {"A": ["dry"], "B": ["no_direct_answer", "loop"]},
        "spans": [{"side": "B", "start": 0, "end": 3, "kind": "unsupported"}],
        "comment": "'+1",
        "confidence": None,
        "seconds": 12.5,
        "active_seconds": 7.25,
        "swapped": True,
        "guideline": "abc",
        "channel": "ui",
        "judged_at": "2026-01-02T03:04:05+00:00",
        "details": {"votes": [1, 2]},
    }
    return row | changes


@pytest.fixture
def there_and_back(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """Write judgements in a format, read them, and return what came back, as rows."""

    def run(form: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        target = tmp_path / "rows"
        export_rows(rows, target, form, content="judgements")
        return [row for row in map(row_of, format_named(form).read(target, ReadOptions())) if row]

    return run


def row_of(entry: Entry) -> dict[str, Any]:
    """Return the record of an entry as a row; fail with its reason when it has none."""
    assert isinstance(entry.record, JudgementRecord), f"line {entry.line}: {entry.reason}"
    return {name: value for name, value in asdict(entry.record).items() if name not in ("pair", "prompt")}
