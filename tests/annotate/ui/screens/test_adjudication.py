"""Adjudication: the queue, one pair with its votes, decisions, their way back; who may not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from annotate.access.accounts import assessor_of, list_accounts
from annotate.labelling import Submission, flag, register, reserve, submit
from annotate.labelling.controls.reviews import decide, open_reviews
from annotate.labelling.guidelines import current_guideline
from annotate.labelling.verdicts import swap_verdict
from annotate.store import AuditEntry, Preference, Review, Store

MALICE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
VOTES = {"Anna": ("A_better", "B_better"), "Boris": ("B_better", "B_better")}


@dataclass(frozen=True)
class Dispute:
    """Hold the reviews of two pairs: people disagree on the first, and the second was flagged."""

    store: Store
    split: int
    flagged: int


@pytest.fixture
def dispute(workspace) -> Dispute:
    store = workspace.store
    guideline = current_guideline(store)
    for name, verdicts in VOTES.items():
        person = register(store, name, "person")
        for view in reserve(store, person.id, count=2):
            verdict = verdicts[view.pair.pair_id - 1]
            turned = view.pair.a.text.startswith(("Assertions are", "Slots make"))
            if view.pair.pair_id == 2 and name == "Boris":
                flag(store, view.id, person.id, "broken_passage")
            submit(
                store, view.id, person.id,
                Submission(
                    f"{name}-{view.id}", swap_verdict(verdict) if turned else verdict, guideline.id, "test",
                    comment=f"{name} says {MALICE}", tags={"A": ["too_long"]},
                    spans=[{"side": "B" if turned else "A", "start": 0, "end": 7, "kind": "unsupported"}],
                ),
            )  # fmt: skip
    reviews = {review.reason: review.id for review in open_reviews(store)}
    return Dispute(store, reviews["disagreement"], reviews["flagged"])


def drawn(at) -> str:
    return "\n".join(element.proto.body for element in at.get("html")[1:])


@pytest.mark.parametrize("role", ["assessor", "engineer"])
def test_who_may_not_review_sees_nothing(dispute, show, role: str):
    at = show("adjudication", role)
    assert "decide" not in {button.key for button in at.button}
    assert "sanity checks" not in drawn(at)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_oldest_comes_first_with_all_that_was_said_of_it(dispute, show, language: str):
    at = show("adjudication", "lead")
    at.selectbox(key="language").set_value(language).run()
    page = drawn(at)
    assert "sanity checks" in page
    assert page.count('class="pl-vote ') == 4
    assert 'class="pl-mark pl-mark-unsupported"' in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert len(at.dataframe) == len(at.get("download_button")) == 1


def test_names_are_hidden_until_they_are_asked_for(dispute, show):
    at = show("adjudication", "lead")
    assert "<b>Anna</b>" not in drawn(at)
    assert "<b>Assessor 1</b>" in drawn(at)
    at.toggle(key="review-names").set_value(True).run()
    assert "<b>Anna</b>" in drawn(at)


def test_a_decision_needs_a_verdict_and_a_reason_and_leads_on(dispute, show):
    at = show("adjudication", "lead", "Lea")
    at.button(key="decide").click().run()
    assert "Choose a verdict" in at.error[0].value
    at.button(key="decide-B_much_better").click().run()
    at.button(key="decide").click().run()
    assert "Say why" in at.error[0].value
    at.button(key="note-sources").click().run()
    at.button(key="decide").click().run()
    assert not at.exception, at.exception
    assert "B much better" in at.success[0].value
    assert "__slots__" in drawn(at)
    with dispute.store.reading() as session:
        review = session.get_one(Review, dispute.split)
        assert (review.state, review.verdict, review.note) == (
            "decided", "B_much_better", "The sources decide it.",
        )  # fmt: skip
        pair = session.scalars(select(Preference).where(Preference.pair_id == 1)).one()
        assert pair.verdict == "B_much_better"
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "review.decide")).one()
        assert (logged.actor, logged.target) == ("Lea", str(dispute.split))


def test_next_leaves_a_review_open_and_comes_back_to_it(dispute, show):
    at = show("adjudication", "lead")
    at.button(key="review-next").click().run()
    assert "__slots__" in drawn(at)
    assert "Broken or false passage" in drawn(at)
    at.button(key="review-next").click().run()
    assert "sanity checks" in drawn(at)
    at.selectbox(key="review-reason").set_value("flagged").run()
    at.button(key="review-next").click().run()
    assert "__slots__" in drawn(at)


def test_what_somebody_else_decided_meanwhile_is_not_overwritten(dispute, show):
    at = show("adjudication", "lead")
    at.button(key="decide-tie").click().run()
    at.text_area(key=f"note-{dispute.split}").set_value("Equal.").run()
    other = register(dispute.store, "Olga", "person")
    decide(dispute.store, dispute.split, other.id, "A_better", "The second invents a variable.")
    at.button(key="decide").click().run()
    assert not at.exception, at.exception
    assert "Olga decided that pair meanwhile: A better" in at.info[0].value
    with dispute.store.reading() as session:
        assert session.get_one(Review, dispute.split).verdict == "A_better"


def test_who_judged_a_pair_decides_it_only_on_purpose(dispute, show):
    at = show("adjudication", "lead", "Lea")
    account = next(one for one in list_accounts(dispute.store) if one.name == "Lea")
    lea = assessor_of(dispute.store, account)
    at.button(key="review-next").click().run()  # reads the account anew
    from annotate.labelling import reserve_pair

    held = reserve_pair(dispute.store, 2, lea.id)
    submit(
        dispute.store, held.id, lea.id,
        Submission("lea", "tie", current_guideline(dispute.store).id, "test"),
    )  # fmt: skip
    at.button(key="decide-tie").click().run()
    at.text_area(key=f"note-{dispute.flagged}").set_value("Equal.").run()
    at.button(key="decide").click().run()
    assert "judged this pair yourself" in at.error[0].value
    at.checkbox(key=f"forced-{dispute.flagged}").set_value(True).run()
    at.button(key="decide").click().run()
    with dispute.store.reading() as session:
        assert session.get_one(Review, dispute.flagged).verdict == "tie"


def test_a_decision_is_discussed_and_opened_again(dispute, show):
    other = register(dispute.store, "Olga", "person")
    decide(dispute.store, dispute.split, other.id, "A_better", "The second invents a variable.")
    at = show("adjudication", "lead", "Lea")
    at.segmented_control(key="review-part").set_value("decided").run()
    assert at.dataframe[0].value["by"].tolist() == ["Olga"]
    at.selectbox(key="review-decided").set_value(dispute.split).run()
    at.text_input(key=f"remark-{dispute.split}").set_value("Passage 4 is missing.")
    at.button(key=f"say-{dispute.split}").click().run()
    assert "Passage 4 is missing." in drawn(at)
    at.text_input(key=f"why-{dispute.split}").set_value("The source was updated.")
    at.button(key=f"reopen-{dispute.split}-send").click().run()
    assert not at.exception, at.exception
    with dispute.store.reading() as session:
        assert session.get_one(Review, dispute.split).state == "open"


def test_with_nothing_to_decide_the_screen_says_where_it_comes_from(workspace, show):
    at = show("adjudication", "lead")
    assert at.subheader[0].value == "Nothing waits for a decision"
    at.segmented_control(key="review-part").set_value("decided").run()
    assert at.subheader[0].value == "Nothing was decided yet"
