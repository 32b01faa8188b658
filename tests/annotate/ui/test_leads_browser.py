"""A lead in a real browser: open a campaign, people work under its rules, decide their dispute by keys."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.errors import NothingToLabel
from annotate.labelling import ChosenPair, Submission, create_tasks, register, reserve, submit
from annotate.labelling.campaigns import find_campaign
from annotate.labelling.guidelines import confirm_guideline, current_guideline
from annotate.labelling.verdicts import swap_verdict
from annotate.store import Pair, Review, Store

pytestmark = pytest.mark.browser
NAME = "Tenancy law"


def settle(page) -> None:
    """Wait until the script has run and its keys have come to life."""
    page.wait_for_timeout(400)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(400)


def turned_pair(store: Store) -> int:
    """Return a pair that is no task yet: a stored one in the other order."""
    with store.writing.begin() as session:
        known = session.get_one(Pair, 4)
        pair = Pair(question_id=known.question_id, first_id=known.second_id, second_id=known.first_id)
        session.add(pair)
        session.flush()
        return pair.id


def judge(store: Store, name: str, verdict: str) -> None:
    """Judge the next pair of the campaign, about its stored order."""
    person = register(store, name, "person")
    [held] = reserve(store, person.id, campaign=NAME)
    turned = held.pair.a.text.startswith("Залог возвращают")
    said = swap_verdict(verdict) if turned else verdict
    submit(store, held.id, person.id, Submission(f"{name}", said, current_guideline(store).id, "test"))


@pytest.mark.slow
def test_a_campaign_is_opened_worked_on_and_its_dispute_decided_by_keys(server, open_signed_in):
    store = server.store
    page = open_signed_in(server, "lead", "/campaigns")
    page.get_by_role("button", name="New campaign").click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Name").press("Enter")
    page.get_by_text("Standard", exact=True).click()
    settle(page)
    page.get_by_label("People at most", exact=True).fill("2")
    page.get_by_label("People at most", exact=True).press("Enter")
    settle(page)
    page.get_by_role("button", name="Open the campaign").click()
    page.get_by_text(f"The campaign {NAME} is open.").wait_for()
    rules = find_campaign(store, NAME).rules
    assert (rules.overlap, rules.dynamic, rules.max_overlap, rules.gold_share) == (2, True, 2, 0.05)

    assert create_tasks(store, [ChosenPair(turned_pair(store))], campaign=NAME) == 1
    with pytest.raises(NothingToLabel, match="guidelines"):
        judge(store, "Anna", "A_better")
    for name, verdict in (("Anna", "A_better"), ("Boris", "B_better")):
        confirm_guideline(store, register(store, name, "person").id, current_guideline(store).id)
        judge(store, name, verdict)
    confirm_guideline(store, register(store, "Clara", "person").id, current_guideline(store).id)
    with pytest.raises(NothingToLabel):  # two people are enough
        judge(store, "Clara", "tie")

    page.goto(f"{server.address}/adjudication")
    page.get_by_role("button", name="Look for more").click()
    page.get_by_text("needs a second look").wait_for()
    page.get_by_text("За какой срок").first.wait_for()
    settle(page)
    chosen = page.locator(".st-key-decide-B_better button[kind=primary]")
    while not chosen.count():  # on a busy machine the keys come to life after the buttons are drawn
        page.keyboard.press("4")
        settle(page)
    page.keyboard.press("s")
    settle(page)
    page.get_by_label("Why").press("End")
    page.keyboard.type(" 1 2 5 m")  # letters and digits in a text field are text
    page.keyboard.press("Control+Enter")
    page.get_by_text("Decided: B better.").wait_for()
    page.get_by_text("Nothing waits for a decision").wait_for()
    with store.reading() as session:
        review = session.scalars(select(Review)).one()
        assert (review.verdict, review.note) == ("B_better", "The sources decide it. 1 2 5 m")
