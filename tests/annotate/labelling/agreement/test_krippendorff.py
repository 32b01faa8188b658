"""Agreement: against published and hand-worked numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelling.agreement import Scale, bootstrap, krippendorff_alpha, percent_agreement

# The reliability data of Krippendorff 2011, section C: four observers, twelve units, 0 = missing.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
UNITS = {n: [float(row[n]) for row in OBSERVERS if row[n]] for n in range(12)}

ratings = st.dictionaries(
    st.integers(0, 9),
    st.lists(st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0]), min_size=1, max_size=4),
    max_size=8,
)


def test_the_published_example() -> None:
    assert krippendorff_alpha(UNITS, "nominal") == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(UNITS) == pytest.approx(0.815, abs=5e-4)
    assert krippendorff_alpha(UNITS, "interval") == pytest.approx(0.849, abs=5e-4)


def test_two_observers_on_binary_data_by_hand() -> None:
    # Krippendorff 2011, section A: ten units, four disagreements; alpha = 0.095.
    first, second = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    units = {n: [float(a), float(b)] for n, (a, b) in enumerate(zip(first, second, strict=True))}
    assert krippendorff_alpha(units, "nominal") == pytest.approx(0.095, abs=5e-4)
    assert percent_agreement(units) == pytest.approx(0.6)


def test_perfect_agreement_is_one_and_systematic_disagreement_below_zero() -> None:
    assert krippendorff_alpha({1: [1.0, 1.0], 2: [2.0, 2.0]}) == pytest.approx(1)
    assert krippendorff_alpha({1: [1.0, 2.0], 2: [2.0, 1.0]}, "nominal") == pytest.approx(-0.5)


@pytest.mark.parametrize(
    "units", [{}, {1: [1.0]}, {1: [1.0], 2: [2.0]}, {1: [1.0, 1.0], 2: [1.0, 1.0]}, {1: []}]
)
def test_alpha_is_not_defined_without_variation_or_pairs(units: dict[int, list[float]]) -> None:
    assert krippendorff_alpha(units) is None
    assert bootstrap(krippendorff_alpha, units, np.random.default_rng(0)) is None


@given(ratings, st.sampled_from(["nominal", "ordinal", "interval"]), st.randoms(use_true_random=False))
def test_alpha_does_not_depend_on_names_or_order(
    units: dict[int, list[float]], scale: Scale, random: object
) -> None:
    keys = list(units)
    random.shuffle(keys)  # type: ignore[attr-defined]
    turned = {n + 100: [-value for value in reversed(units[key])] for n, key in enumerate(keys)}
    alpha, again = krippendorff_alpha(units, scale), krippendorff_alpha(turned, scale)
    assert (alpha is None) == (again is None)
    if alpha is not None:
        assert again == pytest.approx(alpha)
        assert alpha <= 1 + 1e-12


@given(ratings)
def test_units_with_one_rating_change_nothing(units: dict[int, list[float]]) -> None:
    several = {key: values for key, values in units.items() if len(values) > 1}
    assert krippendorff_alpha(units) == pytest.approx(krippendorff_alpha(several))
    assert percent_agreement(units) == pytest.approx(percent_agreement(several))


def test_percent_counts_pairs_of_ratings() -> None:
    assert percent_agreement({1: [1.0, 1.0, 2.0], 2: [1.0]}) == pytest.approx(1 / 3)
    assert percent_agreement({1: [1.0]}) is None


def test_the_interval_holds_the_value_and_narrows_with_more_units() -> None:
    rng = np.random.default_rng(0)

    def units(count: int) -> dict[int, list[float]]:
        truth = rng.integers(-2, 3, size=count)
        noise = rng.integers(-1, 2, size=(count, 2))
        return {n: [float(v) for v in np.clip(truth[n] + noise[n], -2, 2)] for n in range(count)}

    few = bootstrap(krippendorff_alpha, units(20), rng, 200)
    many = bootstrap(krippendorff_alpha, units(400), rng, 200)
    assert few is not None
    assert many is not None
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert (few.n, many.n) == (20, 400)


def test_equal_seeds_give_equal_intervals() -> None:
    one, other = (bootstrap(krippendorff_alpha, UNITS, np.random.default_rng(3)) for _ in range(2))
    assert one == other
    assert one is not None
    assert one.n == 11
