"""Labels of one side end a run before anything is trained, whatever its kind."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.errors import RowsError
from training.label_guards import LEAST_VOTES, PREFERRED_SHOWN, check_labels
from training.recipe import parse_recipe
from training.rows import DemonstrationRow, PreferenceRow, RelevanceRow, Row, write_rows
from training.runs import train
from training.snapshots import balance_lines, describe_rows

MakeRows = Callable[..., list[PreferenceRow]]


def voted(rows: list[PreferenceRow], places: list[str]) -> list[PreferenceRow]:
    """Give each row three votes for the answer in its place."""
    return [
        replace(row, lineage={PREFERRED_SHOWN: {place: 3}}) for row, place in zip(rows, places, strict=True)
    ]


def test_votes_that_all_fall_on_one_place_are_refused(make_rows: MakeRows) -> None:
    rows = make_rows(8)
    check_labels(rows)  # nobody knows where these were shown
    check_labels(voted(rows, ["first"] * 7 + ["second"]))
    few = voted(rows, ["second"] * 8)[: (LEAST_VOTES - 1) // 3]
    check_labels(few)
    with pytest.raises(RowsError, match="all 24 votes prefer the answer that was shown second"):
        check_labels(voted(rows, ["second"] * 8))
    silent = [replace(row, weight=0.0) for row in voted(rows[:1], ["first"])]
    with pytest.raises(RowsError, match="all 21 votes"):
        check_labels([*silent, *voted(rows[1:], ["second"] * 7)])


def test_the_balance_counts_the_places(make_rows: MakeRows) -> None:
    found = describe_rows(voted(make_rows(4), ["first", "first", "second", "first"]), make_rows(2, first=20))
    assert found["train"][PREFERRED_SHOWN] == {"first": 9, "second": 3}
    assert PREFERRED_SHOWN not in found["test"]
    assert "  votes by the place of the answer they prefer: first: 9, second: 3" in balance_lines(found)


@pytest.fixture
def fails(tmp_path: Path, tiny_folder: Path) -> Callable[..., str]:
    """Train a kind on rows and return the line that it leaves; no weights may be there."""

    def now(kind: str, rows: list[Row], **settings: Any) -> str:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        write_rows(folder / "train.jsonl", rows)
        recipe = {"kind": kind, "base": tiny_folder, "train_rows": folder / "train.jsonl", **settings}
        with pytest.raises(RowsError):
            train(parse_recipe(recipe), folder / "run")
        assert not (folder / "run" / "model").exists()
        return (folder / "run" / "error.txt").read_text("utf-8")

    return now


@pytest.mark.models
@pytest.mark.parametrize("kind", ["dpo", "kto", "orpo", "reward", "reward_head", "sft"])
@pytest.mark.parametrize("labels", ["one place", "no weight"])
def test_a_run_on_such_labels_fails_in_one_line(
    fails: Callable[..., str], make_rows: MakeRows, kind: str, labels: str
) -> None:
    rows: list[Any] = voted(make_rows(8), ["first"] * 8)
    if labels == "no weight":
        rows = [replace(row, weight=0.0) for row in rows]
    if kind == "sft":
        rows = [demonstration(row) for row in rows]
    said = "one-sided labels" if labels == "one place" else "all train rows have weight 0"
    line = fails(kind, rows)
    assert line.startswith(f"RowsError: {said}")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("reranker", {"loss": "pointwise"}, "different scores"),
        ("reranker", {"loss": "listwise"}, "score above 0"),
        ("embedder", {"loss": "multiple_negatives"}, "two or more different texts that serve"),
        ("embedder", {"loss": "triplet"}, "rows with negatives"),
        ("embedder", {"loss": "contrastive"}, "texts that serve and texts that do not"),
        ("embedder", {"loss": "graded"}, "different scores"),
    ],
)
def test_relevance_of_one_grade_teaches_nothing(
    fails: Callable[..., str], kind: str, settings: dict[str, Any], said: str
) -> None:
    rows = [
        RelevanceRow(id=f"r{n}", question_id=f"q{n}", query=f"Where is {n}?", positive=f"At {n}.", score=0.0,
                     negatives=[f"At {n + 50}."])
        for n in range(6)
    ]  # fmt: skip
    assert said in fails(kind, rows, **settings)
    assert "weight 0" in fails(kind, [replace(row, weight=0.0) for row in rows], **settings)


def demonstration(row: PreferenceRow) -> DemonstrationRow:
    return DemonstrationRow(
        id=row.id,
        question_id=row.question_id,
        prompt=row.prompt,
        completion=row.chosen,
        weight=row.weight,
        lineage=row.lineage,
    )
