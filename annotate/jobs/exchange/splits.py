"""Part questions into train, validation and test for good, near duplicates on one side.

Each question draws a number by the hash of its key; the lowest draw of a group of near duplicates
is that of the group: below the share of the test it lies in the test, below that and the share of
the validation in the validation, else in train. Adding questions can only join groups and lower
their draw. So a group may move from train to validation to test, when a question from the test
turns out to be a near duplicate of it, and never the other way: what was tested on is never
trained on. Large groups are held out more often than single questions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from annotate.errors import JobError
from annotate.store import Pair, Preference, Question, Store

SALT = "pairloop"  # of the split: a question stays on its side for good
TRAIN, VALIDATION, TEST = "train", "validation", "test"
SIDES = (TRAIN, VALIDATION, TEST)


@dataclass(frozen=True)
class Shares:
    """Hold the shares of the questions that are held out; raises JobError where they are none."""

    test: float
    validation: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.test < 1 or not 0 <= self.validation < 1 - self.test:
            raise JobError("the shares of test and validation must lie above 0 and leave some for training")


def sides_of_questions(
    texts: Mapping[str, str], shares: Shares, present: Collection[str] = ()
) -> dict[str, str]:
    """Return the side of each question, given the texts of all questions by their keys.

    `present` are the questions that have rows. When they fall into two groups or more, neither
    train nor test is left without any: the group nearest to the border crosses it. That is the one
    case where later questions may move a question from the test to train, and it ends with the
    first question that lies in the test by its draw.
    """
    draws = {key: draw(leader) for key, leader in group_leaders(texts).items()}
    sides = {key: _side(number, shares) for key, number in draws.items()}
    rows = sorted({draws[key] for key in present})
    if len(rows) >= 2:
        if rows[0] >= shares.test:
            sides |= {key: TEST for key, number in draws.items() if number == rows[0]}
        if rows[-1] < shares.test:
            sides |= {key: TRAIN for key, number in draws.items() if number == rows[-1]}
    return sides


def group_leaders(texts: Mapping[str, str]) -> dict[str, str]:
    """Return for each question the member of its group of near duplicates with the lowest draw.

    Near duplicates share an estimated 0.8 of their three-word shingles, or differ in nothing but
    case, ё, punctuation and space; a chain of such pairs is one group.
    """
    from rag.cleaning.near_duplicates import group, signatures

    keys = sorted(texts)
    signed = dict(zip(keys, signatures([texts[key] for key in keys]), strict=True))
    leaders = {key: key for key in keys}
    for members in group(signed):
        leader = min(members, key=draw)
        leaders |= dict.fromkeys(members, leader)
    return leaders


def draw(key: str) -> float:
    """Return the number in [0, 1) that a question draws for good."""
    digest = hashlib.sha256(f"{SALT}\x00{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def stored_questions(store: Store) -> dict[str, str]:
    """Return the texts of all questions by their keys."""
    with store.reading() as session:
        return {key: text for key, text in session.execute(select(Question.key, Question.text))}  # noqa: C416 - rows are no pairs to mypy


def questions_with_winners(store: Store) -> set[str]:
    """Return the keys of the questions with a preference that names a winner."""
    winners: Sequence[str] = ("A_much_better", "A_better", "B_better", "B_much_better")
    with store.reading() as session:
        return set(
            session.scalars(
                select(Question.key)
                .join(Pair, Pair.question_id == Question.id)
                .join(Preference, Preference.pair_id == Pair.id)
                .where(Preference.verdict.in_(winners))
            )
        )


def _side(number: float, shares: Shares) -> str:
    if number < shares.test:
        return TEST
    return VALIDATION if number < shares.test + shares.validation else TRAIN
