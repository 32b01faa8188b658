"""Reviews: what comes up, once; who decides; the verdict is final; discussion and reopening."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.errors import LabellingError, VerdictError
from annotate.labelling import flag, refresh_preferences, reserve
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.controls.notes import add_note, list_notes
from annotate.labelling.controls.reviews import decide, disagree, open_reviews, reopen, request_review
from annotate.labelling.ledger.history import read_history
from annotate.reports.reviews import report_review, report_reviews
from annotate.store import Preference


def disputed(ledger, *verdicts: str) -> int:
    """One task, judged by as many people as there are verdicts; return its pair."""
    [pair] = ledger.tasks(1, overlap=len(verdicts))
    for number, verdict in enumerate(verdicts):
        ledger.judge(ledger.person(f"judge-{number}"), verdict, comment=f"because {verdict}")
    return pair


@pytest.mark.parametrize(
    ("verdicts", "apart"),
    [
        (("A_better", "A_much_better"), False), (("A_better", "tie"), False),
        (("both_bad", "both_bad"), False),
        (("A_better", "B_better", "A_better"), True), (("both_bad", "tie"), True), ((), False),
    ],
)  # fmt: skip
def test_different_winners_disagree_strengths_do_not(verdicts: tuple[str, ...], apart: bool) -> None:
    assert disagree(verdicts) is apart


def test_a_disagreement_comes_up_once_and_only_when_the_labelling_is_over(ledger) -> None:
    [pair] = ledger.tasks(1, overlap=3)
    ledger.judge(ledger.person("anna"), "A_better")
    ledger.judge(ledger.person("boris"), "B_better")
    assert open_reviews(ledger.store) == []
    ledger.judge(ledger.person("clara"), "A_better")
    [review] = open_reviews(ledger.store)
    assert (review.task_id, review.reason, review.state) == (ledger.task_of(pair), "disagreement", "open")
    assert open_reviews(ledger.store) == []


def test_agreement_needs_no_review(ledger) -> None:
    disputed(ledger, "A_better", "A_much_better", "tie")
    assert open_reviews(ledger.store) == []


def test_where_the_campaign_names_a_posterior_it_decides(ledger) -> None:
    open_campaign(ledger.store, "default")
    set_rules(ledger.store, "default", adjudicate_below=0.8)
    split, clear = disputed(ledger, "A_better", "B_better"), disputed(ledger, "tie", "tie", "tie")
    refresh_preferences(ledger.store)
    [review] = open_reviews(ledger.store, "default")
    assert (review.task_id, review.reason) == (ledger.task_of(split), "low_posterior")
    assert review.task_id != ledger.task_of(clear)


def test_a_flag_comes_up_at_once_and_again_after_a_decision(ledger) -> None:
    [pair] = ledger.tasks(1, overlap=2)
    anna, boris, lead = (ledger.person(name) for name in ("anna", "boris", "lead"))
    [held] = reserve(ledger.store, anna.id)
    flag(ledger.store, held.id, anna.id, "private data")
    [review] = open_reviews(ledger.store)
    assert (review.task_id, review.reason) == (ledger.task_of(pair), "flagged")
    assert report_reviews(ledger.store)[0].flags == ("private data",)
    decide(ledger.store, review.id, lead.id, "both_bad", "The data must not be shown.")
    assert open_reviews(ledger.store) == []
    [other] = reserve(ledger.store, boris.id)
    flag(ledger.store, other.id, boris.id, "broken passage")
    assert [again.reason for again in open_reviews(ledger.store)] == ["flagged"]
    assert open_reviews(ledger.store) == []


def test_a_decision_is_final_and_stays_in_the_history(ledger) -> None:
    pair = disputed(ledger, "A_better", "B_better", "B_better")
    [review] = open_reviews(ledger.store)
    lead = ledger.person("lead")
    done = decide(ledger.store, review.id, lead.id, "A_much_better", "B invents the price.")
    assert (done.state, done.verdict, done.decided_by) == ("decided", "A_much_better", lead.id)
    assert preference(ledger, pair) == "A_much_better"
    refresh_preferences(ledger.store)
    assert preference(ledger, pair) == "A_much_better"
    [event] = [e for e in read_history(ledger.store, task_id=done.task_id) if e.kind == "adjudicated"]
    assert (event.assessor, event.details["verdict"], event.details["forced"]) == (
        "lead",
        "A_much_better",
        False,
    )
    with pytest.raises(LabellingError, match="is decided"):
        decide(ledger.store, review.id, lead.id, "tie", "again")


def preference(ledger, pair: int) -> str | None:
    with ledger.store.reading() as session:
        return session.scalar(select(Preference.verdict).where(Preference.pair_id == pair))


def test_who_judged_the_task_does_not_decide_it_unless_forced(ledger) -> None:
    disputed(ledger, "A_better", "B_better")
    [review] = open_reviews(ledger.store)
    judge = ledger.person("judge-0")
    with pytest.raises(LabellingError, match="judged this task"):
        decide(ledger.store, review.id, judge.id, "tie", "both are fine")
    with pytest.raises(LabellingError, match="by a person"):
        decide(ledger.store, review.id, ledger.machine().id, "tie", "both are fine")
    with pytest.raises(LabellingError, match="short explanation"):
        decide(ledger.store, review.id, judge.id, "tie", " ")
    with pytest.raises(VerdictError):
        decide(ledger.store, review.id, judge.id, "A_wins", "x")
    assert (
        decide(ledger.store, review.id, judge.id, "tie", "nobody else is here", forced=True).verdict == "tie"
    )


def test_a_decision_can_be_reopened_and_the_votes_count_again(ledger) -> None:
    pair = disputed(ledger, "A_better", "B_better", "B_better")
    [review] = open_reviews(ledger.store)
    lead = ledger.person("lead")
    decide(ledger.store, review.id, lead.id, "A_better", "B invents the price.")
    again = reopen(ledger.store, review.id, lead.id, "the price is in passage 2")
    assert (again.state, again.verdict, again.decided_at) == ("open", "", None)
    assert preference(ledger, pair) == "B_better"
    assert open_reviews(ledger.store) == []
    with pytest.raises(LabellingError, match="is open"):
        reopen(ledger.store, review.id, lead.id, "x")
    steps = report_review(ledger.store, review.id).steps
    assert [step.kind for step in steps] == ["review_opened", "adjudicated", "reopened"]
    assert steps[2].details["former"] == "A_better"


def test_the_report_shows_opinions_without_names_and_the_discussion_with_them(ledger) -> None:
    pair = disputed(ledger, "A_better", "B_better")
    [review] = open_reviews(ledger.store)
    lead = ledger.person("lead")
    add_note(ledger.store, review.task_id, lead.id, " Is the price in the passage? ")
    add_note(ledger.store, review.task_id, ledger.person("judge-0").id, "It is not.")
    [report] = report_reviews(ledger.store)
    assert report.pair.pair_id == pair
    assert [(one.number, one.verdict, one.comment) for one in report.opinions] == [
        (1, "A_better", "because A_better"),
        (2, "B_better", "because B_better"),
    ]
    assert "judge-0" not in repr(report.opinions)
    assert [(note.author, note.text) for note in report.notes] == [
        ("lead", "Is the price in the passage?"),
        ("judge-0", "It is not."),
    ]
    assert list_notes(ledger.store, review.task_id) == list(report.notes)
    assert report_reviews(ledger.store, "decided") == []
    assert report_review(ledger.store, 999) is None


def test_a_note_needs_a_text_a_task_and_an_author(ledger) -> None:
    pair = disputed(ledger, "tie")
    task, author = ledger.task_of(pair), ledger.person("lead").id
    for where, who, text in ((task, author, " "), (999, author, "x"), (task, 999, "x")):
        with pytest.raises(LabellingError):
            add_note(ledger.store, where, who, text)


def test_a_review_can_be_asked_for_by_hand_but_not_of_a_control(ledger) -> None:
    pair, lead = disputed(ledger, "A_better", "A_better"), ledger.person("lead")
    review = request_review(ledger.store, ledger.task_of(pair), lead.id, "the passage is outdated")
    assert review == request_review(ledger.store, ledger.task_of(pair), lead.id, "again")
    control = ledger.pair()
    add_control(ledger.store, control, Known(("tie",), "x"))
    with pytest.raises(LabellingError, match="no real work"):
        request_review(ledger.store, ledger.task_of(control), lead.id, "x")
