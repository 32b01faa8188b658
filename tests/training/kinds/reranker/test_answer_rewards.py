"""Passages are worth what the answers that cite them earn, against the other answers to the same query."""

import pytest

from training.kinds.reranker.answer_rewards import RewardedAnswer, rows_from_rewards

PASSAGES = ["gold", "dross", "unread"]


def test_cited_passages_take_the_rewards_of_their_answers() -> None:
    answers = [
        RewardedAnswer("q", "What?", PASSAGES, {0}),
        RewardedAnswer("q", "What?", PASSAGES, {1}),
        RewardedAnswer("q", "What?", PASSAGES, {0}),
    ]
    rows = {row.positive: row for row in rows_from_rewards(answers, [2.0, 0.0, 2.0])}
    assert rows.keys() == {"gold", "dross"}
    assert rows["gold"].score > 0.5 > rows["dross"].score
    assert rows["gold"].negatives == ["unread"]
    assert rows["gold"].lineage == {"answers": 2}


def test_hard_queries_do_not_spoil_their_passages() -> None:
    answers = [
        RewardedAnswer("hard", "Hard?", ["a", "b"], {0}),
        RewardedAnswer("hard", "Hard?", ["a", "b"], {1}),
        RewardedAnswer("easy", "Easy?", ["c", "d"], {0}),
        RewardedAnswer("easy", "Easy?", ["c", "d"], {1}),
    ]
    rows = {row.positive: row.score for row in rows_from_rewards(answers, [-9.0, -10.0, 10.0, 9.0])}
    assert rows["a"] == pytest.approx(rows["c"])
    assert rows["b"] == pytest.approx(rows["d"])
    assert rows["a"] > 0.5 > rows["b"]


def test_answers_that_cite_nothing_say_nothing() -> None:
    assert rows_from_rewards([RewardedAnswer("q", "What?", PASSAGES, set())], [1.0]) == []
    with pytest.raises(ValueError, match="need as many"):
        rows_from_rewards([], [1.0])
