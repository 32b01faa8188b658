"""Training in a real browser on a real server: start a run, see it live, cancel it; see another finish."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from annotate.store import AnswerRecord, Run

from .conftest import CHROMIUM, Seeded, open_workspace, running, seed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.models,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
LIVE_SECONDS = 120_000  # milliseconds; a run loads libraries and weights first


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """A workspace whose preferences can be trained on."""
    folder = tmp_path_factory.mktemp("training")
    seeded = seed(open_workspace(folder).folder)
    with seeded.store.writing.begin() as session:
        for answer in session.scalars(select(AnswerRecord)):
            answer.passages = [
                {**passage, "chunk": number, "text_hash": "0", "score": 1.0}
                for number, passage in enumerate(answer.passages)
            ]
    yield seeded
    seeded.store.engine.dispose()


def start(page) -> None:
    page.get_by_role("radio", name="New run").or_(page.get_by_text("New run", exact=True)).first.click()
    page.get_by_role("button", name="Start the run").click()
    page.locator(".pl-state-running").wait_for(timeout=LIVE_SECONDS)


@pytest.mark.slow
def test_a_run_is_seen_live_cancelled_and_another_one_finishes(judged, open_signed_in):
    with running(judged.folder, judged.store) as server:
        page = open_signed_in(server, "engineer", "/runs")
        page.locator(".pl-state").first.wait_for()
        start(page)
        page.get_by_role("button", name="Cancel", exact=True).click()
        page.get_by_role("button", name="Cancel the run").click()
        page.locator(".pl-state-cancelled").wait_for()
        page.get_by_role("button", name="Resume").wait_for()
        start(page)
        # Nothing is clicked from here on: the screen renews itself until the figures are there.
        page.locator(".pl-state-finished").wait_for(timeout=LIVE_SECONDS)
        page.get_by_text("Accuracy, cross-validated").first.wait_for()
        assert page.locator(".pl-whisker").count() >= 2
    with judged.store.reading() as session:
        states = [run.state for run in session.scalars(select(Run).order_by(Run.id))]
    assert states == ["failed", "finished", "cancelled", "finished"]
