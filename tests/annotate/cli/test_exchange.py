"""Import and export as a person does it; the process around the commands is tested in `test_cli`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from annotate.cli import app
from annotate.errors import PairloopError
from annotate.settings import SETTINGS_FILE

TABLE = """\
q,left,right,winner,rater
Когда открыто?,В девять.,Не знаю.,1,w1
Когда открыто?,В девять.,Не знаю.,1,w2
Who pays?,The guest.,Nobody.,2,w1
Who pays?,The guest.,Nobody.,maybe,w2
"""
MAP = "question=q,answer_a=left,answer_b=right,verdict=winner,assessor=rater"
WORDS = ("--verdict", "1=A_better,2=B_better")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / SETTINGS_FILE).write_text("", "utf-8")
    return folder


def pairloop(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(result: Result, said: str) -> None:
    assert isinstance(result.exception, PairloopError)
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)


def test_a_table_comes_in_and_preferences_go_out(workspace: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(TABLE, "utf-8")
    taken = ("import", "csv", table, "-w", workspace, "--columns", MAP, *WORDS)
    refused(pairloop(*taken, "--kind", "person", "--strict"), "table.csv:5: unknown verdict 'maybe'")
    result = pairloop(*taken, "--kind", "person", "--json")
    assert result.exit_code == 0, result.stderr
    summary = json.loads(result.stdout)
    assert (summary["recorded"], summary["known"], summary["bad"]) == (3, 0, 1)
    assert "table.csv:5: unknown verdict 'maybe'" in summary["reasons"][0]
    again = pairloop(*taken, "--kind", "person")
    assert "0 judgements recorded, 3 known already, 1 refused" in again.stdout

    target = tmp_path / "out.jsonl"
    first = pairloop("export", "trl", target, "-w", workspace, "--json")
    assert json.loads(first.stdout) == {"target": str(target), "lines": 2}
    refused(pairloop("export", "trl", target, "-w", workspace), "--force")
    assert pairloop("export", "trl", target, "-w", workspace, "--side", "test", "--force").exit_code == 0
    assert len(target.read_text("utf-8").splitlines()) == 1
    refused(
        pairloop("export", "trl", tmp_path / "all.jsonl", "-w", workspace, "--against", target),
        "in out.jsonl, or nearly: pair-",
    )

    votes = tmp_path / "votes.csv"
    wanted = ("--judgements", "--columns", "question=q,verdict")
    assert pairloop("export", "csv", votes, "-w", workspace, *wanted).exit_code == 0
    with votes.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == ["A_better", "A_better", "B_better"]
    assert set(rows[0]) == {"q", "verdict"}


def test_what_is_wrong_is_said_in_one_line(workspace: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(TABLE, "utf-8")
    refused(pairloop("import", "csv", table, "-w", workspace, "--kind", "robot"), "known: person, machine")
    refused(pairloop("import", "csv", table, "-w", workspace, "--columns", "question"), "NAME=OTHER")
    refused(pairloop("import", "xml", table, "-w", workspace), "unknown format xml")
    unsaid = pairloop("import", "csv", table, "-w", workspace, "--columns", MAP, *WORDS)
    assert "whether w1 is a person or a machine is not said" in unsaid.stdout
    refused(unsaid, "nothing was recorded")
    refused(pairloop("export", "argilla", tmp_path / "x", "-w", workspace), "no judgement to export")
    assert not (tmp_path / "x").exists()
