"""A newcomer reads, trains, sits the exam and reaches the first pair, in a real browser, with keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from annotate.access.accounts import create_account, find_account, set_language
from annotate.labelling import ChosenPair, adopt_guidelines, create_tasks
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.gold import Known, add_control
from annotate.store import Confirmation, Judgement, Sitting
from tests.annotate.ui.conftest import PAIRS, ROOT, Seeded, add_pairs, open_workspace

pytestmark = pytest.mark.browser
HOLD_MS = 400  # a verdict sooner after a pair appeared is taken for a key held down
ENGLISH = tuple(pair for pair in PAIRS if pair[0] == "en")
BETTER = {pair[3][:40] for pair in ENGLISH}
WHY = "Only the first answer rests on its passages."


@pytest.fixture(scope="module")
def module_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """Two pairs to label behind the guidelines, a training of two pairs and an exam of two."""
    seeded = open_workspace(tmp_path_factory.mktemp("newcomers"))
    store = seeded.store
    adopt_guidelines(store, ROOT / "instructions")
    open_campaign(store, "default")
    rules = {"confirm_guideline": True, "training_required": True, "exam_required": True}
    set_rules(store, "default", **rules, training_tasks=2, exam_tasks=2, exam_attempts=2)
    pairs = add_pairs(store, ENGLISH * 2)
    create_tasks(store, [ChosenPair(pair) for pair in pairs[:2]], overlap=5)
    known = Known(("A_better",), WHY, guideline="comparison#The failure test")
    for pool, ids in (("training", pairs[2:4]), ("exam", pairs[4:6])):
        for pair in ids:
            add_control(store, pair, known, pool=pool)
    yield seeded
    store.engine.dispose()


def arrive(open_signed_in: Any, server: Any, name: str, language: str) -> Any:
    create_account(server.store, name, "assessor")
    set_language(server.store, find_account(server.store, name).id, language)
    return open_signed_in(server, "assessor", "/", name=name)


def press(page: Any, name: str) -> None:
    """Go to a button with the keyboard, and press it."""
    button = page.get_by_role("button", name=name)
    button.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    button.focus()
    page.keyboard.press("Enter")


def judge(page: Any, *, rightly: bool) -> None:
    """Give the known verdict, or its opposite, by its key."""
    page.locator(".pc-question").wait_for()
    page.wait_for_timeout(HOLD_MS)
    shown = " ".join(page.locator("[data-part=answer-A]").inner_text().split())
    first_is_left = any(" ".join(text.split())[:25] in shown for text in BETTER)
    page.keyboard.press("2" if first_is_left == rightly else "4")


def answer_exam(page: Any, *, rightly: bool) -> None:
    for _ in range(2):
        before = page.locator(".pc-question").inner_text()
        judge(page, rightly=rightly)
        page.wait_for_function(
            "seen => document.querySelector('.pc-question')?.innerText !== seen"
            " || !document.querySelector('.pc-question')?.offsetParent",
            arg=before,
        )


def test_a_newcomer_reaches_the_first_pair_with_keys_alone(open_signed_in, server) -> None:
    page = arrive(open_signed_in, server, "Vera", "en")
    press(page, "I have read it and will follow it")
    press(page, "Start the training")
    for rightly in (True, False):
        judge(page, rightly=rightly)
        told = page.locator("[data-part=feedback]")
        told.get_by_text(WHY).wait_for()
        assert told.get_by_text("The failure test").is_visible()
        page.keyboard.press("Enter")  # the button to go on has the focus
    page.get_by_role("heading", name="The training is done").wait_for()
    press(page, "Continue")
    press(page, "Start the exam")
    page.locator(".pc-question").wait_for()
    page.reload()  # the exam goes on where it was
    page.locator(".pc-question").wait_for()
    answer_exam(page, rightly=True)
    page.get_by_role("heading", name="Passed").wait_for()
    press(page, "Continue")
    page.locator(".pc-question").wait_for()
    page.wait_for_timeout(HOLD_MS)
    page.keyboard.press("3")
    page.locator(".pc-standing").get_by_text("1", exact=False).first.wait_for()
    with server.store.reading() as session:
        found = session.scalars(select(Sitting).order_by(Sitting.id)).all()
        assert [(one.pool, one.right, one.passed) for one in found] == [
            ("training", 1, True),
            ("exam", 2, True),
        ]
        assert session.scalars(select(Confirmation.id)).all()
        said = session.scalars(select(Judgement).where(Judgement.verdict == "tie")).all()
    assert [one.channel for one in said] == ["screen"]


def test_who_fails_reads_in_russian_when_to_come_back(open_signed_in, server) -> None:
    page = arrive(open_signed_in, server, "Борис", "ru")
    press(page, "Прочитано, буду следовать")
    press(page, "Начать обучение")
    for _ in range(2):
        judge(page, rightly=True)
        page.locator("[data-part=feedback]").get_by_text("Проверка на негодность").wait_for()
        page.keyboard.press("Enter")  # the button to go on has the focus
    press(page, "Продолжить")
    press(page, "Начать экзамен")
    answer_exam(page, rightly=False)
    page.get_by_role("heading", name="В этот раз не сдано").wait_for()
    press(page, "Продолжить")
    page.get_by_text("Следующая попытка откроется").wait_for()
    page.get_by_text("Осталась 1 попытка.").wait_for()
    assert page.get_by_role("button", name="Начать экзамен").count() == 0
    assert page.locator(".pc-question").count() == 0


def test_the_way_in_is_accessible(open_signed_in, server) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    page = arrive(open_signed_in, server, "Зоя", "ru")
    page.get_by_role("button", name="Прочитано, буду следовать").wait_for()
    found = axe.Axe().run(page, context=".st-key-entry").response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
