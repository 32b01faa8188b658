"""The card on a real server with texts that mean harm, texts from right to left, and time that flies."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from annotate.access.accounts import assessor_of, create_account
from annotate.labelling import ChosenPair, adopt_guidelines, create_tasks
from annotate.labelling.assessors import describe, find_assessor
from annotate.labelling.campaigns import set_rules
from annotate.labelling.guidelines import confirm_guideline
from annotate.store import (
    AnswerRecord,
    ContenderRecord,
    Judgement,
    Pair,
    Question,
    Task,
)
from annotate.store.accounts import WebSession
from annotate.store.base import now
from tests.annotate.ui.card.driving import QUESTION, Page, judge, leases, ready
from tests.annotate.ui.card.xss import CORPUS

pytestmark = pytest.mark.browser
EVIL_NAME = "<img src=x onerror=window.pwned=1>"
HEBREW = "כמה זמן נמשכת האחריות?"
ARABIC = (
    "الضمان لمدة سنتين **كاملتين** [1].\n\nThe second part is English.\n\n"
    "| مدة | بلد |\n|---|---|\n| سنتان | DE |"
)
TERMS = {"title": "תנאים", "document": "terms", "text": "האחריות נמשכת שנתיים. Returns take 14 days."}
FORBIDDEN = "script, img, iframe, object, embed, link, style, svg, form, a, video, audio, base, meta"
HANDLERS = """() => [...document.querySelectorAll('.pc-card *')]
    .flatMap((element) => [...element.attributes].map(({name}) => name))
    .filter((name) => name.startsWith('on') || name === 'style' || name === 'srcdoc')"""


def add_pair(store, language: str, question: str, answers: tuple[str, str], passages: list[dict]) -> None:
    """Store a pair in a language that only one person reads, and choose it for labelling."""
    with store.writing.begin() as session:
        asked = Question(
            key=f"{language}-{time.time_ns()}", text=question, language=language, topic=question[:60]
        )
        session.add(asked)
        session.flush()
        made = []
        for number, text in enumerate(answers):
            contender = session.scalar(select(ContenderRecord).offset(number).limit(1))
            made.append(
                AnswerRecord(
                    question_id=asked.id, contender_id=contender.id, text=text, passages=passages,
                    sentences=[{"text": text, "cited": [1]}], prompt=[], model_fingerprint="m",
                    index_fingerprint="i",
                )
            )  # fmt: skip
        session.add_all(made)
        session.flush()
        pair = Pair(question=asked, first=made[0], second=made[1])
        session.add(pair)
        session.flush()
        number = pair.id
    create_tasks(store, [ChosenPair(number)])


@pytest.fixture(scope="module", autouse=True)
def _pairs(module_workspace) -> None:
    store = module_workspace.store
    with store.writing.begin() as session:
        session.execute(update(Task).values(overlap=50, max_overlap=50, open_to_people=True))
    for at in range(0, len(CORPUS), 22):
        texts = CORPUS[at : at + 22]
        whole = "\n\n".join(f"{one} [1]" for one in texts)
        passages = [{"title": one, "document": one, "text": one} for one in texts]
        add_pair(store, "xx", "\n".join(texts), (whole, " ".join(texts)), passages)
    add_pair(store, "he", HEBREW, (ARABIC, "שנתיים [1]."), [TERMS])


@pytest.fixture
def sit(server, open_signed_in) -> Callable[..., Page]:
    """Sit somebody down before the first pair; `reads` names the only language they get."""

    def sit_down(
        name: str, reads: str = "", before: Callable[[Page], None] | None = None, **options: Any
    ) -> Page:
        account = create_account(server.store, name, "assessor", language="en")
        assessor = assessor_of(server.store, account)
        if reads:
            describe(server.store, assessor.name, languages=[reads])
        page = open_signed_in(server, "assessor", "/healthz", name=name, **options)
        if before:
            before(page)
        page.goto(server.address)
        return ready(page)

    return sit_down


def test_no_text_of_others_runs_loads_or_leads_anywhere(server, sit):
    requests: list[str] = []
    alarms: list[str] = []

    def listen(page: Page) -> None:
        page.on("request", lambda request: requests.append(request.url))
        page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))

    page = sit(EVIL_NAME, "xx", listen)
    shown = ""
    while page.locator(QUESTION).is_visible():
        shown += page.locator(".pc-pair").inner_text()
        page.locator(".pc-reasons").evaluate("details => { details.open = true; }")
        page.locator(".pc-comment textarea").fill("\n".join(CORPUS))
        for piece in page.locator(".pc-text > *").all()[:40]:
            piece.hover(force=True, timeout=2000)
        for _ in range(3):
            page.keyboard.press("Tab")
        assert page.locator(f".pc-card :is({FORBIDDEN})").count() == 0
        assert page.evaluate(HANDLERS) == []
        page.keyboard.press("Escape")
        page.locator(QUESTION).focus()
        judge(page, "3")
    assert page.evaluate("window.pwned") is None
    assert alarms == []
    assert not [url for url in requests if "evil.example" in url]
    assert page.url.rstrip("/") == server.address
    for sample in ("window.pwned=1</script>", "javascript:window.pwned=1", "http://evil.example/i.png"):
        assert sample in shown  # it is read as text, not dropped
    with server.store.reading() as session:
        judged = session.scalar(select(func.count(Judgement.id)).where(Judgement.comment.contains("pwned")))
    assert judged == 3


def test_text_runs_from_right_to_left_and_is_marked_by_its_place_in_the_source(server, sit):
    page = sit("Noa", "he")
    assert page.locator(QUESTION).get_attribute("dir") == "rtl"
    arabic = page.locator(".pc-answer .pc-text", has_text="The second part")
    style = "element => getComputedStyle(element).direction"
    blocks = arabic.locator("> p")
    assert [blocks.nth(at).evaluate(style) for at in range(2)] == ["rtl", "ltr"]
    assert arabic.locator("td").first.evaluate(style) == "rtl"
    left, width = (arabic.bounding_box()[name] for name in ("x", "width"))
    assert arabic.locator("strong").bounding_box()["x"] > left + width / 3
    arabic.locator("strong").select_text()
    page.keyboard.press("v")
    assert "كاملتين" in page.locator(".pc-chip").inner_text()
    judge(page, "3")
    [lease] = leases(server, "Noa", "submitted", 1)
    with server.store.reading() as session:
        [span] = session.scalars(select(Judgement.spans).where(Judgement.assignment_id == lease.id)).one()
    assert ARABIC[span["start"] : span["end"]] == "كاملتين"


def test_leases_are_renewed_at_work_and_given_back_when_nobody_is_there(server, sit):
    page = sit("Clara", before=lambda page: page.clock.install())
    first = {one.id: one.expires_at for one in leases(server, "Clara", "reserved", 3)}
    for _ in range(4):
        page.clock.fast_forward("04:30")
        page.mouse.move(200, 300)
        page.mouse.move(210, 310)
    page.clock.fast_forward("00:20")
    page.wait_for_timeout(300)
    page.clock.fast_forward("00:20")
    for _ in range(50):
        later = {one.id: one.expires_at for one in leases(server, "Clara", "reserved", 3)}
        if all(later[one] > first[one] for one in first):
            break
        time.sleep(0.1)
    assert all(later[one] > first[one] for one in first)
    page.clock.fast_forward("11:00")
    page.clock.fast_forward("00:20")
    page.get_by_role("heading", name="You were away").wait_for()
    leases(server, "Clara", "released", 3)
    page.get_by_role("button", name="Go on").click()
    page.locator(QUESTION).wait_for()
    leases(server, "Clara", "reserved", 3)


def test_closing_the_page_gives_back_what_was_not_begun(server, sit):
    page = sit("Dora")
    assert page.locator(".pc-weak").count() == 0
    assert page.locator(".pc-hint").is_hidden()
    page.keyboard.press("q")
    leases(server, "Dora", "reserved", 3)
    page.close()
    leases(server, "Dora", "released", 2)
    leases(server, "Dora", "reserved", 1)


def test_an_answer_lost_on_the_way_is_no_second_verdict(server, sit):
    page = sit("Ines")
    taken: list[int] = []

    def lose(route: Any) -> None:
        taken.append(route.fetch().status)
        route.abort()

    page.route("**/desk/judge", lose)
    page.keyboard.press("1")
    page.locator(".pc-connection", has_text="1 verdict waits").wait_for()
    page.unroute("**/desk/judge")
    page.locator(".pc-connection").wait_for(state="hidden")
    assert set(taken) == {200}
    [lease] = leases(server, "Ines", "submitted", 1)
    with server.store.reading() as session:
        assert (
            session.scalar(select(func.count(Judgement.id)).where(Judgement.assignment_id == lease.id)) == 1
        )
    assert page.locator(".pc-notice").count() == 0


def test_who_is_signed_out_keeps_what_was_judged(server, sit):
    page = sit("Otto")
    with server.store.writing.begin() as session:
        session.execute(update(WebSession).values(revoked_at=now()))
    judge(page, "5")
    page.get_by_role("link", name="Sign in again").wait_for()
    assert leases(server, "Otto", "submitted", 0) == []
    with server.store.writing.begin() as session:
        session.execute(update(WebSession).values(revoked_at=None))
    page.reload()
    leases(server, "Otto", "submitted", 1)


def test_hints_are_drawn_only_where_the_campaign_asks(server, sit):
    set_rules(server.store, "default", hints=True)
    hinted = sit("Hilde")
    hinted.locator(".pc-weak").first.wait_for()
    assert "no passage seems to say this" in hinted.locator(".pc-hint").inner_text()


def test_new_guidelines_stand_between_and_nothing_written_is_lost(server, sit, tmp_path):
    page = sit("Gerda")
    first = page.locator(QUESTION).inner_text()
    page.keyboard.press("c")
    page.keyboard.type("my reasons")
    page.keyboard.press("Escape")
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "comparison.md").write_text("# Comparing\nNew.", "utf-8")
    adopted = adopt_guidelines(server.store, tmp_path)
    set_rules(server.store, "default", confirm_guideline=True)
    page.keyboard.press("2")
    page.locator(".pc-card").wait_for(state="detached")
    assert leases(server, "Gerda", "submitted", 0) == []
    confirm_guideline(server.store, find_assessor(server.store, "Gerda").id, adopted.id)
    page.reload()
    page.locator(QUESTION).wait_for()
    assert page.locator(QUESTION).inner_text() == first
    assert page.locator(".pc-comment textarea").input_value() == "my reasons"
    assert "guidelines have changed" in page.locator(".pc-notice").inner_text()
    judge(ready(page), "2")
    leases(server, "Gerda", "submitted", 1)
