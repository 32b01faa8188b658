"""CSV and JSON lines of others, with a column map."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import Entry, ReadOptions, format_named
from annotate.errors import BridgeError

from .conftest import judgement

MAP = {"question": "prompt text", "answer_a": "x", "answer_b": "y", "verdict": "vote", "assessor": "who"}
HEAD = "prompt text,x,y,vote,who\n"


def read(folder: Path, text: str, options: ReadOptions, form: str = "csv") -> list[Entry]:
    file = folder / "table"
    file.write_text(text, "utf-8", newline="")
    return list(format_named(form).read(file, options))


def test_a_table_of_others_is_read_by_its_column_map(tmp_path: Path) -> None:
    options = ReadOptions(MAP, {"0": "A_better", "1": "B_better"}, kind="person", language="en")
    good, tie, bad = read(tmp_path, HEAD + 'Why?,"a\nb",c,1,w1\nWhy?,a,c,TIE,w2\nWhy?,a,c,2,w3\n', options)
    assert good.record is not None
    assert (good.line, good.record.verdict, good.record.answer_a) == (2, "B_better", "a\nb")
    assert (good.record.assessor, good.record.kind, good.record.language) == ("w1", "person", "en")
    assert tie.record is not None
    assert (tie.line, tie.record.verdict) == (4, "tie")
    assert (bad.line, bad.reason) == (5, "unknown verdict '2'; name it with --verdict 2=A_better")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_usual_separator_is_seen_by_the_header(tmp_path: Path, separator: str) -> None:
    text = (HEAD + "Why?,a,c,A,w1\n").replace(",", separator)
    (entry,) = read(tmp_path, text, ReadOptions(MAP, kind="machine"))
    assert entry.record is not None
    assert entry.record.kind == "machine"


def test_a_column_may_say_who_is_a_machine_and_which_passages_both_saw(tmp_path: Path) -> None:
    row = {"question": "Q", "answer_a": "a", "answer_b": "b", "verdict": "left", "who": "gpt"}
    line = json.dumps(row | {"is": "machine", "passages": ["p1", {"text": "p2"}]})
    (entry,) = read(tmp_path, line, ReadOptions({"assessor": "who", "kind": "is"}), "jsonl")
    assert entry.record is not None
    assert (entry.record.kind, entry.record.verdict) == ("machine", "A_better")
    assert entry.record.passages_a == entry.record.passages_b == ["p1", {"text": "p2"}]


def test_short_rows_and_missing_columns_are_said(tmp_path: Path) -> None:
    (short,) = read(tmp_path, HEAD + "Why?,a\n", ReadOptions(MAP, kind="person"))
    assert short.reason == "more or fewer cells than the header"
    (missing,) = read(tmp_path, HEAD + "Why?,a,b,A,w\n", ReadOptions({"verdict": "winner"}, kind="person"))
    assert missing.reason.startswith("no column winner; there are prompt text")
    with pytest.raises(BridgeError, match="no header"):
        read(tmp_path, "", ReadOptions())
    with pytest.raises(BridgeError, match="not CSV"):
        read(tmp_path, HEAD + '"Why?"x,a,b,A,w\n', ReadOptions(MAP, kind="person"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+7 900", "-", "@me", "'=1", "''@", "'quoted'", "\tx", "plain", "''"]
)
def test_formulas_are_guarded_and_come_back_bare(tmp_path: Path, text: str) -> None:
    target = tmp_path / "rows.csv"
    export_rows([judgement(answer_a=text)], target, "csv", content="judgements")
    with target.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert not row["answer_a"].startswith(("=", "+", "-", "@", "\t"))
    (entry,) = format_named("csv").read(target, ReadOptions())
    assert entry.record is not None
    assert entry.record.answer_a == text


def test_an_apostrophe_of_others_stays(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, HEAD + "Why?,'=x,b,A,w\n", ReadOptions(MAP, kind="person"))
    assert entry.record is not None
    assert entry.record.answer_a == "'=x"


@pytest.mark.parametrize("form", ["csv", "jsonl", "datasets"])
def test_only_the_columns_asked_for_are_written(tmp_path: Path, form: str) -> None:
    target = tmp_path / "rows"
    columns = {"question": "prompt", "verdict": "label"}
    export_rows([judgement()], target, form, content="judgements", columns=columns)
    (entry,) = format_named(form).read(target, ReadOptions({"question": "prompt", "verdict": "label"}))
    assert "no answer_a" in entry.reason or "no assessor" in entry.reason
    with pytest.raises(BridgeError, match="no column chosen in judgements"):
        export_rows([judgement()], target, form, content="judgements", columns={"chosen": "chosen"})
