"""Progress, quality, gaps and runs: full, empty, in both languages."""

import pytest
from streamlit.testing.v1 import AppTest

SCREENS = ("progress", "quality", "gaps", "runs")
COMMANDS = {
    "progress": "pairloop select",
    "quality": "pairloop label",
    "gaps": "pairloop gaps",
    "runs": "pairloop train dpo",
}


def drawn(at: AppTest) -> str:
    """Return the HTML on the page, without the style sheet."""
    bodies = [element.proto.body for element in at.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_table_can_be_downloaded(workspace, show, name: str, language: str):
    at = show(name)
    at.selectbox(key="language").set_value(language).run()
    assert not at.exception
    assert not at.error or name == "runs"
    assert len(at.dataframe) == len(at.get("download_button")) > 0


@pytest.mark.parametrize("name", SCREENS)
def test_an_empty_screen_names_the_command_that_fills_it(empty_workspace, show, name: str):
    at = show(name)
    assert COMMANDS[name] in " ".join(element.value for element in at.markdown)
    assert not at.dataframe


def test_progress_counts(workspace, show):
    at = show("progress")
    assert {metric.label: metric.value for metric in at.metric} == {
        "Questions": "6", "Answers": "12", "Pairs": "6", "Tasks": "6", "Preferences": "6",
        "On a desk now": "0", "Skipped": "0", "Flagged": "0",
    }  # fmt: skip
    assert at.dataframe[0].value.to_dict("records") == [
        {"assessor": "heuristic", "judgements": 6},
        {"assessor": "judge-smollm2", "judgements": 6},
    ]


def test_quality_keeps_people_and_machines_apart(workspace, show):
    at = show("quality")
    assert "No person has judged yet" in at.info[0].value
    machines = at.dataframe[0].value
    assert set(machines["kind"]) == {"machine"}
    assert ((machines["reliability"] > 0) & (machines["reliability"] < 1)).all()
    assert at.metric[0].label == "Krippendorff's α"
    assert at.metric[1].value == "—"
    assert at.dataframe[1].value["pairs"].sum() == 6


def test_gaps_come_with_severity_action_and_examples(workspace, show):
    at = show("gaps")
    page = drawn(at)
    assert "Write documents on this" in page
    assert "Label more pairs · 14 labels" in page
    assert "Посылка не пришла" in page
    assert [metric.value for metric in at.metric] == ["3", "4", "20"]
    assert page.index("права потребителя") < page.index("python language")


def test_runs_show_loss_metrics_and_the_champion(workspace, show):
    at = show("runs")
    tables = [frame.value for frame in at.dataframe]
    runs, loss, metrics, models = tables
    assert list(runs["state"]) == ["finished", "failed"]
    assert len(loss) == 48
    assert metrics.iloc[0].to_list() == ["win_rate", 0.662, 0.561, 0.757, 74]
    assert list(models["champion"]) == [True, False]
    assert "lower bound above 0.5" in drawn(at)


def test_a_failed_run_says_why(workspace, show):
    at = show("runs")
    at.selectbox(key="run").set_value(1).run()
    assert "lower the learning rate" in at.error[0].value


def test_without_a_workspace_the_reason_is_shown(monkeypatch):
    from annotate.ui.server import APP

    monkeypatch.delenv("PAIRLOOP_WORKSPACE", raising=False)
    at = AppTest.from_file(APP, default_timeout=30).run()
    assert "no workspace" in at.error[0].value.replace("\\", "")
