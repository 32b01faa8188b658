"""Rows: strict reading, splits that hold, snapshots that do not depend on order."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import RowsError
from training.rows import PreferenceRow, read_rows, snapshot_hash, split_by_question, write_rows


def row(number: int, question: str | None = None, **changes: object) -> PreferenceRow:
    fields = {
        "id": f"r{number}",
        "question_id": question or f"q{number}",
        "prompt": [{"role": "user", "content": "Почему?"}],
        "chosen": "потому",
        "rejected": "не знаю",
    }
    return PreferenceRow(**{**fields, **changes})  # type: ignore[arg-type]


def test_rows_survive_the_file(tmp_path: Path) -> None:
    rows = [row(1, weight=0.5, margin=1.0, language="ru", lineage={"task": "t1"}), row(2)]
    write_rows(tmp_path / "deep" / "rows.jsonl", rows)
    assert read_rows(tmp_path / "deep" / "rows.jsonl") == rows


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"chosen": ""}, "chosen must be a text"),
        ({"chosen": "same", "rejected": "same"}, "same text"),
        ({"prompt": []}, "must end with a user message"),
        ({"prompt": [{"role": "user"}]}, "prompt must be a list"),
        ({"weight": -1}, "weight must be"),
        ({"weight": float("nan")}, "weight must be"),
        ({"margin": "big"}, "margin must be"),
        ({"surprise": 1}, "unknown keys surprise"),
        ({"lineage": 3}, "lineage must be"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [row(1)])
    record = json.loads(path.read_text(encoding="utf-8")) | {"id": "r2"} | change
    path.write_text(path.read_text(encoding="utf-8") + "\n" + json.dumps(record), encoding="utf-8")
    with pytest.raises(RowsError) as caught:
        read_rows(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:3: ")
    assert problem in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "a"}'])
def test_broken_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RowsError, match=r"rows\.jsonl"):
        read_rows(path)


def test_missing_files_and_doubled_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RowsError, match="cannot be read"):
        read_rows(tmp_path / "none.jsonl")
    write_rows(tmp_path / "rows.jsonl", [row(1), row(1)])
    with pytest.raises(RowsError, match="appears twice"):
        read_rows(tmp_path / "rows.jsonl")


def test_question_is_the_bare_one_when_the_row_carries_it() -> None:
    assert row(1).question == "Почему?"
    assert row(1, lineage={"question": "Why?"}).question == "Why?"


QUESTIONS = st.lists(st.text("abcdef", min_size=1, max_size=6), min_size=2, max_size=40)


@given(questions=QUESTIONS, share=st.floats(0.05, 0.95), salt=st.text(max_size=3))
def test_split_keeps_questions_whole_and_sides_filled(questions: list[str], share: float, salt: str) -> None:
    rows = [row(number, question) for number, question in enumerate(questions)]
    split = split_by_question(rows, share, salt)
    train, test = ({r.question_id for r in side} for side in (split.train, split.test))
    assert not train & test
    assert sorted(r.id for r in split.train + split.test) == sorted(r.id for r in rows)
    if len(set(questions)) >= 2:
        assert train
        assert test


def test_added_rows_move_no_question() -> None:
    rows = [row(number) for number in range(300)]
    before, after = split_by_question(rows[:100], 0.3, "s"), split_by_question(rows, 0.3, "s")
    assert {r.id for r in before.test} <= {r.id for r in after.test}
    assert {r.id for r in before.train} <= {r.id for r in after.train}
    assert 60 < len(after.test) < 120
    assert {r.id for r in split_by_question(rows, 0.3, "other").test} != {r.id for r in after.test}


def test_snapshot_ignores_order_and_sees_every_field() -> None:
    rows = [row(1), row(2), row(3)]
    assert snapshot_hash(rows) == snapshot_hash(rows[::-1])
    assert snapshot_hash(rows) != snapshot_hash(rows[:2])
    assert snapshot_hash([row(1)]) != snapshot_hash([row(1, weight=2.0)])
