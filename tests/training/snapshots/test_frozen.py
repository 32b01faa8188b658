"""Frozen snapshots: every byte is guarded, the manifest says where rows came from."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from training.errors import LeakError, RowsError, SnapshotError
from training.rows import PreferenceRow, TextRow, snapshot_hash
from training.snapshots import (
    Freezing,
    FrozenTest,
    Origin,
    Selection,
    freeze,
    freeze_guarded,
    is_frozen,
    open_snapshot,
    read_manifest,
)

Make = Callable[..., list[PreferenceRow]]
FILES = ("train.jsonl", "test.jsonl", "manifest.json")


@pytest.fixture
def folder(tmp_path: Path, make_rows: Make) -> Path:
    lineage = {"judgements": [3, 1], "guidelines": ["g"], "assessors": {"anna": "person"}, "index": "i"}
    train = [replace(row, lineage=lineage) for row in make_rows(6)]
    freeze(tmp_path / "frozen", PreferenceRow, train, make_rows(4, first=20), Origin({"by": "question"}))
    return tmp_path / "frozen"


def test_rows_come_back_with_their_manifest(folder: Path, make_rows: Make) -> None:
    found = open_snapshot(folder, PreferenceRow)
    assert [row.id for row in found.train] == [row.id for row in make_rows(6)]
    assert found.test == make_rows(4, first=20)
    assert found.manifest.hash == snapshot_hash([*found.train, *found.test])
    assert found.manifest.lineage["judgements"] == [1, 3]
    assert found.manifest.lineage["assessors"] == ["anna"]
    assert found.manifest.files["train.jsonl"]["questions"] == 3
    assert found.manifest.balance["train"]["rows"] == 6
    assert is_frozen(folder / "train.jsonl")
    assert not is_frozen(folder / "other.jsonl")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0, 40, -3])
def test_a_changed_byte_is_refused(folder: Path, name: str, place: int) -> None:
    file = folder / name
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(SnapshotError):
        open_snapshot(folder, PreferenceRow)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(SnapshotError):
        open_snapshot(folder, PreferenceRow)


def test_files_are_read_only(folder: Path) -> None:
    assert all((folder / name).stat().st_mode & 0o222 == 0 for name in FILES)


def test_rows_of_another_kind_are_refused(folder: Path) -> None:
    with pytest.raises(SnapshotError, match="holds PreferenceRow rows, the run reads TextRow"):
        open_snapshot(folder, TextRow)


def test_the_same_rows_may_be_frozen_again_and_others_not(folder: Path, make_rows: Make) -> None:
    before = (folder / "manifest.json").read_bytes()
    old = open_snapshot(folder, PreferenceRow)
    freeze(folder, PreferenceRow, old.train, old.test, Origin())
    assert (folder / "manifest.json").read_bytes() == before
    with pytest.raises(SnapshotError, match="other rows"):
        freeze(folder, PreferenceRow, old.train[1:], old.test, Origin())


def test_a_crash_before_the_manifest_leaves_nothing_that_counts(folder: Path) -> None:
    old = open_snapshot(folder, PreferenceRow)
    (folder / "manifest.json").unlink()
    freeze(folder, PreferenceRow, old.train[:2], old.test, Origin())
    assert len(open_snapshot(folder, PreferenceRow).train) == 2


def test_nothing_to_train_on_is_refused(tmp_path: Path, make_rows: Make) -> None:
    with pytest.raises(RowsError, match="no rows to train on"):
        freeze(tmp_path / "frozen", PreferenceRow, [], make_rows(2), Origin())


def test_a_leak_is_refused_by_name_or_left_out_on_request(tmp_path: Path, make_rows: Make) -> None:
    rows = make_rows(6)
    frozen = FrozenTest("old-test.jsonl", {"t1": "WHAT colour is house 1"})
    with pytest.raises(LeakError, match=r"row-2 \(old-test.jsonl t1, the same\)") as caught:
        freeze_guarded(tmp_path / "a", PreferenceRow, rows, [], frozen_tests=[frozen])
    assert caught.value.ids == ["row-2", "row-3"]
    assert not (tmp_path / "a").exists()
    options = Freezing(leaks="leave_out")
    found = freeze_guarded(tmp_path / "b", PreferenceRow, rows, [], options=options, frozen_tests=[frozen])
    assert [row.id for row in found.train] == ["row-0", "row-1", "row-4", "row-5"]
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    assert manifest["left_out"] == {"leaks": ["row-2", "row-3"]}
    assert manifest["guarded"] == [{"test": "old-test.jsonl", "texts": 1, "by": ["exact", "words"]}]


def test_the_own_test_side_is_a_frozen_test_too(tmp_path: Path, make_rows: Make) -> None:
    test = [replace(row, question_id="asked elsewhere", id=f"t-{row.id}") for row in make_rows(1)]
    with pytest.raises(LeakError, match="this run's test"):
        freeze_guarded(tmp_path / "a", PreferenceRow, make_rows(6), test)


def test_a_selection_is_written_down(tmp_path: Path, make_rows: Make) -> None:
    rows = [
        replace(row, lineage={"posterior": {"first": 0.5 + number / 20}})
        for number, row in enumerate(make_rows(6))
    ]
    options = Freezing(selection=Selection(share=0.5, by="quality"))
    freeze_guarded(tmp_path / "a", PreferenceRow, rows, [], options=options)
    manifest = read_manifest(tmp_path / "a")
    assert manifest.left_out == {"selection": ["row-0", "row-1", "row-2"]}
    assert manifest.split["selection"]["share"] == 0.5
