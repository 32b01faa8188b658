"""The commands of quality control, as they run in a workspace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from annotate.cli import gold, quality_control
from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.labelling import ChosenPair, Submission, create_tasks, register, reserve, submit
from annotate.settings import SETTINGS_FILE
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question, Task
from tests.annotate.conftest import put_blank


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / SETTINGS_FILE).write_text("", "utf-8")
    return folder


@pytest.fixture
def context(workspace: Path) -> Context:
    """A workspace with two pairs, of which the first was judged in two ways."""
    put_blank(workspace)
    opened = Context.open(workspace)
    with opened.store.writing.begin() as session:
        asked = Question(key="q", text="How much?", language="en")
        session.add(asked)
        session.flush()
        answers = []
        for number in range(3):
            by = ContenderRecord(name=f"c{number}", fingerprint=f"c{number}", settings={})
            session.add(by)
            session.flush()
            made = AnswerRecord(
                question_id=asked.id, contender_id=by.id, text=f"answer {number}", sentences=[], passages=[],
                prompt=[], model_fingerprint="m", index_fingerprint="i",
            )  # fmt: skip
            session.add(made)
            session.flush()
            answers.append(made.id)
        for second in answers[1:]:
            session.add(Pair(question_id=asked.id, first_id=answers[0], second_id=second))
    create_tasks(opened.store, [ChosenPair(1)], overlap=2)
    for number, verdict in enumerate(("A_better", "both_bad")):
        person = register(opened.store, f"person-{number}", "person")
        [held] = reserve(opened.store, person.id)
        submit(
            opened.store, held.id, person.id, Submission(f"k{number}", verdict, opened.guideline.id, "test")
        )
    register(opened.store, "lead", "person")
    return opened


def run(app, workspace: Path, *arguments: object) -> str:
    result = CliRunner().invoke(app, [*map(str, arguments), "-w", str(workspace)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_gold_is_added_listed_corrected_and_reported(context: Context, workspace: Path) -> None:
    said = run(
        gold.app,
        workspace,
        "add",
        2,
        "--verdict",
        "A_better",
        "--verdict",
        "A_much_better",
        "--why",
        "B lies",
    )
    assert said == "Task 2 is in the gold pool.\n"
    [task] = json.loads(run(gold.app, workspace, "list", "--json"))
    assert (task["verdicts"], task["why"], task["made_by"]) == (
        ["A_better", "A_much_better"],
        "B lies",
        "hand",
    )
    run(gold.app, workspace, "correct", 2, "--verdict", "tie", "--why", "Both do.", "--by", "lead")
    assert "tie" in run(gold.app, workspace, "list")
    assert "person-0" in run(gold.app, workspace, "results")
    assert run(gold.app, workspace, "apply") == "0 acts: nothing to do.\n"
    assert (
        run(gold.app, workspace, "lift", "person-0", "--why", "talked", "--by", "lead")
        == "person-0 may work again.\n"
    )
    with pytest.raises(LabellingError, match="task already"):
        run(gold.app, workspace, "add", 1, "--verdict", "tie", "--why", "x")


def test_a_review_is_listed_discussed_decided_and_reopened(context: Context, workspace: Path) -> None:
    app = quality_control.review_app
    assert json.loads(run(app, workspace, "open", "--json"))["new_reviews"] == 1
    assert run(app, workspace, "open") == "1 preferences, 0 gold acts, 0 new reviews, 0 new signals.\n"
    [review] = json.loads(run(app, workspace, "list", "--json"))
    assert (review["reason"], review["state"], len(review["opinions"])) == ("disagreement", "open", 2)
    run(app, workspace, "note", review["task_id"], "What of the price?", "--by", "lead")
    said = run(app, workspace, "decide", review["id"], "A_better", "--note", "A has it.", "--by", "lead")
    assert said == f"Review {review['id']} is decided: A_better.\n"
    assert json.loads(run(app, workspace, "list", "--json")) == []
    run(app, workspace, "reopen", review["id"], "--why", "new passage", "--by", "lead")
    assert "What of the price?" in run(app, workspace, "list", "--json")
    with pytest.raises(LabellingError, match="nobody"):
        run(app, workspace, "decide", review["id"], "tie", "--note", "x", "--by", "nobody")


def test_signals_are_listed_and_settled(context: Context, workspace: Path) -> None:
    app = quality_control.signals_app
    assert json.loads(run(app, workspace, "list", "--json")) == []
    with pytest.raises(LabellingError, match="settled already"):
        run(app, workspace, "settle", 1, "--resolution", "x", "--by", "lead")


def test_guidelines_are_listed_compared_and_confirmed(
    context: Context, workspace: Path, tmp_path: Path
) -> None:
    app = quality_control.guideline_app
    folder = tmp_path / "guidelines" / "en"
    folder.mkdir(parents=True)
    (folder / "rules.md").write_text("Reply within 14 days.", "utf-8")
    (workspace / SETTINGS_FILE).write_text(f'[labelling]\nguidelines = "{folder.parent}"\n', "utf-8")
    old, new = json.loads(run(app, workspace, "list", "--json"))
    assert (old["current"], new["current"]) == (False, True)
    assert run(app, workspace, "show", "rules") == "Reply within 14 days.\n"
    (folder / "rules.md").write_text("Reply within 30 days.", "utf-8")
    said = run(app, workspace, "diff", new["id"])
    assert "en/rules: changed" in said
    assert "-14-+30+" in said
    assert "has confirmed" in run(app, workspace, "confirm", "lead")
    assert run(app, workspace, "confirm", "lead") == "Nothing to confirm.\n"
    with context.store.reading() as session:
        assert session.scalars(select(Task)).all()
