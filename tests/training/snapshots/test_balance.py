"""Balance: counts and lengths by side, in plain values."""

import json
from collections.abc import Callable
from dataclasses import replace

from training.rows import PreferenceRow, RelevanceRow, TextRow
from training.snapshots import balance_lines, describe_rows


def test_sides_are_counted_and_measured(make_rows: Callable[..., list[PreferenceRow]]) -> None:
    rows = [replace(row, margin=number % 2, language="ru") for number, row in enumerate(make_rows(6))]
    found = describe_rows(rows, make_rows(2, first=20))
    train = found["train"]
    assert (train["rows"], train["questions"], train["languages"]) == (6, 3, {"ru": 6})
    assert train["margins"] == {"0": 3, "1": 3}
    assert train["chosen_is_longer"] == 1.0
    assert train["lengths"]["chosen"]["most"] == max(len(row.chosen) for row in rows)
    assert found["test"]["questions"] == 1
    assert json.loads(json.dumps(found)) == found


def test_lines_say_what_a_reader_asks(make_rows: Callable[..., list[PreferenceRow]]) -> None:
    rows = [replace(row, lineage={"cluster": "refunds"}) for row in make_rows(4)]
    lines = "\n".join(balance_lines(describe_rows(rows, [])))
    assert "train: 4 rows of 2 questions" in lines
    assert "languages: en: 4" in lines
    assert "clusters: refunds: 4" in lines
    assert "the chosen answer is the longer one in 100%" in lines
    assert "test: 0 rows of 0 questions" in lines


def test_other_kinds_of_row_have_texts_of_their_own() -> None:
    texts = [TextRow(id="a", question_id="d", text="abc")]
    pairs = [RelevanceRow(id="a", question_id="q", query="who", positive="me", negatives=["you", "they"])]
    assert describe_rows(texts, [])["train"]["lengths"]["text"]["median"] == 3
    assert describe_rows(pairs, [])["train"]["lengths"]["negative"]["most"] == 4
