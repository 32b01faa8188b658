from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active import InvalidOptionError, Pool, Quotas
from active.quotas import Cells, Shortage, smallest_plan


@given(seed=st.integers(0, 500), cells=st.integers(1, 4), demands=st.integers(1, 3), places=st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_the_plan_is_the_smallest_of_those_that_owe_least(
    seed: int, cells: int, demands: int, places: int
) -> None:
    rng = np.random.default_rng(seed)
    serves = rng.integers(0, 2, (cells, demands))
    available, owed = rng.integers(0, 4, cells), rng.integers(0, 4, demands)

    def cost(plan: Any) -> tuple[int, int]:
        return int(np.maximum(owed - np.array(plan) @ serves, 0).sum()), int(sum(plan))

    plans = [p for p in product(*(range(n + 1) for n in available)) if sum(p) <= places]
    plan = smallest_plan(serves, available, owed, places)
    assert (plan <= available).all()
    assert cost(plan) == min(map(cost, plans))


def test_cells_are_the_sets_of_quotas_that_pairs_serve() -> None:
    pool = Pool(
        np.ones((5, 1)),
        clusters=np.array([0, 0, 1, 2, 2]),
        languages=np.array(["ru", "en", "ru", "en", "ru"]),
        contenders=np.array([["x", "y"], ["y", "z"], ["z", "x"], ["y", "z"], ["z", "z"]]),
    )
    cells = Cells.of(pool, Quotas({0: 1, 5: 0}, {"ru": 2}, {"x": 1}))
    assert cells.demands == (("cluster", 0, 1), ("language", "ru", 2), ("contender", "x", 1))
    served = [cells.serves[cell].tolist() if cell >= 0 else None for cell in cells.of_pair]
    assert served == [[1, 1, 1], [1, 0, 0], [0, 1, 1], None, [0, 1, 0]]


def test_a_pair_serves_both_its_contenders() -> None:
    pool = Pool(np.ones((3, 1)), contenders=np.array([["x", "y"], ["x", "z"], ["z", "z"]]))
    cells = Cells.of(pool, Quotas(contenders={"x": 1, "y": 1}))
    plan = smallest_plan(cells.serves, np.bincount(cells.of_pair[:2]), np.array([1, 1]), 3)
    assert plan.sum() == 1  # the pair of x and y does for both


@pytest.mark.parametrize(
    ("quotas", "what"),
    [
        (Quotas({0: 1}), "clusters"),
        (Quotas(languages={"ru": 1}), "languages column"),
        (Quotas(contenders={"x": 1}), "contenders column"),
    ],
)
def test_quotas_need_their_column(quotas: Quotas, what: str) -> None:
    with pytest.raises(InvalidOptionError, match=what):
        quotas.check(Pool(np.ones((3, 1))), 3)


def test_more_than_the_batch_is_refused() -> None:
    pool = Pool(np.ones((3, 1)), languages=np.array(["ru"] * 3), contenders=np.array([["x", "y"]] * 3))
    Quotas(languages={"ru": 2}, contenders={"x": 2, "y": 2}).check(pool, 2)
    for quotas in (Quotas(languages={"ru": 3}), Quotas(contenders={"x": 3}), Quotas(languages={"ru": -1})):
        with pytest.raises(InvalidOptionError, match="exceed the batch of 2"):
            quotas.check(pool, 2)


def test_a_shortage_reads_aloud() -> None:
    assert str(Shortage("language", "ru", 5, 2)) == "language ru: 3 of 5 pairs"
