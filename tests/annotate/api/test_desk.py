"""The desk protocol, spoken to the real application with real accounts."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from annotate.labelling import adopt_guidelines
from annotate.labelling.assessors import set_active
from annotate.labelling.campaigns import set_campaign_state, set_rules
from annotate.labelling.guidelines import confirm_guideline
from annotate.store import Assignment, Judgement
from annotate.store.base import now


@pytest.fixture
def desk(site):
    """Speak as the assessor."""
    with site.client("assessor") as client:

        def post(path: str, **body):
            return client.post(f"/desk/{path}", json=body)

        yield post


def verdict(card: dict, said: str = "A_better", key: str = "first-key", **more) -> dict:
    return {
        "assignment": card["assignment"],
        "key": key,
        "verdict": said,
        "guideline": card["guideline"],
    } | more


def judgements(site) -> list[Judgement]:
    with site.context.store.reading() as session:
        return list(session.scalars(select(Judgement).order_by(Judgement.id)))


def state(site, assignment: int) -> str:
    with site.context.store.reading() as session:
        return session.get_one(Assignment, assignment).state


def test_pairs_are_handed_out_ahead_and_each_once(desk):
    first = desk("take", count=2).json()
    assert len(first["cards"]) == 2
    held = [card["assignment"] for card in first["cards"]]
    again = desk("take", count=3, holding=held).json()
    assert len(again["cards"]) == 1
    assert again["cards"][0]["assignment"] not in held
    assert again["waiting"] is None


def test_after_a_reload_the_same_pairs_come_back(desk):
    before = desk("take", count=2).json()["cards"]
    after = desk("take", count=2).json()["cards"]
    assert [card["assignment"] for card in before] == [card["assignment"] for card in after]
    assert [card["a"]["html"] for card in before] == [card["a"]["html"] for card in after]


def test_a_verdict_brings_the_next_pair_and_counts_once(site, desk):
    cards = desk("take", count=2).json()["cards"]
    body = verdict(
        cards[0],
        aspects={"faithfulness": "A"},
        tags={"B": ["loop"]},
        spans=[{"side": "B", "start": 0, "end": 3, "kind": "unsupported"}],
        comment="A names its source",
        seconds=12.34,
        active_seconds=99,
        count=2,
        holding=[cards[1]["assignment"]],
    )
    answer = desk("judge", **body).json()
    assert answer["status"] == "recorded"
    assert len(answer["cards"]) == 1
    assert answer["standing"]["done_today"] == 1
    assert desk("judge", **body).json()["status"] == "again"
    [found] = judgements(site)
    with site.context.store.reading() as session:
        swapped = session.get_one(Assignment, found.assignment_id).swapped
    assert found.verdict == ("B_better" if swapped else "A_better")
    assert found.aspects == {"faithfulness": "B" if swapped else "A"}
    assert found.spans[0]["side"] == ("A" if swapped else "B")
    assert (found.comment, found.seconds, found.active_seconds) == ("A names its source", 12.3, 12.3)


def test_another_window_cannot_overwrite_a_verdict_unawares(site, desk):
    card = desk("take").json()["cards"][0]
    assert desk("judge", **verdict(card)).json()["status"] == "recorded"
    second = desk("judge", **verdict(card, "tie", "second-key")).json()
    assert (second["status"], second["reason"]["code"]) == ("lost", "judged")
    meant = desk("judge", **verdict(card, "tie", "second-key", amend=True)).json()
    assert meant["status"] == "amended"
    assert [one.revision for one in judgements(site)] == [1, 2]


def test_undo_lends_the_pair_again(site, desk):
    card = desk("take").json()["cards"][0]
    desk("judge", **verdict(card))
    undone = desk("undo", assignment=card["assignment"]).json()
    assert undone["status"] == "undone"
    assert undone["expires_at"]
    assert state(site, card["assignment"]) == "reserved"
    assert desk("judge", **verdict(card, "tie", "second-key")).json()["status"] == "recorded"
    refused = desk("undo", assignment=999).json()
    assert (refused["status"], refused["reason"]["code"]) == ("refused", "lease")


def test_only_the_last_verdict_is_undone(desk):
    one, two = desk("take", count=2).json()["cards"]
    desk("judge", **verdict(one))
    desk("judge", **verdict(two, key="second-key"))
    assert desk("undo", assignment=one["assignment"]).json()["reason"]["code"] == "undo_order"


def test_skipping_and_flagging_leave_their_reasons(site, desk):
    one, two = desk("take", count=2).json()["cards"]
    skipped = desk("skip", assignment=one["assignment"], reason="beyond me").json()
    flagged = desk("flag", assignment=two["assignment"], reason="private data").json()
    assert (skipped["status"], flagged["status"]) == ("skipped", "flagged")
    with site.context.store.reading() as session:
        assert session.get_one(Assignment, one["assignment"]).reason == "beyond me"
        assert session.get_one(Assignment, two["assignment"]).flagged
    again = desk("skip", assignment=one["assignment"], reason="beyond me").json()
    assert (again["status"], again["reason"]["code"]) == ("lost", "gone")


def test_leases_are_renewed_and_given_back(site, desk):
    one, two = desk("take", count=2).json()["cards"]
    ids = [one["assignment"], two["assignment"]]
    told = desk("renew", assignments=[*ids, 999]).json()
    assert set(told["held"]) == {str(each) for each in ids}
    assert told["lost"] == [999]
    late = {str(ids[0]): one["expires_at"], str(ids[1]): told["held"][str(ids[1])]}
    given = desk("release", assignments=ids, seen=late).json()
    assert given == {"released": [ids[1]]}  # the first was taken up again since the page knew of it
    assert state(site, ids[0]) == "reserved"


def test_a_lease_that_ran_out_is_told(site, desk):
    card = desk("take").json()["cards"][0]
    with site.context.store.writing.begin() as session:
        session.execute(update(Assignment).values(expires_at=now().replace(year=2020)))
    assert desk("renew", assignments=[card["assignment"]]).json()["lost"] == [card["assignment"]]


def test_why_there_is_nothing_comes_as_a_code(site, desk):
    store = site.context.store
    set_rules(store, "default", daily_limit=1)
    card = desk("take", count=1).json()["cards"][0]
    assert desk("judge", **verdict(card)).json()["waiting"]["code"] == "daily_limit"
    set_rules(store, "default", daily_limit=None, skills=["law"])
    assert desk("take").json()["waiting"]["code"] == "skills"
    set_rules(store, "default", skills=[], exam_required=True)
    assert desk("take").json()["waiting"]["code"] == "exam"
    set_rules(store, "default", exam_required=False, training_required=True)
    assert desk("take").json()["waiting"]["code"] == "training"
    set_rules(store, "default", training_required=False, confirm_guideline=True)
    assert desk("take").json()["waiting"]["code"] == "guideline"
    set_campaign_state(store, "default", "paused")
    assert desk("take").json()["waiting"]["code"] == "campaign"
    set_active(store, "the assessor", active=False, reason="gold")
    told = desk("take").json()["waiting"]
    assert (told["code"], told["text"]) == ("stopped", "paused: gold")


def test_when_all_is_judged_nothing_is_left(desk):
    cards = desk("take", count=5).json()["cards"]
    assert len(cards) == 3
    for number, card in enumerate(cards):
        last = desk("judge", **verdict(card, key=f"key-{number}-long")).json()
    assert last["waiting"]["code"] == "nothing"


def test_a_verdict_under_old_guidelines_is_refused_where_they_are_to_be_confirmed(site, desk, tmp_path):
    store = site.context.store
    first = desk("take").json()["cards"][0]
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "comparison.md").write_text("# Comparing\nNew.", "utf-8")
    adopted = adopt_guidelines(store, tmp_path)
    assert desk("judge", **verdict(first)).json()["status"] == "recorded"
    set_rules(store, "default", confirm_guideline=True)
    with store.reading() as session:
        person = session.scalars(select(Assignment.assessor_id)).first()
    confirm_guideline(store, person, adopted.id)
    card = desk("take").json()["cards"][0]
    assert card["guideline"] == adopted.id
    refused = desk("judge", **verdict(card | {"guideline": first["guideline"]}, key="second-key")).json()
    assert (refused["status"], refused["reason"]["code"]) == ("refused", "guideline_changed")
    assert state(site, card["assignment"]) == "reserved"
    assert desk("judge", **verdict(card, key="second-key")).json()["status"] == "recorded"


def test_a_verdict_under_guidelines_that_do_not_exist_is_refused(site, desk):
    card = desk("take").json()["cards"][0]
    answer = desk("judge", **verdict(card, guideline=999_999)).json()
    assert (answer["status"], answer["reason"]["code"]) == ("refused", "guideline_changed")
    assert judgements(site) == []


def test_nobody_touches_the_pairs_of_others(site, desk):
    mine = desk("take", count=3).json()["cards"]
    with site.client("lead") as other:
        for path, body in (
            ("judge", verdict(mine[0])),
            ("skip", {"assignment": mine[0]["assignment"], "reason": "x"}),
            ("flag", {"assignment": mine[0]["assignment"], "reason": "x"}),
            ("undo", {"assignment": mine[0]["assignment"]}),
        ):
            answer = other.post(f"/desk/{path}", json=body).json()
            assert answer["status"] in ("lost", "refused"), path
            assert answer["reason"]["code"] == "lease"
        ids = [card["assignment"] for card in mine]
        assert other.post("/desk/renew", json={"assignments": ids}).json()["lost"] == ids
        assert other.post("/desk/release", json={"assignments": ids}).json()["released"] == []
    assert {state(site, card["assignment"]) for card in mine} == {"reserved"}
    assert judgements(site) == []


def test_nobody_labels_without_signing_in(site):
    with site.client("nobody") as client:
        for path in ("take", "judge", "skip", "flag", "undo", "release", "renew"):
            assert client.post(f"/desk/{path}", json={}).status_code == 401
        assert client.get("/desk/guideline").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "A_best"},
        {"key": "short"},
        {"key": "spaces in a key"},
        {"aspects": {"faithfulness": "C"}},
        {"aspects": {"charm": "A"}},
        {"tags": {"A": ["witty"]}},
        {"spans": [{"side": "A", "start": 5, "end": 2, "kind": "unsafe"}]},
        {"spans": [{"side": "A", "start": 0, "end": 2, "kind": "boring"}]},
        {"comment": "x" * 5000},
        {"seconds": -1},
        {"assignment": 0},
        {"count": 1000},
    ],
)
def test_what_is_not_well_formed_is_refused(site, desk, wrong):
    card = desk("take").json()["cards"][0]
    answer = desk("judge", **(verdict(card) | wrong))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert judgements(site) == []


def test_the_guidelines_come_in_the_readers_language(site):
    with site.client("assessor") as client:
        english = client.get("/desk/guideline", params={"language": "en"}).json()
        russian = client.get("/desk/guideline", params={"language": "ru"}).json()
        other = client.get("/desk/guideline", params={"language": "fr"}).json()
    assert english["pages"][0]["name"] == russian["pages"][0]["name"] == "comparison"
    assert "Сравнение" in russian["pages"][0]["title"]
    assert other["pages"] == english["pages"]
    assert russian["version"] == english["version"]
