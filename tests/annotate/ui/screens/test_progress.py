"""The screen of progress: one's own for assessors, the campaign for leads, in every state."""

from __future__ import annotations

import itertools

import pytest
from streamlit.testing.v1 import AppTest

from annotate.access.accounts import assessor_of, find_account, set_language
from annotate.labelling import Submission, reserve, submit
from annotate.labelling.campaigns import set_rules
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.guidelines import list_guidelines
from tests.annotate.conftest import Ledger

VERA = "Vera"


def drawn(at: AppTest) -> str:
    bodies = [element.proto.body for element in at.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def labels(at: AppTest) -> list[str]:
    return [tab.label for tab in at.tabs]


def vera_judges(workspace, count: int) -> None:
    person = assessor_of(workspace.store, find_account(workspace.store, VERA)).id
    guideline = list_guidelines(workspace.store)[-1].id
    for held in reserve(workspace.store, person, count=count):
        submit(
            workspace.store, held.id, person,
            Submission(f"vera-{held.id}", "tie", guideline, "screen", seconds=40.0, active_seconds=21.0),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "figure"),
    [("en", "No judgements of yours yet", "Today"), ("ru", "Ваших вердиктов пока нет", "Сегодня")],
)
def test_an_assessor_sees_only_their_own_work(workspace, show, language: str, said: str, figure: str) -> None:
    at = show("progress", "assessor", VERA)
    set_language(workspace.store, find_account(workspace.store, VERA).id, language)
    at.run()
    assert not at.tabs
    assert said in at.info[0].value
    vera_judges(workspace, 3)
    at.run()
    page = drawn(at)
    assert f"<dt>{figure}</dt><dd>3</dd>" in page
    assert ("21 s" in page) or ("21 с" in page)
    [days] = [frame.value for frame in at.dataframe]
    assert days["judgements"].to_list() == [3]
    assert "heuristic" not in page
    assert len(at.dataframe) == len(at.get("download_button"))


def test_a_day_that_is_limited_says_what_is_left(workspace, show) -> None:
    at = show("progress", "assessor", VERA)
    set_rules(workspace.store, "default", daily_limit=5)
    at.run()
    vera_judges(workspace, 2)
    at.run()
    assert "3 more may be done today" in drawn(at)


def test_trainings_and_exams_are_told(workspace, show) -> None:
    at = show("progress", "assessor", VERA)
    assessor_of(workspace.store, find_account(workspace.store, VERA))
    ledger = Ledger(workspace.store, list_guidelines(workspace.store)[-1], itertools.count(100))
    add_control(workspace.store, ledger.pair(), Known(("tie",), "known"), pool="exam")
    at.run()
    [trials] = [frame.value for frame in at.dataframe]
    row = trials.iloc[0]
    assert (row["pool"], row["language"], row["state"]) == ("Exam", "English", "not begun")


@pytest.mark.parametrize("role", ["lead", "engineer", "admin"])
def test_whoever_reads_quality_sees_the_campaign_with_people_and_machines_apart(
    workspace, show, role: str
) -> None:
    show("progress", "assessor", VERA)
    vera_judges(workspace, 3)
    at = show("progress", role)
    assert labels(at) == ["Campaign", "My work", "All data"]
    page = drawn(at)
    assert "<dt>Labels given</dt><dd>3</dd>" in page
    assert "<dt>Labels left</dt><dd>9</dd>" in page
    assert "<dt>Questions</dt><dd>6</dd>" in page
    tables = [frame.value for frame in at.dataframe]
    people = next(one for one in tables if "assessor" in one and list(one["assessor"]) == [VERA])
    machines = next(one for one in tables if "assessor" in one and "heuristic" in list(one["assessor"]))
    assert (people["total"].iloc[0], people["seconds"].iloc[0]) == (3, 21.0)
    assert set(machines["assessor"]) == {"heuristic", "judge-smollm2"}
    languages = next(one for one in tables if "share" in one)
    assert sorted(languages["name"]) == ["English", "Русский"]
    assert "three days of work" in " ".join(one.value for one in at.caption)
    assert len(at.dataframe) == len(at.get("download_button"))


def test_a_lead_reads_russian(workspace, show) -> None:
    at = show("progress", "lead", "Лида")
    set_language(workspace.store, find_account(workspace.store, "Лида").id, "ru")
    at.run()
    assert labels(at) == ["Кампания", "Моя работа", "Все данные"]
    assert "Получено оценок" in drawn(at)


def test_an_empty_workspace_names_the_command_that_fills_it(empty_workspace, show) -> None:
    at = show("progress", "lead")
    assert "pairloop select" in " ".join(element.value for element in at.markdown)
    assert not at.dataframe


def test_an_exam_in_another_language_starts_from_here(workspace, show) -> None:
    at = show("progress", "assessor", VERA)
    assessor_of(workspace.store, find_account(workspace.store, VERA))
    ledger = Ledger(workspace.store, list_guidelines(workspace.store)[-1], itertools.count(100))
    add_control(workspace.store, ledger.pair(language="ru"), Known(("tie",), "known"), pool="exam")
    at.run()
    at.button(key="sit-default-exam-ru").click().run()
    assert not at.exception
    assert "pl-sitting" in drawn(at)
    assert "Русский" in drawn(at)
