"""The quality screen: every part, every role, full and empty."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from annotate.jobs.context import Context
from annotate.jobs.figures import measure_quality
from annotate.labelling.assessors import find_assessor
from annotate.labelling.controls.signals import list_signals
from annotate.store import AuditEntry
from tests.annotate.ui.conftest import open_workspace
from tests.annotate.ui.screens.busy_ledger import PEOPLE, TASKS, TOPICS, fill

PARTS = ("agreement", "assessors", "confusion", "habits", "gold", "machines", "signals")
GUIDELINES = Path(__file__).parents[4] / "instructions"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with months of work, measured once for all tests here."""
    opened = open_workspace(tmp_path_factory.mktemp("busy"))
    fill(opened.store, GUIDELINES)
    opened.store.engine.dispose()
    context = Context.open(opened.folder)
    measure_quality(context)
    context.store.engine.dispose()
    return opened.folder


@pytest.fixture
def busy(measured: Path, empty_workspace):
    empty_workspace.store.engine.dispose()
    shutil.copy(measured / "pairloop.db", empty_workspace.folder)
    return empty_workspace


def part(show, name: str, role: str = "lead"):
    at = show("quality", role)
    at.button_group(key="part").set_value(name).run()
    assert not at.exception, at.exception
    return at


def drawn(at) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.mark.parametrize("name", PARTS)
def test_every_chart_has_a_table_and_every_table_a_csv(busy, show, name: str):
    at = part(show, name)
    assert not at.error
    charts, tables = at.get("vega_lite_chart"), at.dataframe
    assert len(tables) == len(at.get("download_button"))
    assert bool(charts) == (name != "signals")
    assert len(tables) >= (1 if charts else 0)


def test_clusters_and_languages_go_by_their_names(busy, show):
    at = part(show, "agreement")
    assert at.dataframe[1].value["group"].to_list() == ["English", "Русский"]
    at.selectbox(key="group").set_value("cluster").run()
    named = set(at.dataframe[1].value["group"])
    assert named <= {name for _, name, _ in TOPICS}
    scopes = part(show, "machines").dataframe[-1].value
    assert set(scopes["language"]) == {"English", "Русский"}
    assert set(scopes["cluster"].dropna()) <= named


def test_people_and_machines_are_apart(busy, show):
    people, machines = (frame.value for frame in part(show, "assessors").dataframe)
    assert set(people["assessor"]) == set(PEOPLE)
    assert set(machines["assessor"]) == {"judge-smollm2", "heuristic"}
    careless = people.set_index("assessor").loc["gleb"]
    assert careless["left"] == 1.0
    assert careless["signals"] == 2
    assert careless["median_seconds"] < 5 < people["median_seconds"].max()
    assert careless["consensus_high"] < people.set_index("assessor").loc["anna", "consensus_high"]


def test_confusion_counts_the_pairs_of_two_raters(busy, show):
    at = part(show, "confusion")
    at.selectbox(key="confusion-one").set_value(("judge-smollm2", False)).run()
    at.selectbox(key="confusion-other-('judge-smollm2', False)").set_value("heuristic").run()
    assert not at.exception
    counts = at.dataframe[0].value.drop(columns="said")
    assert counts.to_numpy().sum() == TASKS
    at.selectbox(key="confusion-one").set_value(("heuristic", False)).run()
    at.selectbox(key="confusion-other-('heuristic', False)").set_value("judge-smollm2").run()
    assert (at.dataframe[0].value.drop(columns="said").to_numpy() == counts.to_numpy().T).all()


def test_gold_misses_name_the_task(busy, show):
    misses = part(show, "gold").dataframe[1].value
    assert set(misses["assessor"]) <= set(PEOPLE)
    assert "gleb" in set(misses["assessor"])
    assert misses["question"].str.len().min() > 10
    assert (misses["accepted"] == "A better").all()


def test_a_signal_is_settled_with_a_pause_and_audited(busy, show):
    at = part(show, "signals")
    before = list_signals(busy.store)
    at.radio[0].set_value("pause")
    at.text_input[0].set_value("61 verdicts in two seconds")
    at.button[[b.label for b in at.button].index("Settle")].click().run()
    assert not at.exception, at.exception
    assert len(list_signals(busy.store)) == len(before) - 1
    assert find_assessor(busy.store, "gleb").state == "paused"
    with busy.store.reading() as session:
        entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "signal.settle"))
        assert entry.details["consequence"] == "pause"
    at = part(show, "assessors")
    at.text_input[0].set_value("talked it over")
    at.button[[b.label for b in at.button].index("Let work again")].click().run()
    assert find_assessor(busy.store, "gleb").state == "active"


def test_settling_without_a_reason_is_refused(busy, show):
    at = part(show, "signals")
    at.button[[b.label for b in at.button].index("Settle")].click().run()
    assert "resolution" in at.error[0].value
    assert len(list_signals(busy.store)) == 2


@pytest.mark.parametrize("role", ["admin", "lead", "engineer"])
def test_an_engineer_reads_but_settles_nothing(busy, show, role: str):
    at = part(show, "signals", role)
    assert ("Settle" in [button.label for button in at.button]) == (role != "engineer")
    assert "Too fast" in drawn(at)


def test_an_assessor_is_refused(busy, show):
    at = show("quality", "assessor")
    assert "not for your role" in at.subheader[0].value
    assert not at.dataframe


def test_a_small_ledger_is_measured_as_it_is_opened(workspace, show):
    at = show("quality", "lead")
    assert at.metric[0].label == "Krippendorff's α"
    assert at.metric[1].value == "—"
    assert at.dataframe[-1].value["pairs"].sum() == 6


def test_an_empty_ledger_names_the_command(empty_workspace, show):
    at = show("quality", "lead")
    assert "pairloop label" in " ".join(element.value for element in at.markdown)
    assert not at.dataframe


def test_a_large_ledger_is_measured_in_the_background(busy, show):
    from annotate.jobs.figures import keep_fresh

    assert not keep_fresh(Context.open(busy.folder))
    at = show("quality", "lead")
    assert any("Computed on" in caption.value for caption in at.caption)


def test_the_screen_speaks_russian(workspace, show):
    at = show("quality", "lead")
    at.selectbox(key="language").set_value("ru").run()
    assert not at.exception
    assert at.metric[0].label == "α Криппендорфа"
