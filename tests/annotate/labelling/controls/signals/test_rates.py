"""Honest assessors are left alone and spammers are seen: rates in simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from annotate.labelling.controls.signals import Finding, copied_comments, one_sided, patterned, too_fast

HONEST, SPAMMERS = 600, 200
LOOKS = (30, 60, 100, 150, 200)  # the same work is looked at again and again while it grows
WORDS = [
    "answer",
    "cites",
    "passage",
    "price",
    "date",
    "wrong",
    "missing",
    "point",
    "clear",
    "long",
    "short",
    "first",
    "second",
    "because",
    "of",
    "and",
]


def test_fewer_than_one_honest_assessor_in_a_hundred_is_signalled(crowd, shares, pace) -> None:
    signalled = 0
    for _ in range(HONEST):
        verdicts, words = crowd.verdicts(200), crowd.words(200)
        seconds = crowd.seconds(words)
        comments = [" ".join(crowd.rng.choice(WORDS, crowd.rng.integers(2, 14))) for _ in range(200)]
        signalled += any(
            one_sided(verdicts[:n], shares)
            or patterned(verdicts[:n])
            or too_fast(seconds[:n], words[:n], pace)
            for n in LOOKS
        ) or bool(copied_comments(comments))
    assert signalled / HONEST < 0.01


def always_left(crowd) -> list[str]:
    return [
        VERDICT if crowd.rng.random() < 0.93 else "tie"
        for VERDICT in crowd.rng.choice(["A_better", "A_much_better"], 80)
    ]


def always_tie(crowd) -> list[str]:
    return ["tie" if crowd.rng.random() < 0.8 else one for one in crowd.verdicts(80)]


def in_turns(crowd) -> list[str]:
    turns = ["A_better", "B_better"] * 40
    return [
        one if crowd.rng.random() < 0.95 else other
        for one, other in zip(turns, crowd.verdicts(80), strict=True)
    ]


def in_a_cycle(crowd) -> list[str]:
    cycle = ["A_better", "B_better", "tie", "B_better", "A_much_better"] * 16
    return [
        one if crowd.rng.random() < 0.95 else other
        for one, other in zip(cycle, crowd.verdicts(80), strict=True)
    ]


def given_up(crowd) -> list[str]:
    return crowd.verdicts(80) + ["A_better"] * 30


@pytest.mark.parametrize(
    ("spam", "kind"),
    [(always_left, "one_sided"), (always_tie, "one_sided"), (in_turns, "patterned"),
     (in_a_cycle, "patterned"), (given_up, "patterned")],
)  # fmt: skip
def test_spammers_verdicts_are_seen(crowd, shares, spam: Callable[..., list[str]], kind: str) -> None:
    look = {"one_sided": lambda shown: one_sided(shown, shares), "patterned": patterned}[kind]
    seen = [look(spam(crowd)) for _ in range(SPAMMERS)]
    assert sum(finding is not None for finding in seen) / SPAMMERS > 0.95


@pytest.mark.parametrize("suddenly", [False, True])
def test_who_does_not_read_is_seen(crowd, pace, suddenly: bool) -> None:
    seen: list[Finding | None] = []
    for _ in range(SPAMMERS):
        words = crowd.words(80)
        seconds = crowd.seconds(words)
        seconds[50 if suddenly else 0 :] = crowd.rng.lognormal(1.2, 0.4, 30 if suddenly else 80)
        seen.append(too_fast(seconds, words, pace))
    assert sum(finding is not None for finding in seen) / SPAMMERS > 0.95


def test_who_copies_comments_is_seen(crowd) -> None:
    seen = 0
    for _ in range(SPAMMERS):
        forms = [" ".join(crowd.rng.choice(WORDS, 9)) for _ in range(3)]
        comments = [forms[crowd.rng.integers(3)] + ("!" * int(crowd.rng.integers(3))) for _ in range(30)]
        seen += copied_comments(comments) is not None
    assert seen / SPAMMERS > 0.95


def test_the_fitted_pace_finds_the_crowds(pace) -> None:
    assert pace.slope == pytest.approx(0.7, abs=0.1)
    assert float(np.exp(pace.expected(np.array([150.0]))[0])) == pytest.approx(42, rel=0.2)
