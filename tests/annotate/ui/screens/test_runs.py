"""The training screen: its parts, what each role sees of them, and what its buttons do."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from annotate.jobs.context import Context
from annotate.jobs.errands import read_errand
from annotate.jobs.models import champion
from annotate.jobs.recipes import list_recipes
from annotate.jobs.workspace_recipes import known_kinds
from annotate.store import AnswerRecord, AuditEntry, ModelVersion, Promotion, Run, Trigger
from annotate.ui.frame import open_context
from annotate.ui.texts import LANGUAGES, catalogue


def drawn(at: AppTest) -> str:
    """Return the HTML on the page, without the style sheet."""
    bodies = [element.proto.body for element in at.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def part(at: AppTest, name: str) -> AppTest:
    at.session_state["runs-part-asked"] = name
    return at.run()


def press(at: AppTest, key: str) -> AppTest:
    at = at.button(key=key).click().run()
    assert not at.exception, at.exception
    return at


def complete(workspace) -> None:
    """Give the stored passages what training needs of them."""
    with workspace.store.writing.begin() as session:
        for answer in session.scalars(select(AnswerRecord)):
            answer.passages = [
                {**passage, "chunk": number, "text_hash": "0", "score": 1.0}
                for number, passage in enumerate(answer.passages)
            ]


def test_a_finished_run_shows_loss_metrics_and_samples(workspace, show):
    folder = workspace.folder / "runs" / "1"
    sample = {"id": "pair-1", "prompt": "<|im_start|>user\nWhy?", "chosen": "<script>", "rejected": "no"}
    (folder / "samples.json").write_text(json.dumps([sample]), "utf-8")
    at = show("runs")
    runs, loss, metrics, *_ = [frame.value for frame in at.dataframe]
    assert list(runs["state"]) == ["finished", "failed"]
    assert len(loss) == 48
    assert metrics.iloc[0].to_list()[-4:] == [0.662, 0.561, 0.757, 74]
    page = drawn(at)
    assert "0.662 [0.561; 0.757]" in page
    assert "<mark>&lt;|im_start|&gt;</mark>user" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert len(at.dataframe) == len(at.get("download_button"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_every_recipe_has_a_name_and_says_what_it_does(workspace, language: str):
    known = catalogue(language)[0]
    keys = {field.name for form in list_recipes(open_context(str(workspace.folder))) for field in form.fields}
    wanted = {f"recipe.{kind}_{key.replace('.', '_')}" for kind in ("key", "about") for key in keys}
    assert len(keys) > 50
    assert not wanted - set(known)


def test_a_failed_run_says_why_and_can_be_resumed(workspace, show):
    at = show("runs")
    at.selectbox(key="run").set_value(1).run()
    assert "lower the learning rate" in at.error[0].value
    press(at, "resume-1")
    with workspace.store.reading() as session:
        run = session.get_one(Run, 1)
        assert (run.state, run.error) == ("queued", "")
    assert "queued" in drawn(at)


def test_a_run_is_started_from_its_form_and_cancelled(workspace, show):
    at = part(show("runs", "engineer"), "new")
    assert "unknown" in drawn(at)
    at.number_input(key="key-reward_head-folds").set_value(3).run()
    press(at, "start")
    with workspace.store.reading() as session:
        run = session.scalars(select(Run).order_by(Run.id.desc())).first()
        assert (run.kind, run.state, run.recipe) == ("reward_head", "queued", {"folds": 3})
    assert f"Run {run.id}" in drawn(at)
    press(at, f"cancel-{run.id}")
    with workspace.store.reading() as session:
        assert session.get_one(Run, run.id).state == "cancelled"
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert [action for action in actions if action.startswith("run.")] == ["run.start", "run.cancel"]


def test_values_that_no_recipe_takes_cannot_be_started(workspace, show):
    at = part(show("runs"), "new")
    at.radio(key="new-kind").set_value("dpo").run()
    at.number_input(key="key-dpo-label_smoothing").set_value(0.1).run()
    assert "label_smoothing" in at.warning[0].value.replace("\\", "")
    assert at.button(key="start").disabled
    at.selectbox(key="key-dpo-loss").set_value("robust").run()
    assert not at.warning
    assert not at.button(key="start").disabled


def test_two_runs_are_compared(workspace, show):
    assert "Two finished runs" in " ".join(each.value for each in part(show("runs"), "compare").markdown)
    with workspace.store.writing.begin() as session:
        metrics = {"win_rate": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 74}}
        session.add(
            Run(
                kind="dpo", state="finished", recipe={"beta": 0.3}, folder="none", result={"metrics": metrics}
            )
        )
    at = part(show("runs"), "compare")
    figures, losses, differences = [frame.value for frame in at.dataframe]
    assert len(losses) == 48
    assert set(figures["run"]) == {"3 · Generator (DPO)", "2 · Generator (DPO)"}
    assert list(differences["key"]) == ["beta", "snapshot"]


def test_a_model_is_promoted_with_a_reason_and_rolled_back(workspace, show, tmp_path: Path):
    with workspace.store.writing.begin() as session:
        versions = []
        for name in ("head-a", "head-b"):
            (tmp_path / name / "model").mkdir(parents=True)
            versions.append(ModelVersion(role="reward_head", path=str(tmp_path / name), fingerprint=name))
        session.add_all(versions)
        session.flush()
        session.add(Promotion(model_id=versions[0].id, promoted=True, reason="first"))
        first, second = versions[0].id, versions[1].id
    at = part(show("runs", "engineer"), "models")
    at.selectbox(key="model").set_value(second).run()
    assert at.button(key=f"promote-{second}").disabled
    at.text_input(key=f"reason-{second}").set_value("it reads Russian").run()
    press(at, f"promote-{second}")
    assert champion(workspace.store, "reward_head") == (second, tmp_path / "head-b")
    assert "it reads Russian" in drawn(at)
    press(at, "rollback-reward_head")
    assert champion(workspace.store, "reward_head") == (first, tmp_path / "head-a")


def test_a_policy_is_put_to_the_gate_from_the_screen(workspace, show):
    at = part(show("runs", "engineer"), "models")
    with workspace.store.reading() as session:
        policy = session.scalars(select(ModelVersion).where(ModelVersion.fingerprint == "5c1a90e77d21")).one()
    at.selectbox(key="model").set_value(policy.id).run()
    at = press(at, f"evaluate-{policy.id}")
    context = Context.open(workspace.folder)
    until = time.monotonic() + 60
    while (errand := read_errand(context, "evaluate")).state == "running" and time.monotonic() < until:
        time.sleep(0.1)
    context.store.engine.dispose()
    # The stored version has no files: the process says so in its own words, and the screen repeats them.
    assert errand.asked == {"model": policy.id, "questions": None}
    assert errand.state == "failed"
    assert errand.error.splitlines()[0][:20] in at.run().error[0].value.replace("\\", "")
    with workspace.store.reading() as session:
        assert "model.evaluate" in session.scalars(select(AuditEntry.action)).all()


def test_a_lead_sees_runs_and_models_and_changes_nothing(workspace, show):
    at = show("runs", "lead")
    keys = {button.key for button in at.button}
    at = part(at, "models")
    keys |= {button.key for button in at.button}
    assert not [
        key
        for key in keys
        if key and key.startswith(("start", "cancel", "resume", "promote", "roll", "evaluate"))
    ]


def test_an_assessor_is_refused(workspace, show):
    at = show("runs", "assessor")
    assert not at.dataframe
    assert "Training" not in drawn(at)


@pytest.mark.parametrize("name", ["runs", "new", "compare", "models", "triggers"])
def test_every_part_speaks_russian(workspace, show, name: str):
    at = show("runs")
    at.selectbox(key="language").set_value("ru").run()
    part(at, name)
    assert not at.exception
    assert "Обучение" in drawn(at)


def test_a_trigger_is_made_and_stopped_on_the_screen(workspace, show):
    at = part(show("runs", "engineer"), "triggers")
    assert "Name what is to be trained" in " ".join(each.value for each in at.markdown)
    at.text_input(key="trigger-name").set_value("nightly")
    at.selectbox(key="trigger-kind").set_value("reward_head")
    at = next(button for button in at.button if button.label == "Save").click().run()
    assert not at.exception, at.exception
    with workspace.store.reading() as session:
        trigger = session.scalars(select(Trigger)).one()
        assert (trigger.name, trigger.kind, trigger.every_preferences) == ("nightly", "reward_head", 200)
    at = press(at, f"trigger-stop-{trigger.id}")
    with workspace.store.reading() as session:
        assert not session.get_one(Trigger, trigger.id).active


def test_every_kind_has_its_form(workspace, show):
    at = part(show("runs", "engineer"), "new")
    for kind in known_kinds():
        at = at.radio(key="new-kind").set_value(kind).run()
        assert not at.exception, (kind, at.exception)
