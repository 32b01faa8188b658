from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.exchange.exporting import Selection, export
from annotate.jobs.exchange.importing import import_file
from annotate.jobs.snapshots import frozen_split, preference_rows

from .conftest import vote, write_votes

LONG = "What do the rules of the house say of guests who stay for longer than three nights in a row, number"


@pytest.fixture
def labelled(ledger: Context, tmp_path: Path) -> Context:
    """Hold forty questions with a winner, and five near duplicates of one another."""
    rows = [vote(n, "B_better" if n % 3 else "A_better") for n in range(40)]
    rows += [vote(100 + n, question=f"{LONG} {n}?") for n in range(5)]
    import_file(ledger, "jsonl", write_votes(tmp_path / "votes.jsonl", rows))
    return ledger


def exported(context: Context, target: Path, **wanted: Any) -> set[str]:
    content = wanted.pop("content", "preferences")
    export(context, "jsonl", target, content=content, selection=Selection(**wanted), overwrite=True)
    return {json.loads(line)["question_id"] for line in target.read_text("utf-8").splitlines()}


def test_the_sides_part_the_questions_as_training_does(labelled: Context, tmp_path: Path) -> None:
    sides = {side: exported(labelled, tmp_path / side, split=side) for side in ("train", "test")}
    split = frozen_split(labelled, preference_rows(labelled))
    assert sides["train"] == {row.question_id for row in split.train}
    assert sides["test"] == {row.question_id for row in split.test}
    assert not sides["train"] & sides["test"]
    assert len(sides["train"] | sides["test"]) == 45
    duplicates = {f"q{100 + n}" for n in range(5)}
    assert duplicates <= sides["train"] or duplicates <= sides["test"]


def test_validation_is_taken_from_train_and_judgements_split_alike(labelled: Context, tmp_path: Path) -> None:
    whole = {side: exported(labelled, tmp_path / side, split=side) for side in ("train", "test")}
    three = {
        side: exported(labelled, tmp_path / side, split=side, validation_share=0.3, content="judgements")
        for side in ("train", "validation", "test")
    }
    assert three["test"] == whole["test"]
    assert three["train"] | three["validation"] == whole["train"]
    assert three["validation"]


def test_a_test_question_is_refused_in_train_and_the_row_named(labelled: Context, tmp_path: Path) -> None:
    tested = min(exported(labelled, tmp_path / "test", split="test"))
    trained = min(exported(labelled, tmp_path / "train", split="train"))
    row = next(row for row in preference_rows(labelled) if row.question_id == tested)
    with pytest.raises(BridgeError, match=rf"asked into train, but held out.*: {row.id} \({tested}\)$"):
        exported(labelled, tmp_path / "leak", split="train", questions=[tested, trained])
    assert not (tmp_path / "leak").exists()
    assert exported(labelled, tmp_path / "ok", split="train", questions=[trained]) == {trained}
    assert exported(labelled, tmp_path / "ok", split="test", questions=[trained, tested]) == {tested}
    assert exported(labelled, tmp_path / "ok", questions=[tested]) == {tested}


def test_a_frozen_test_file_is_guarded_against(labelled: Context, tmp_path: Path) -> None:
    frozen = tmp_path / "frozen.jsonl"
    export(labelled, "trl", frozen, selection=Selection("test"))
    train = Selection("train", against=[frozen])
    assert export(labelled, "trl", tmp_path / "train", selection=train) > 0
    with pytest.raises(BridgeError, match=r"in frozen\.jsonl, or nearly: pair-"):
        export(labelled, "trl", tmp_path / "all", selection=Selection(against=[frozen]))
    frozen.write_text(json.dumps({"question": f"{LONG} 99?"}), "utf-8")
    with pytest.raises(BridgeError, match=r"q100\), .*q104\)$"):
        export(labelled, "csv", tmp_path / "all", content="judgements", selection=Selection(against=[frozen]))
    assert not (tmp_path / "all").exists()


def test_what_cannot_be_selected_is_said(ledger: Context, tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match="label pairs first"):
        export(ledger, "trl", tmp_path / "x")
    with pytest.raises(BridgeError, match="no judgement to export"):
        export(ledger, "csv", tmp_path / "x", content="judgements")
    with pytest.raises(BridgeError, match="unknown side dev; known: all, train, validation, test"):
        export(ledger, "trl", tmp_path / "x", selection=Selection("dev"))
    with pytest.raises(BridgeError, match="no question q1"):
        export(ledger, "trl", tmp_path / "x", selection=Selection(questions=["q1"]))
    assert not (tmp_path / "x").exists()
