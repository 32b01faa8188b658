"""Relevance from answer rewards: a passage is worth what the answers that cite it are worth."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from training.rows import RelevanceRow


@dataclass(frozen=True)
class RewardedAnswer:
    """Hold the query, the passages an answer was shown, and the places (from 0) of those it cites."""

    question_id: str
    query: str
    passages: Sequence[str]
    cited: Collection[int]
    language: str = "en"


def rows_from_rewards(answers: Sequence[RewardedAnswer], rewards: ArrayLike) -> list[RelevanceRow]:
    """Give a row for each query and passage cited, its score from the rewards (n,) of the answers citing it.

    A reward counts against the mean reward of the same query's answers, since queries differ in difficulty:
    score = sigmoid of the mean of (reward - mean) / deviation over all answers. Passages shown for the query
    and never cited are negatives. Queries no answer of which cites give no row.
    """
    values = np.asarray(rewards, dtype=np.float64)
    if values.shape != (len(answers),):
        raise ValueError(f"{values.size} rewards for {len(answers)} answers: need as many")
    of_query: dict[str, list[int]] = defaultdict(list)
    for number, answer in enumerate(answers):
        of_query[answer.question_id].append(number)
    centred = values.copy()
    for numbers in of_query.values():
        centred[numbers] -= values[numbers].mean()
    deviation = float(centred.std()) or 1.0
    rows: list[RelevanceRow] = []
    for question, numbers in of_query.items():
        earned: dict[str, list[float]] = defaultdict(list)
        shown: dict[str, None] = {}
        for number in numbers:
            shown |= dict.fromkeys(answers[number].passages)
            for place in sorted(answers[number].cited):
                earned[answers[number].passages[place]].append(centred[number] / deviation)
        first = answers[numbers[0]]
        rows += [
            RelevanceRow(
                id=f"{question}-{place}",
                question_id=question,
                language=first.language,
                query=first.query,
                positive=passage,
                negatives=[text for text in shown if text not in earned],
                score=float(1 / (1 + np.exp(-np.mean(gains)))),
                lineage={"answers": len(gains)},
            )
            for place, (passage, gains) in enumerate(earned.items())
        ]
    return rows
