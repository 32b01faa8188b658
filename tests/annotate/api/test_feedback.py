from __future__ import annotations

from sqlalchemy import select

from annotate.labelling.feedback import ASKER
from annotate.reports.listing import list_judgements, read_preference
from annotate.store import Assessor, Task


def send(client, number, key, **said):
    return client.post(f"/answers/{number}/feedback", json={"key": f"feedback-{key}", **said})


def test_each_kind_of_feedback_becomes_a_weak_judgement_of_its_own_kind(site):
    number, (first, second) = site.asked()
    client = site.client("assessor")
    receipts = [
        send(client, number, 1, kind="click", answer=second, passage=1),
        send(client, number, 2, kind="thumb", answer=first, up=True, comment="to the point"),
        send(client, number, 3, kind="choice", answer=None),
        send(client, number, 4, kind="choice", answer=second),
    ]
    assert [one.status_code for one in receipts] == [201] * 4
    said = [one.json()["verdict"] for one in receipts]
    assert said == ["B_better", "A_better", "both_bad", "B_better"]
    rows = list_judgements(site.context.store)
    assert {(row.kind, row.channel, row.pair_id) for row in rows} == {(ASKER, "feedback", site.pairs[0])}
    assert [(row.revision, row.counts) for row in rows] == [(4, True), (3, False), (2, False), (1, False)]
    with site.context.store.reading() as session:
        assert session.scalar(select(Assessor.kind).where(Assessor.name == rows[0].assessor)) == ASKER


def test_the_same_key_changes_nothing(site):
    number, (first, _) = site.asked()
    client = site.client("assessor")
    one = send(client, number, 1, kind="thumb", answer=first, up=True)
    again = send(client, number, 1, kind="thumb", answer=first, up=True)
    assert (one.status_code, again.status_code) == (201, 200)
    assert one.json() == again.json()
    assert len(client.get(f"/answers/{number}/feedback").json()["items"]) == 1
    other, (foreign, _) = site.asked(at=1)
    assert send(client, other, 1, kind="thumb", answer=foreign, up=True).status_code == 409


def test_feedback_moves_a_preference_less_than_a_person_does(site):
    number, (first, _) = site.asked()
    send(site.client("assessor"), number, 1, kind="choice", answer=first)
    weak = read_preference(site.context.store, site.pairs[0])
    assert (weak.verdict, weak.people, weak.machines, weak.feedback) == ("A_better", 0, 0, 1)
    assert 0.25 < weak.posterior["first"] < 0.5


def test_an_edit_is_an_answer_that_is_better_than_what_was_edited(site):
    number, (first, _) = site.asked()
    made = send(
        site.client("assessor"), number, 1, kind="edit", answer=first, text="Two full years [1]. Keep it."
    )
    assert (made.status_code, made.json()["verdict"]) == (201, "B_better")
    pair = site.client("lead").get(f"/pairs/{made.json()['pair_id']}").json()
    assert (pair["first"]["id"], pair["second"]["text"]) == (first, "Two full years [1]. Keep it.")
    assert [part["cited"] for part in pair["second"]["sentences"]] == [[1], []]
    assert pair["second"]["sources"] == pair["first"]["sources"]
    same = send(site.client("assessor"), number, 2, kind="edit", answer=first, text=pair["first"]["text"])
    assert (same.status_code, same.json()["type"]) == (409, "refused")


def test_feedback_takes_no_place_and_makes_a_pair_more_urgent(site):
    number, (first, _) = site.asked(at=2)
    with site.context.store.reading() as session:
        before = session.scalars(select(Task).where(Task.pair_id == site.pairs[2])).one()
    send(site.client("assessor"), number, 1, kind="thumb", answer=first, up=False)
    with site.context.store.reading() as session:
        after = session.scalars(select(Task).where(Task.pair_id == site.pairs[2])).one()
    assert (after.people_places, after.machine_places, after.open_to_people) == (0, 0, True)
    assert after.priority > before.priority
    [task] = site.client("lead").post("/tasks/reserve", json={}).json()["tasks"]
    assert task["task_id"] == after.id


def test_a_pair_that_was_no_task_becomes_one(site):
    number, (first, _) = site.asked(at=3)
    made = send(site.client("assessor"), number, 1, kind="thumb", answer=first, up=True)
    assert made.json()["judgement_id"]
    with site.context.store.reading() as session:
        task = session.scalars(select(Task).where(Task.pair_id == site.pairs[3])).one()
    assert task.chosen_by["strategy"] == "feedback"


def test_nobody_sees_or_rates_what_another_asked(site):
    number, (first, _) = site.asked("assessor")
    for role in ("lead", "engineer", "admin"):
        client = site.client(role)
        assert client.get(f"/answers/{number}").status_code == 404
        assert client.get(f"/answers/{number}/feedback").status_code == 404
        assert send(client, number, role, kind="thumb", answer=first, up=True).status_code == 404
    assert list_judgements(site.context.store) == []


def test_an_answer_that_was_not_shown_cannot_be_rated(site):
    number, _ = site.asked(at=0)
    _, (other, _) = site.asked(at=1)
    refused = send(site.client("assessor"), number, 1, kind="thumb", answer=other, up=True)
    assert (refused.status_code, refused.json()["type"]) == (409, "refused")
    assert send(site.client("assessor"), number, 2, kind="hug").status_code == 422


def test_the_record_shows_the_answers_in_the_order_shown_with_what_made_them(site):
    number, answers = site.asked()
    record = site.client("assessor").get(f"/answers/{number}").json()
    assert [answer["id"] for answer in record["answers"]] == answers
    assert {answer["contender"] for answer in record["answers"]} == {"plain", "long"}
    assert record["answers"][0]["sources"][0]["document"] == "terms"
