from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import FORMATS, PREFERENCES
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
    "lineage": {"judgements": [1, 2], "question": "Когда открыто?"},
}


def lines(path: Path) -> list[dict[str, Any]]:
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


def broken() -> Iterator[dict[str, Any]]:
    yield ROW
    raise OSError(28, "No space left on device")


def test_a_failing_export_leaves_the_old_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    target.write_text("old", "utf-8")
    with pytest.raises(BridgeError, match="No space left"):
        export_rows(broken(), target, "trl")
    assert target.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(BridgeError, match="known: trl"):
        export_rows([ROW], target, "xml")


def test_a_failing_export_leaves_the_old_folder_alone(tmp_path: Path) -> None:
    target = tmp_path / "rows"
    export_rows([ROW], target, "datasets")
    before = (target / "state.json").read_text("utf-8")
    with pytest.raises(BridgeError, match="No space left"):
        export_rows(broken(), target, "datasets")
    assert (target / "state.json").read_text("utf-8") == before
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("form", ["trl", "datasets"])
def test_what_is_there_is_overwritten_only_when_told(tmp_path: Path, form: str) -> None:
    target = tmp_path / "rows"
    export_rows([ROW], target, form, overwrite=False)
    with pytest.raises(BridgeError, match="--force"):
        export_rows([ROW], target, form, overwrite=False)
    export_rows([ROW, ROW], target, form)
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    target = tmp_path / "rows"
    target.mkdir()
    (target / "keep").write_text("mine", "utf-8")
    with pytest.raises(BridgeError, match="is a folder"):
        export_rows([ROW], target, "trl")
    assert (target / "keep").read_text("utf-8") == "mine"


def test_a_folder_of_other_things_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "rows"
    target.mkdir()
    export_rows([ROW], target, "datasets", overwrite=False)  # an empty folder may be filled
    (target / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(BridgeError, match=r"holds other things \(notes\.txt\)"):
        export_rows([ROW], target, "datasets")
    assert (target / "notes.txt").read_text("utf-8") == "mine"


def test_a_format_refuses_what_it_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match="trl holds preferences, not judgements"):
        export_rows([ROW], tmp_path / "x", "trl", content="judgements")
    with pytest.raises(BridgeError, match="fixed columns"):
        export_rows([ROW], tmp_path / "x", "kto", columns={"chosen": "good"})
    with pytest.raises(BridgeError, match="no column answer"):
        export_rows([ROW], tmp_path / "x", "csv", columns={"answer": "answer"})
    assert not list(tmp_path.iterdir())


class Counted(dict[str, Any]):
    """A row that knows how many of its kind are in memory."""

    alive = 0

    def __init__(self) -> None:
        super().__init__(ROW)
        Counted.alive += 1

    def __del__(self) -> None:
        Counted.alive -= 1


@pytest.mark.parametrize("form", [name for name, form in FORMATS.items() if PREFERENCES in form.writes])
def test_rows_are_written_as_they_come_and_let_go(tmp_path: Path, form: str) -> None:
    most = 0

    def rows() -> Iterator[Counted]:
        nonlocal most
        for _ in range(50):
            yield Counted()
            most = max(most, Counted.alive)

    export_rows(rows(), tmp_path / form, form)
    assert most <= 3
