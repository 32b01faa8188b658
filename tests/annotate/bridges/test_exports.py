from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from annotate.bridges.exports import export_rows
from annotate.errors import BridgeError

ROW = {
    "id": "pair-1",
    "question_id": "q1",
    "prompt": [{"role": "user", "content": "Когда открыто?"}],
    "chosen": "В девять [1].",
    "rejected": "=HYPERLINK()",
    "weight": 0.8,
    "margin": 1.0,
    "language": "ru",
    "lineage": {"judgements": [1, 2]},
}


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_trl_rows_are_conversational(tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    assert export_rows([ROW], target, "trl") == 1
    (row,) = lines(target)
    assert row["chosen"] == [{"role": "assistant", "content": "В девять [1]."}]
    assert row["prompt"] == ROW["prompt"]


def test_kto_rows_are_unpaired(tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    assert export_rows([ROW], target, "kto") == 2
    assert [row["label"] for row in lines(target)] == [True, False]


def test_rows_keep_their_lineage(tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    export_rows([ROW], target, "rows")
    assert lines(target) == [ROW]


def test_a_spreadsheet_takes_no_answer_for_a_formula(tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    export_rows([ROW], target, "csv")
    with target.open(encoding="utf-8", newline="") as source:
        (row,) = csv.DictReader(source)
    assert row["rejected"] == "'=HYPERLINK()"


def test_a_failing_export_leaves_the_old_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    target.write_text("old", "utf-8")

    def broken() -> object:
        yield ROW
        raise OSError(28, "No space left on device")

    with pytest.raises(BridgeError, match="No space left"):
        export_rows(broken(), target, "trl")  # type: ignore[arg-type]
    assert target.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(BridgeError, match="known: trl"):
        export_rows([ROW], target, "xml")
