"""The command that freezes: a snapshot and its balance, or one line of refusal."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from training.rows import PreferenceRow, write_rows
from training.snapshots import open_snapshot, read_manifest
from training.snapshots.__main__ import main

Make = Callable[..., list[PreferenceRow]]


@pytest.fixture
def files(tmp_path: Path, make_rows: Make) -> Path:
    rows = [
        replace(row, lineage={"posterior": {"first": 0.6 + number / 20}})
        for number, row in enumerate(make_rows(6))
    ]
    write_rows(tmp_path / "train.jsonl", rows)
    write_rows(tmp_path / "test.jsonl", make_rows(4, first=20))
    write_rows(tmp_path / "old.jsonl", make_rows(1))
    return tmp_path


def test_rows_are_frozen_and_described(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = [str(files / "out"), "--train", str(files / "train.jsonl"), "--test", str(files / "test.jsonl")]
    assert main(call) == 0
    assert "train: 6 rows of 3 questions" in capsys.readouterr().out
    assert len(open_snapshot(files / "out", PreferenceRow).test) == 4
    assert main([*call, "--keep-share", "0.5", "--by", "quality"]) == 1
    assert "holds a snapshot of other rows" in capsys.readouterr().err


def test_leaks_are_refused_on_one_line_or_left_out(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = [str(files / "out"), "--train", str(files / "train.jsonl"), "--against", str(files / "old.jsonl")]
    assert main(call) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "row-0 (old.jsonl row-0, the same)" in said
    assert main([*call, "--leaks", "leave_out", "--least-posterior", "0.75"]) == 0
    left_out = read_manifest(files / "out").left_out
    assert left_out == {"leaks": ["row-0", "row-1"], "selection": ["row-2"]}
    assert json.loads((files / "out" / "manifest.json").read_text())["guarded"][0]["test"] == "old.jsonl"


def test_a_wrong_share_or_embedder_is_one_line(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = [str(files / "out"), "--train", str(files / "train.jsonl")]
    for wrong in (["--keep-share", "0"], ["--embedder", str(files)], ["--test", str(files / "train.jsonl")]):
        assert main([*call, *wrong]) == 1
        assert capsys.readouterr().err.count("\n") == 1
