"""`evaluate retrieval`, `answers` and `over-optimisation` print tables and JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotate.cli.evaluation import app
from annotate.jobs.context import Context
from annotate.jobs.models import register_model
from annotate.jobs.train import train
from annotate.settings import SETTINGS_FILE
from benchmarks.tiny_training import judge_pairs
from rag import Document, ParagraphChunker
from tests.annotate.cli.conftest import pairloop

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


@pytest.mark.slow
def test_over_optimisation_of_a_reward_head(workspace: Path) -> None:
    context = Context.open(workspace)
    judge_pairs(context.store, 12)
    proxy, gold = (train(context, "reward_head", {"strengths": [one]})["model_number"] for one in (1.0, 0.1))
    context.store.engine.dispose()
    command = ["evaluate", "over-optimisation", proxy, gold, "-w", workspace, "--samples", 2]
    done = pairloop(*command, "--questions", 2, "--json")
    assert done.returncode == 0, done.stderr
    points = json.loads(done.stdout)["points"]
    assert [point["n"] for point in points] == [1, 2]
    assert points[0]["proxy"]["value"] == pytest.approx(0.0, abs=1e-6)
    assert points[1]["proxy"]["value"] >= 0.0  # the best by proxy is not worse by proxy
    assert all(point["gold"]["n"] == 2 for point in points)


def test_what_has_no_curve_is_said_in_one_line(workspace: Path) -> None:
    context = Context.open(workspace)
    for role in ("policy", "reward_head"):
        register_model(context.store, role, workspace, role, run_id=None, metrics={})
    context.store.engine.dispose()
    for numbers, said in (
        ((2, 2), "the same model"),
        ((1, 2), "no reward model"),
        ((9, 2), "no model number 9"),
    ):
        done = pairloop("evaluate", "over-optimisation", *numbers, "-w", workspace)
        assert done.returncode == 1
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert pairloop("evaluate", "over-optimisation", 1, 2, "-w", workspace, "--samples", 1).returncode == 2
