"""`evaluate retrieval` and `evaluate answers` print tables and JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotate.cli.evaluation import app
from annotate.jobs.context import Context
from annotate.settings import SETTINGS_FILE
from rag import Document, ParagraphChunker

pytestmark = pytest.mark.models


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / SETTINGS_FILE).write_text("", "utf-8")
    context = Context.open(tmp_path)
    text = "The library opens at nine on weekdays."
    context.corpus.put(Document("d:library", "", text), ParagraphChunker())
    context.store.engine.dispose()
    return tmp_path


def test_retrieval(workspace: Path) -> None:
    file = workspace / "questions.jsonl"
    file.write_text('{"question": "When does the library open?", "documents": ["d:library"]}\n', "utf-8")
    command = ["retrieval", "-w", str(workspace), "--questions", str(file), "--modes", "dense,lexical"]
    done = CliRunner().invoke(app, [*command, "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert {(row["mode"], row["measures"]["mrr"]["value"]) for row in rows} == {("dense", 1), ("lexical", 1)}
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0
    assert "dense" in shown.stdout
    assert "1 of 1" in " ".join(shown.stdout.split())


def test_answers(workspace: Path) -> None:
    file = workspace / "answers.jsonl"
    row = {"question": "When?", "answer": "It opens at nine [1].", "passages": ["The library opens at nine."]}
    file.write_text(json.dumps(row) + "\n", "utf-8")
    command = ["answers", "-w", str(workspace), "--file", str(file)]
    done = CliRunner().invoke(app, [*command, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["measures"]["citation_recall"]["value"] == 1.0
    shown = CliRunner().invoke(app, command)
    assert "citation recall" in " ".join(shown.stdout.split())
    assert CliRunner().invoke(app, [*command, "--judge", "oracle"]).exit_code == 2
