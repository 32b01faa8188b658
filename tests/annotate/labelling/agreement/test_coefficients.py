"""Kappas and AC1: against published numbers, and where they are not defined."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelling.agreement import (
    COEFFICIENTS,
    bootstrap,
    bootstrap_mean,
    cohen_kappa,
    collect,
    fleiss_kappa,
    gwet_ac1,
    measure_by,
    measure_pairs,
    percent_agreement,
    share_of,
    tabulate,
)

# Gwet's examples, as the R package irrCAC publishes them: two raters and 100 patients in a 3 × 3 table;
# four raters and twelve units with missing values.
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
TWO = dict(
    enumerate(
        [float(a), float(b)] for a, row in enumerate(ABSTRACTORS) for b, n in enumerate(row) for _ in range(n)
    )
)
RATERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
FOUR = {n: [float(row[n]) for row in RATERS if row[n]] for n in range(12)}
# Fleiss 1971, by way of Wikipedia's worked example: ten units, fourteen raters, five values; κ = 0.210.
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
FOURTEEN = {
    n: [float(value) for value, times in enumerate(row) for _ in range(times)] for n, row in enumerate(FLEISS)
}

ratings = st.dictionaries(
    st.integers(0, 9), st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=1, max_size=4), max_size=8
)


def test_the_published_examples() -> None:
    assert cohen_kappa(TWO) == pytest.approx(0.79641, abs=1e-5)
    assert fleiss_kappa(TWO) == pytest.approx(0.79624, abs=1e-5)  # with two raters it is Scott's pi
    assert gwet_ac1(TWO) == pytest.approx(0.84933, abs=1e-5)
    assert fleiss_kappa(FOUR) == pytest.approx(0.76117, abs=1e-5)
    assert gwet_ac1(FOUR) == pytest.approx(0.77544, abs=1e-5)
    assert fleiss_kappa(FOURTEEN) == pytest.approx(0.210, abs=5e-4)


def test_ac1_stands_where_one_value_is_much_the_commonest() -> None:
    # Feinstein & Cicchetti 1990: 90 % equal, yet kappa is about zero.
    units = dict(enumerate([[0.0, 0.0]] * 90 + [[0.0, 1.0]] * 5 + [[1.0, 0.0]] * 5))
    kappa, ac1 = cohen_kappa(units), gwet_ac1(units)
    assert kappa is not None
    assert ac1 is not None
    assert kappa < 0 < 0.85 < ac1


@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize("units", [{}, {1: []}, {1: [1.0]}, {1: [1.0], 2: [2.0]}])
def test_nothing_to_compare_is_not_defined(name: str, units: dict[int, list[float]]) -> None:
    assert COEFFICIENTS[name](units) is None
    assert cohen_kappa(units) is None
    assert bootstrap(COEFFICIENTS[name], units, np.random.default_rng(0)) is None


def test_one_value_throughout_is_agreement_but_not_beyond_chance() -> None:
    units = {1: [1.0, 1.0], 2: [1.0, 1.0]}
    assert percent_agreement(units) == 1.0
    for coefficient in (cohen_kappa, fleiss_kappa, gwet_ac1):
        assert coefficient(units) is None


def test_cohen_refuses_a_third_rater() -> None:
    with pytest.raises(ValueError, match="two raters"):
        cohen_kappa({1: [1.0, 2.0, 1.0]})


@given(ratings, st.randoms(use_true_random=False))
def test_coefficients_are_numbers_up_to_one_whatever_the_order(
    units: dict[int, list[float]], random: object
) -> None:
    shuffled = {}
    for key in sorted(units, reverse=True):
        shuffled[key] = list(units[key])
        random.shuffle(shuffled[key])  # type: ignore[attr-defined]
    for name, coefficient in COEFFICIENTS.items():
        value, again = coefficient(units), coefficient(shuffled)
        assert (value is None) == (again is None), name
        if value is not None:
            assert again == pytest.approx(value)
            assert math.isfinite(value)
            assert value <= 1 + 1e-12


@given(ratings)
def test_a_table_of_units_is_as_good_as_the_units(units: dict[int, list[float]]) -> None:
    table = tabulate(units)
    assert table.weights.sum() == len(units)
    assert table.comparable == sum(len(values) > 1 for values in units.values())
    for coefficient in COEFFICIENTS.values():
        assert coefficient(table) == coefficient(units)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)

    def draw(count: int) -> dict[int, list[float]]:
        truth = rng.integers(0, 3, size=count)
        said = np.where(rng.random((2, count)) < 0.8, truth, rng.integers(0, 3, size=(2, count)))
        return {n: [float(said[0, n]), float(said[1, n])] for n in range(count)}

    true = gwet_ac1(draw(200_000))
    assert true is not None
    found = [bootstrap(gwet_ac1, draw(150), rng, 120) for _ in range(120)]
    covered = np.mean([one is not None and one.low <= true <= one.high for one in found])
    assert 0.87 <= covered <= 0.99


def test_a_million_units_take_no_longer_than_their_different_rows() -> None:
    table = tabulate({n: [float(n % 3), float(n % 2)] for n in range(6)})
    many = bootstrap(gwet_ac1, table.weighing(table.weights * 200_000), np.random.default_rng(0))
    assert many is not None
    assert many.n == 1_200_000
    assert many.high - many.low < 0.01


def test_groups_are_measured_apart() -> None:
    rows = [("en", n, float(value)) for n in range(20) for value in (n % 2, n % 2)]
    rows += [("ru", n, float(value)) for n in range(20) for value in (n % 2, (n + 1) % 2)]
    rows += [("de", 1, 1.0)]
    found = measure_by(percent_agreement, collect(rows), np.random.default_rng(0), 50)
    assert found["de"] is None
    measured = {name: (one.value, one.n) for name, one in found.items() if one is not None}
    assert measured == {"en": (1.0, 20), "ru": (0.0, 20)}


def test_every_two_raters_are_compared_over_what_both_saw() -> None:
    values = {
        "anna": {1: 0.0, 2: 1.0, 3: 0.0},
        "boris": {1: 0.0, 2: 1.0, 4: 1.0},
        "robot": {5: 1.0},
    }
    found = measure_pairs(values, np.random.default_rng(0), 50)
    assert set(found) == {("anna", "boris"), ("anna", "robot"), ("boris", "robot")}
    kappa = found["anna", "boris"]
    assert kappa is not None
    assert (kappa.value, kappa.n) == (1.0, 2)
    assert found["anna", "robot"] is None


def test_the_interval_of_a_share_is_wilsons() -> None:
    found = share_of(8, 10)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert share_of(0, 0) is None
    none = share_of(0, 5)
    assert none is not None
    assert none.low == 0.0 < none.high


def test_a_mean_has_an_interval_and_nothing_has_no_mean() -> None:
    assert bootstrap_mean([], np.random.default_rng(0)) is None
    found = bootstrap_mean([0.0, 1.0] * 50, np.random.default_rng(0))
    assert found is not None
    assert (found.value, found.n) == (0.5, 100)
    assert 0.35 < found.low < 0.45 < 0.55 < found.high < 0.65
