"""Drive the pair card in a browser, and read in the ledger what became of it."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select

from annotate.store import Assessor, Assignment, Judgement

QUESTION = ".pc-question"
HOLD_MS = 400  # a verdict sooner after a pair appeared is taken for a key held down
Page = Any


def ready(page: Page) -> Page:
    """Wait until a pair is shown and may be judged."""
    page.locator(QUESTION).wait_for()
    page.wait_for_timeout(HOLD_MS)
    return page


def question(page: Page) -> str:
    return page.locator(QUESTION).inner_text()


def wait_for_text(page: Page, selector: str, text: str) -> None:
    """Wait until a place on the screen says something; what is told to a reader comes a frame later."""
    page.locator(selector).filter(has_text=text).wait_for()


def judge(page: Page, key: str) -> None:
    """Press the key of a verdict and wait for the next pair, or for the end."""
    before = question(page)
    page.keyboard.press(key)
    page.wait_for_function(
        "seen => { const q = document.querySelector('.pc-question');"
        " return q.offsetParent === null || q.innerText !== seen; }",
        arg=before,
    )
    page.wait_for_timeout(HOLD_MS)


def judgements(server: Any, name: str, count: int = 0) -> list[tuple[Judgement, Assignment]]:
    """Return somebody's judgements, oldest first, once there are `count`."""
    rows: list[Any] = []
    for _ in range(100):
        with server.store.reading() as session:
            rows = list(
                session.execute(
                    select(Judgement, Assignment)
                    .join(Assignment, Assignment.id == Judgement.assignment_id)
                    .join(Assessor, Assessor.id == Assignment.assessor_id)
                    .where(Assessor.name == name)
                    .order_by(Judgement.id)
                )
            )
        if len(rows) >= count:
            break
        time.sleep(0.1)
    assert len(rows) >= count
    return rows


def leases(server: Any, name: str, state: str, count: int) -> list[Assignment]:
    """Return somebody's assignments in a state, once there are `count`."""
    found: list[Assignment] = []
    for _ in range(100):
        with server.store.reading() as session:
            mine = select(Assignment).join(Assessor).where(Assessor.name == name)
            found = list(session.scalars(mine.where(Assignment.state == state).order_by(Assignment.id)))
        if len(found) == count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} of {name} are {state}, not {count}")


def as_shown(row: tuple[Judgement, Assignment]) -> str:
    """Return the verdict as its author saw the answers."""
    judgement, assignment = row
    turn = {"A": "B", "B": "A"} if assignment.swapped else {}
    return turn.get(judgement.verdict[0], judgement.verdict[0]) + judgement.verdict[1:]
