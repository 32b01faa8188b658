"""Training and exam over HTTP: one's own, resumed after a reload, told nothing too early."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from annotate.access.accounts import assessor_of, create_account
from annotate.access.sessions import COOKIE, open_session
from annotate.api.app import make_api
from annotate.jobs.context import Context
from annotate.labelling import adopt_guidelines
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.exams import start_sitting
from annotate.labelling.controls.gold import Known, add_control
from tests.annotate.conftest import Ledger

OURS = {"X-Pairloop": "1", "Sec-Fetch-Site": "same-origin"}
HEADING = "Read the question first"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    (tmp_path / "pairloop.toml").touch()
    opened = Context.open(tmp_path)
    yield opened
    opened.store.engine.dispose()


@pytest.fixture
def ledger(context: Context, tmp_path: Path) -> Ledger:
    for language, text in (
        ("en", f"# Comparison\n\n## {HEADING}\n\nThen the passages.\n"),
        ("ru", "# Сравнение\n\n## Сначала вопрос\n\nПотом **фрагменты**.\n"),
    ):
        (tmp_path / "texts" / language).mkdir(parents=True)
        (tmp_path / "texts" / language / "comparison.md").write_text(text, "utf-8")
    made = Ledger(context.store, adopt_guidelines(context.store, tmp_path / "texts"))
    open_campaign(context.store, "default")
    set_rules(context.store, "default", exam_tasks=3, training_tasks=2, exam_pass_mark=0.6)
    known = Known(("A_better",), "B <script>alert(1)</script> invents.", guideline=f"comparison#{HEADING}")
    for pool, count in (("training", 2), ("exam", 3)):
        for _ in range(count):
            add_control(context.store, made.pair(), known, pool=pool)
    return made


@pytest.fixture
def sign_in(context: Context) -> Callable[..., TestClient]:
    """Sign somebody in; `.person` is who they are in the ledger."""
    api = make_api(context)

    def sign(name: str, language: str = "") -> TestClient:
        account = create_account(context.store, name, "assessor", language=language)
        client = TestClient(api, headers=OURS, cookies={COOKIE: open_session(context.store, account.id)})
        client.person = assessor_of(context.store, account).id  # type: ignore[attr-defined]
        return client

    return sign


def start(context: Context, client: Any, pool: str) -> str:
    return f"/sittings/{start_sitting(context.store, client.person, pool, language='en').id}"


def judge(client: TestClient, base: str, card: dict[str, Any], verdict: str, key: str = "") -> Any:
    body = {
        "assignment": card["assignment"], "key": key or uuid4().hex, "verdict": verdict,
        "guideline": card["guideline"], "seconds": 4.0, "active_seconds": 3.0, "count": 2,
    }  # fmt: skip
    return client.post(f"{base}/judge", json=body)


def better(card: dict[str, Any]) -> str:
    """Return the right verdict: the stored first answer is the better one."""
    return "A_better" if "first answer" in card["a"]["html"] else "B_better"


def test_training_says_after_each_answer_whether_it_is_right_and_why(context, ledger, sign_in) -> None:
    anna = sign_in("anna", "ru")
    base = start(context, anna, "training")
    hand = anna.post(f"{base}/take", json={"count": 3}).json()
    assert len(hand["cards"]) == 2
    assert hand["waiting"] is None
    first, second = hand["cards"]
    said = judge(anna, base, first, better(first)).json()
    assert said["status"] == "recorded"
    assert said["feedback"]["right"] is True
    assert said["feedback"]["verdicts"] == [better(first)]
    assert re.search(r"<strong>.*фрагменты", said["feedback"]["html"])
    assert "<script" not in said["feedback"]["html"]
    assert [card["assignment"] for card in said["cards"]] == [second["assignment"]]
    last = judge(anna, base, second, "tie").json()
    assert last["feedback"]["right"] is False
    assert last["waiting"]["code"] == "sitting_ended"
    assert last["standing"]["sitting"] == {"pool": "training", "answered": 2, "total": 2, "right": 1}


def test_an_exam_tells_nothing_until_its_end_and_resumes_after_a_reload(context, ledger, sign_in) -> None:
    anna = sign_in("anna")
    base = start(context, anna, "exam")
    cards = anna.post(f"{base}/take", json={"count": 3}).json()["cards"]
    said = judge(anna, base, cards[0], better(cards[0])).json()
    assert said["feedback"] is None
    assert said["standing"]["sitting"]["right"] is None
    again = anna.post(f"{base}/take", json={"count": 3}).json()
    assert [card["assignment"] for card in again["cards"]] == [card["assignment"] for card in cards[1:]]
    ahead = anna.post(f"{base}/take", json={"count": 1, "holding": [cards[1]["assignment"]]}).json()
    assert [card["assignment"] for card in ahead["cards"]] == [cards[2]["assignment"]]
    assert anna.get(base).json()["right"] is None
    for card in cards[1:]:
        judge(anna, base, card, better(card))
    over = anna.get(base).json()
    assert (over["right"], over["total"], over["passed"]) == (3, 3, True)
    assert anna.post(f"{base}/take", json={"count": 3}).json()["waiting"]["code"] == "sitting_ended"
    assert [one["pool"] for one in anna.get("/sittings").json()] == ["exam"]


def test_the_first_answer_counts_and_sending_it_again_changes_nothing(context, ledger, sign_in) -> None:
    anna = sign_in("anna")
    base = start(context, anna, "exam")
    [card] = anna.post(f"{base}/take", json={"count": 1}).json()["cards"]
    key = uuid4().hex
    assert judge(anna, base, card, "tie", key).json()["status"] == "recorded"
    assert judge(anna, base, card, "tie", key).json()["status"] == "recorded"
    assert judge(anna, base, card, better(card)).json()["status"] == "lost"
    for step, body in (("skip", {"reason": "too hard"}), ("undo", {})):
        answer = anna.post(f"{base}/{step}", json={"assignment": card["assignment"], **body})
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
    held = anna.post(f"{base}/renew", json={"assignments": [card["assignment"], 10**6]}).json()
    assert held == {"held": {}, "lost": [card["assignment"], 10**6]}
    assert anna.get(base).json()["answered"] == 1


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("take", {"count": 1}),
        ("judge", {"assignment": 1, "key": "abcdefgh", "verdict": "tie", "guideline": 1}),
        ("skip", {"assignment": 1, "reason": "x"}),
        ("flag", {"assignment": 1, "reason": "x"}),
        ("undo", {"assignment": 1}),
        ("release", {"assignments": [1]}),
        ("renew", {"assignments": [1]}),
        ("guideline", None),
        ("", None),
    ],
)
def test_nobody_else_reaches_a_sitting(context, ledger, sign_in, step: str, body: Any) -> None:
    anna, boris = sign_in("anna"), sign_in("boris")
    base = start(context, anna, "exam")
    anna.post(f"{base}/take", json={"count": 1})
    address = f"{base}/{step}".rstrip("/")
    theirs = boris.post(address, json=body) if body else boris.get(address)
    unknown = address.replace(base, "/sittings/4711")
    nobodys = boris.post(unknown, json=body) if body else boris.get(unknown)
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert anna.get(base).json()["answered"] == 0
    assert boris.get("/sittings").json() == []


def test_a_pair_of_another_sitting_is_refused(context, ledger, sign_in) -> None:
    anna = sign_in("anna")
    training, exam = start(context, anna, "training"), start(context, anna, "exam")
    [card] = anna.post(f"{training}/take", json={"count": 1}).json()["cards"]
    assert judge(anna, exam, card, "tie").status_code == 409
    assert anna.get(training).json()["answered"] == 0


def test_a_flagged_pair_is_still_to_be_answered(context, ledger, sign_in) -> None:
    anna = sign_in("anna")
    base = start(context, anna, "exam")
    [card] = anna.post(f"{base}/take", json={"count": 1}).json()["cards"]
    flagged = anna.post(f"{base}/flag", json={"assignment": card["assignment"], "reason": "unsafe"}).json()
    assert (flagged["status"], flagged["waiting"]) == ("flagged", None)
    held = anna.post(f"{base}/renew", json={"assignments": [card["assignment"]]}).json()
    assert list(held["held"]) == [str(card["assignment"])]
    assert anna.post(f"{base}/release", json={"assignments": [card["assignment"]]}).json() == {"released": []}


def test_the_guidelines_come_in_the_readers_language(context, ledger, sign_in) -> None:
    anna = sign_in("anna")
    base = start(context, anna, "exam")
    address = f"{base}/guideline?language=ru&version={ledger.guideline.id}"
    pages = anna.get(address).json()["pages"]
    assert pages[0]["title"] == "Сравнение"


def test_without_a_session_or_from_another_site_nothing_is_told(context, ledger, sign_in) -> None:
    anna = sign_in("anna")
    base = start(context, anna, "exam")
    stranger = TestClient(anna.app, headers=OURS)
    assert stranger.get(base).status_code == 401
    forged = anna.post(f"{base}/take", json={"count": 1}, headers={"Sec-Fetch-Site": "cross-site"})
    assert forged.status_code == 403
