"""BADGE: the gradient embedding, and the odds of the draw."""

from typing import Any

import numpy as np
from scipy.stats import chisquare

from active import Pool, State, strategy


def gradients(simulation: Any, pool: Pool) -> np.ndarray:
    p = simulation.head(slice(0, 30)).predict_proba(pool.features)[:, 1]
    return (p - (p >= 0.5))[:, None] * pool.features


def test_the_first_pick_is_the_longest_gradient_and_the_second_is_drawn_by_squared_distance(
    simulation: Any,
) -> None:
    state = State(simulation.labelled(slice(0, 30)), simulation.head(slice(0, 30)))
    pool = Pool(simulation.features[30:42])
    g = gradients(simulation, pool)
    draws = [strategy("badge").choose(state, pool, 2, np.random.default_rng(seed)) for seed in range(3000)]
    first = int(np.linalg.norm(g, axis=1).argmax())
    assert {int(draw.indices[0]) for draw in draws} == {first}
    odds = np.linalg.norm(g - g[first], axis=1) ** 2
    seen = np.bincount([draw.indices[1] for draw in draws], minlength=len(pool))
    likely = odds > odds.sum() / 300
    expected = odds[likely] / odds[likely].sum() * seen[likely].sum()
    assert seen[first] == 0
    assert chisquare(seen[likely], expected).pvalue > 1e-3


def test_the_order_of_the_answers_does_not_matter(simulation: Any) -> None:
    state = State(simulation.labelled(slice(0, 30)), simulation.head(slice(0, 30)))
    rows = simulation.features[30:60]
    turned = rows * np.where(np.arange(30) % 2, 1.0, -1.0)[:, None]
    one, two = (
        strategy("badge").choose(state, Pool(z), 6, np.random.default_rng(0)).indices for z in (rows, turned)
    )
    assert one.tolist() == two.tolist()
