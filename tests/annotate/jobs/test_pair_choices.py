"""Questions for pairs and the contenders that answer them are chosen from what the workspace knows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from annotate.jobs.context import Context
from annotate.jobs.pair_choices import choose_contenders, choose_for_pairs, choose_live
from annotate.labelling import CampaignRules, ChosenPair, create_tasks, refresh_preferences
from annotate.labelling.campaigns import open_campaign, set_campaign_state
from annotate.reports.question_choice import read_question_choice
from annotate.store import Question
from tests.annotate.conftest import Ledger
from tests.annotate.jobs.test_route import make_pairs
from tests.annotate.labelling.machines.audits import judge_pairs


def test_of_two_contenders_both_answer(context: Context) -> None:
    assert choose_contenders(context, ["one", "two"], 3) == [(0, 1)] * 3


def test_without_verdicts_every_contender_gets_its_turn(context: Context) -> None:
    duels = choose_contenders(context, ["a", "b", "c", "d"], 12)
    assert set(Counter(place for duel in duels for place in duel).values()) == {6}
    assert all(one < other for one, other in duels)


def test_newcomers_are_compared_before_those_who_are_known(context: Context) -> None:
    pairs = make_pairs(context, 20)
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs], overlap=1)
    judge_pairs(Ledger(context.store, context.guideline), "anna", "person", dict.fromkeys(pairs, "A_better"))
    refresh_preferences(context.store)
    duels = choose_contenders(context, ["right", "wrong", "new"], 4)
    assert all(2 in duel for duel in duels[:1])
    assert Counter(duels)[0, 1] <= 1
    best = choose_contenders(context, ["right", "wrong", "new"], 4, "best")
    assert set(best) == {(0, 2)}  # the wrong one cannot be the best any more


def test_who_asks_gets_the_first_two_until_a_campaign_gives_another_a_share(
    context: Context,
) -> None:
    rng = np.random.default_rng(0)
    names, prints = ["a", "b", "c", "d"], ["1", "2", "3", "4"]

    def asked() -> set[tuple[int, int]]:
        return {choose_live(context, names, lambda: prints, rng) for _ in range(40)}

    open_campaign(context.store, "plain")
    assert asked() == {(0, 1)}
    open_campaign(
        context.store, "newcomer", CampaignRules(contender_shares={"c": 0.5, "a": 0.0, "gone": 1.0})
    )
    assert asked() == {(0, 2), (1, 2), (2, 3)}
    set_campaign_state(context.store, "newcomer", "paused")
    assert asked() == {(0, 1)}


def test_who_asks_gets_the_duel_that_teaches_most(context: Context) -> None:
    rng = np.random.default_rng(0)
    pairs = make_pairs(context, 20)
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs], overlap=1)
    judge_pairs(Ledger(context.store, context.guideline), "anna", "person", dict.fromkeys(pairs, "A_better"))
    refresh_preferences(context.store)
    names = ["right", "wrong", "new"]  # which are their fingerprints, too
    open_campaign(context.store, "all", CampaignRules(contender_shares=dict.fromkeys(names, 0.3)))
    drawn = Counter(choose_live(context, names, lambda: names, rng) for _ in range(60))
    assert drawn[0, 1] < min(drawn[0, 2], drawn[1, 2])


@pytest.mark.models
def test_the_question_that_stands_for_most_is_answered_first(context: Context) -> None:
    parking = [f"How much does parking at the {place} cost?" for place in ("station", "airport", "theatre")]
    texts = [*parking, "Who wrote the anthem?"]
    with context.store.writing.begin() as session:
        session.add_all(Question(key=f"k{at}", text=text, language="en") for at, text in enumerate(texts))
    with context.store.reading() as session:
        asked = [(one.id, one.text) for one in session.query(Question).order_by(Question.id)]
    first = choose_for_pairs(context, asked, 1)
    assert first[0][1] in parking
    kept = read_question_choice(context.store)
    assert [(one.question, one.text) for one in kept.questions] == first
    assert (kept.unpaired, kept.questions[0].novelty) == (4, 1.0)
    assert 0 < kept.questions[0].score <= 1
    assert len(choose_for_pairs(context, asked, 10)) == 4
    assert choose_for_pairs(context, [], 3) == []
