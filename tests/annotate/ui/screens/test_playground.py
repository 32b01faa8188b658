"""The playground: a real question to real models, advice where something is missing, roles."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from annotate.jobs.context import Context
from annotate.jobs.ingest import ingest_path
from annotate.store import Pair, Task

LIBRARY = (
    "# Library\nThe library opens at nine on weekdays and at ten on Saturdays. It is closed on Sundays.\n"
)


def drawn(at: AppTest) -> str:
    """Return the HTML on the page, without the style sheet."""
    bodies = [element.proto.body for element in at.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def ask(at: AppTest, question: str) -> AppTest:
    at.text_area(key="asked").set_value(question)
    [button] = [each for each in at.button if each.label == "Ask"]
    button.click().run()
    if "trial" not in at.session_state:
        return at
    until = time.monotonic() + 120
    while not at.session_state["trial"].over:
        assert time.monotonic() < until, "the trial did not end in time"
        time.sleep(0.2)
    at.run()
    assert not at.exception, at.exception
    return at


def test_without_documents_the_advice_says_what_to_do(empty_workspace, show):
    at = ask(show("playground"), "When does it open?")
    assert "pairloop ingest" in at.error[0].value.replace("\\", "")


def test_an_empty_question_is_refused(empty_workspace, show):
    assert "empty" in ask(show("playground"), "  ").error[0].value


def test_an_assessor_is_refused(empty_workspace, show):
    assert not show("playground", "assessor").text_area


@pytest.mark.models
def test_a_question_shows_every_stage_and_becomes_a_pair_to_label(empty_workspace, show, tmp_path: Path):
    settings = """
[[contenders]]
name = "grounded"
opening = true
passages = 1
max_new_tokens = 24
[[contenders]]
name = "free"
style = "brief"
temperature = 0.7
seed = 7
passages = 1
max_new_tokens = 12
"""
    (empty_workspace.folder / "pairloop.toml").write_text(settings, "utf-8")
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "library.md").write_text(LIBRARY, "utf-8")
    context = Context.open(empty_workspace.folder)
    ingest_path(context, tmp_path / "documents")
    context.store.engine.dispose()
    at = ask(show("playground", "engineer"), "When does the library open on Saturdays?")
    page = drawn(at)
    assert "words (BM25)" in page
    assert "classifier" in page
    assert "pl-is-used" in page
    stages = at.dataframe[0].value
    assert {"meaning", "fused"} <= set(stages["stage"])
    assert stages["used"].any()
    trial = at.session_state["trial"]
    assert [side.name for side in trial.sides] == ["grounded", "free"]
    assert all(side.text and side.text == side.answer.text for side in trial.sides)
    at.button(key="keep").click().run()
    assert not at.error, at.error
    with empty_workspace.store.reading() as session:
        pair = session.scalars(select(Pair)).one()
        task = session.scalars(select(Task)).one()
        assert {pair.first.text, pair.second.text} == {side.text for side in trial.sides}
        assert (task.pair_id, task.chosen_by["strategy"]) == (pair.id, "playground")
