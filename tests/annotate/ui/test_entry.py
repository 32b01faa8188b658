"""What stands between a person and the pairs, in every state and both languages, without a browser."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from annotate.access.accounts import assessor_of, find_account, set_language
from annotate.labelling import Submission, adopt_guidelines, create_tasks, reserve, submit
from annotate.labelling.assessors import set_active
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.exams import answer_in_sitting, next_in_sitting, start_sitting
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.controls.gold_rules import apply_gold_rules
from annotate.labelling.guidelines import confirm_guideline
from annotate.labelling.tasks import ChosenPair
from annotate.reports.entrance import report_entrance
from annotate.store import Assessor, Sitting
from tests.annotate.conftest import Ledger
from tests.annotate.ui.conftest import PAIRS, ROOT, Seeded, add_pairs

VERA = "Vera"
OLD = {
    "en": "# Comparison\n\n## Length\n\nReply within 14 days.\n",
    "ru": "# Сравнение\n\n## Объём\n\nОтвет за 14 дней.\n",
}
NEW = {"en": OLD["en"].replace("14", "30"), "ru": OLD["ru"].replace("14", "30")}


def screen() -> None:
    """Stand in for the labelling screen: what it does first."""
    import streamlit as st

    from annotate.access.permissions import Permission
    from annotate.ui.entry import admit
    from annotate.ui.frame import current_context, current_speech, gate

    actor = gate(Permission.LABEL)
    if admit(current_context(), actor, current_speech()):
        st.success("the pairs")


@pytest.fixture
def show(empty_workspace: Seeded, signed_in: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Open the screen as Vera, who reads in a language."""

    def open_screen(language: str = "en") -> AppTest:
        at = signed_in(AppTest.from_function(screen, default_timeout=30), "assessor", VERA)
        set_language(empty_workspace.store, find_account(empty_workspace.store, VERA).id, language)
        at.run()
        assert not at.exception, at.exception
        return at

    return open_screen


@pytest.fixture
def store(empty_workspace: Seeded) -> Any:
    """A store with two pairs to label, and as many for training and exam, in English."""
    store = empty_workspace.store
    open_campaign(store, "default")
    english = [pair for pair in PAIRS if pair[0] == "en"]
    pairs = add_pairs(store, tuple(english) * 2)
    create_tasks(store, [ChosenPair(pair) for pair in pairs[:2]])
    for pool, ids in (("training", pairs[2:4]), ("exam", pairs[4:6])):
        for pair in ids:
            add_control(store, pair, Known(("A_better",), "It cites what it says."), pool=pool)
    return store


def guidelines(folder: Path, texts: dict[str, str]) -> int:
    for language, text in texts.items():
        (folder / "texts" / language).mkdir(parents=True, exist_ok=True)
        (folder / "texts" / language / "comparison.md").write_text(text, "utf-8")
    return adopt_guidelines(open_store_of(folder), folder / "texts").id


def open_store_of(folder: Path) -> Any:
    from annotate.ui.frame import open_context

    return open_context(str(folder)).store


def vera(store: Any) -> int:
    return assessor_of(store, find_account(store, VERA)).id


def sit(store: Any, person: int, pool: str, verdicts: tuple[str, ...], guideline: int) -> None:
    """Answer, about the stored order of the pair."""
    sitting = start_sitting(store, person, pool, language="en")
    for number, verdict in enumerate(verdicts):
        held = next_in_sitting(store, sitting.id, person)
        assert held is not None
        shown = held.pair.a.text in {pair[3] for pair in PAIRS}
        said = verdict if shown else verdict.translate(str.maketrans("AB", "BA"))
        answer_in_sitting(
            store,
            sitting.id,
            held.id,
            person,
            Submission(f"{sitting.id}-{number}", said, guideline, "screen"),
        )


def words(at: AppTest) -> str:
    """Return all that is on the page."""
    drawn = [element.proto.body for element in at.get("html")]
    kinds = (at.markdown, at.caption, at.info, at.warning, at.success, at.button, at.tabs, at.expander)
    return "\n".join([*drawn, *(getattr(one, "value", None) or one.label for kind in kinds for one in kind)])


def test_nothing_stands_where_nothing_is_asked(store, show) -> None:
    assert show().success[0].value == "the pairs"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Read the guidelines"), ("ru", "Прочитайте инструкцию")]
)
def test_new_guidelines_are_read_in_full_and_confirmed(
    store, show, empty_workspace, language: str, said: str
) -> None:
    guidelines(empty_workspace.folder, OLD)
    set_rules(store, "default", confirm_guideline=True)
    at = show(language)
    assert said in words(at)
    assert OLD[language].strip().split("\n")[-1] in words(at)
    assert not at.success
    at.button(key="confirm").click().run()
    assert at.success[0].value == "the pairs"


@pytest.mark.parametrize(
    ("language", "section", "old", "new"),
    [("en", "Length", "14", "30"), ("ru", "Объём", "14", "30")],
)
def test_changed_guidelines_show_what_changed_by_section(
    store, show, empty_workspace, language: str, section: str, old: str, new: str
) -> None:
    first = guidelines(empty_workspace.folder, OLD)
    set_rules(store, "default", confirm_guideline=True)
    show(language)
    confirm_guideline(store, vera(store), first)
    guidelines(empty_workspace.folder, NEW)
    at = show(language)
    page = words(at)
    assert f"<h3>{section}</h3>" in page
    assert f"{old}</del>" in page
    assert f"{new}</ins>" in page
    at.button(key="confirm").click().run()
    assert at.success[0].value == "the pairs"


def test_a_change_in_another_language_alone_is_told_as_such(store, show, empty_workspace) -> None:
    first = guidelines(empty_workspace.folder, OLD)
    set_rules(store, "default", confirm_guideline=True)
    show("ru")
    confirm_guideline(store, vera(store), first)
    guidelines(empty_workspace.folder, {**OLD, "en": NEW["en"]})
    at = show("ru")
    assert "другой язык" in at.info[0].value


@pytest.mark.parametrize(("language", "said"), [("en", "Training"), ("ru", "Обучение")])
def test_training_is_offered_resumed_and_ends(store, show, empty_workspace, language: str, said: str) -> None:
    guideline = guidelines(empty_workspace.folder, OLD)
    set_rules(store, "default", training_required=True)
    at = show(language)
    assert said in words(at)
    at.button(key="start").click().run()
    assert not at.exception
    assert "pl-sitting" in words(at)
    assert "pl-sitting" in words(show(language))  # another browser goes on with it
    sit(store, vera(store), "training", ("tie", "A_better"), guideline)
    at.run()
    assert "1 of 2" in words(at) or "1 из 2" in words(at)
    at.button(key="continue").click().run()
    assert at.success[0].value == "the pairs"


def test_an_exam_says_what_it_takes_and_how_it_ended(store, show, empty_workspace) -> None:
    guideline = guidelines(empty_workspace.folder, OLD)
    set_rules(store, "default", exam_required=True, exam_pass_mark=0.9, exam_attempts=2)
    at = show()
    assert "<dd>2 of 2</dd>" in words(at)
    at.button(key="start").click().run()
    sit(store, vera(store), "exam", ("A_better", "A_better"), guideline)
    at.run()
    assert "Passed" in words(at)
    at.button(key="continue").click().run()
    assert at.success[0].value == "the pairs"


@pytest.mark.parametrize(
    ("language", "said", "left"),
    [
        ("en", "The next attempt is open", "1 attempt is left"),
        ("ru", "Следующая попытка", "Осталась 1 попытка"),
    ],
)
def test_who_failed_sees_when_the_exam_can_be_repeated(
    store, show, empty_workspace, language: str, said: str, left: str
) -> None:
    guideline = guidelines(empty_workspace.folder, OLD)
    set_rules(store, "default", exam_required=True, exam_attempts=2, exam_wait_hours=5)
    at = show(language)
    at.button(key="start").click().run()
    sit(store, vera(store), "exam", ("tie", "A_better"), guideline)
    at.run()
    at.button(key="continue").click().run()
    page = words(at)
    assert said in page
    assert left in page
    assert "5 hours" in page or "5 часов" in page
    assert not [button for button in at.button if button.key == "start"]
    with store.writing.begin() as session:
        for sitting in session.scalars(select(Sitting)):
            sitting.ended_at -= timedelta(hours=5)
    at.run()
    assert at.button(key="start")
    sit(store, vera(store), "exam", ("tie", "tie"), guideline)
    at.run()
    assert ("used up" in words(at)) or ("использованы" in words(at))


def test_a_pool_without_pairs_in_ones_languages_is_told(store, show) -> None:
    set_rules(store, "default", training_required=True)
    show("ru")
    with store.writing.begin() as session:
        session.get_one(Assessor, vera(store)).languages = ["ru"]
    assert "Пар для этого" in show("ru").info[0].value


@pytest.mark.parametrize(("language", "said"), [("en", "You are paused"), ("ru", "Разметка приостановлена")])
def test_a_stop_comes_with_its_reason(store, show, language: str, said: str) -> None:
    show(language)
    set_active(store, VERA, False, "too <b>fast</b>")
    page = words(show(language))
    assert said in page
    assert "too &lt;b&gt;fast&lt;/b&gt;" in page


def test_a_campaign_that_lets_in_wins_over_one_that_does_not(store, show) -> None:
    set_rules(store, "default", exam_required=True)
    show()
    person = vera(store)
    assert report_entrance(store, person).step == "exam"
    open_campaign(store, "second")
    assert report_entrance(store, person).step == ""
    set_rules(store, "second", skills=["law"])
    assert report_entrance(store, person).step == "exam"


@pytest.mark.parametrize(
    ("language", "said", "by_hand"),
    [
        ("en", "3 of your last 10 answers", "A lead decided so"),
        ("ru", "верных ответов 3", "Так решил ведущий"),
    ],
)
def test_a_stop_by_a_rule_is_told_in_the_readers_language(
    store, show, language: str, said: str, by_hand: str
) -> None:
    """The rule acts on real gold answers; its words are those that the ledger wrote."""
    show(language)
    set_rules(store, "default", gold_rules=[{"act": "pause", "below": 0.5, "last": 10, "at_least": 10}])
    guideline = guidelines_of(store)
    for pair in add_pairs_again(store, 10):
        add_control(store, pair, Known(("tie",), "They say the same."))
    for number, held in enumerate(reserve(store, vera(store), pool="gold", count=10)):
        verdict = "tie" if number < 3 else "both_bad"
        submit(store, held.id, vera(store), Submission(f"gold-{number}", verdict, guideline, "screen"))
    apply_gold_rules(store, "default")
    page = words(show(language))
    assert said in page
    assert "gold answers right" not in page
    set_active(store, VERA, False)
    assert by_hand in words(show(language))


def guidelines_of(store: Any) -> int:
    return adopt_guidelines(store, ROOT / "instructions").id


def add_pairs_again(store: Any, count: int) -> list[int]:
    ledger = Ledger(store, adopt_guidelines(store, ROOT / "instructions"), itertools.count(100))
    return [ledger.pair() for _ in range(count)]
