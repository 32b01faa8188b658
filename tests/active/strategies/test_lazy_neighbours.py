"""The lazy form of BAL-PM picks what the plain one does: every value anew after every pick."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active.strategies import lazy
from active.strategies.lazy_neighbours import FLOOR, LazyNeighbours

COUNT, PICKS = 300, 60


def plain_picks(
    points: np.ndarray, centres: np.ndarray, neighbours: int, information: np.ndarray, beta: float
) -> list[int]:
    """Pick by the definition, in logarithms: information over its mean, and the k-th nearest distance."""
    found, known = [], list(centres)
    for _ in range(PICKS):
        values = information / information.mean()
        if known:
            apart = np.sort(np.linalg.norm(points[:, None] - np.array(known)[None], axis=2), axis=1)
            far = apart[:, : min(neighbours, len(known))][:, -1]
            values = values + beta * np.log(np.maximum(far, FLOOR * far.max()))
        values[found] = -np.inf
        found.append(int(np.argmax(values)))
        known.append(points[found[-1]])
    return found


def lazy_picks(one: LazyNeighbours) -> list[int]:
    rng, found, mask = np.random.default_rng(0), [], np.ones(COUNT, dtype=bool)
    for _ in range(PICKS):
        index, value = one.best(mask, rng)
        assert value == pytest.approx(one.scores()[index])
        one.take(index)
        mask[index] = False
        found.append(index)
    return found


@given(
    seed=st.integers(0, 10**6),
    labels=st.sampled_from([0, 1, 2, 30]),
    neighbours=st.integers(1, 4),
    beta=st.sampled_from([0.0, 0.5, 2.0]),
)
@settings(max_examples=20, deadline=None)
def test_the_picks_are_those_of_the_plain_form(seed: int, labels: int, neighbours: int, beta: float) -> None:
    with pytest.MonkeyPatch.context() as patch:  # let the shortlist run out again and again
        patch.setattr(lazy, "SHORTLIST", (16, 16))
        patch.setattr(lazy, "AT_ONCE", 7)
        rng = np.random.default_rng(seed)
        points = rng.normal(size=(COUNT, 6))
        points[200:] = points[:100] + 0.01 * rng.normal(size=(100, 6))  # many nearly say the same
        centres = points[rng.integers(COUNT, size=labels)] + 0.05
        information = rng.exponential(size=COUNT)
        wanted = plain_picks(points, centres, neighbours, information, beta)
        turned = np.where(np.arange(COUNT) % 3, 1.0, -1.0)
        one = LazyNeighbours(points * turned[:, None], turned, centres, neighbours, information, beta)
        assert lazy_picks(one) == wanted


def test_a_labelled_question_is_as_near_as_can_be_even_on_the_disk(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = np.memmap(tmp_path / "rows", dtype=np.float16, mode="w+", shape=(COUNT, 8))
    rows[:] = rng.normal(size=(COUNT, 8))
    known = rows[:40].astype(np.float64)
    one = LazyNeighbours(rows, np.ones(COUNT), known, 1, np.ones(COUNT), 1.0)
    scores = one.scores()
    np.testing.assert_allclose(scores[:40], np.e * FLOOR)
    assert (scores[40:] > 0.01).all()
    one.take(50)
    assert one.evidence(50)["distance"] == FLOOR
