"""Calibration: intervals that cover, curves that mean what they say, and what is stored of them."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import beta, binom

from annotate.labelling.machines.audit import Observation
from annotate.labelling.machines.calibration import (
    ISOTONIC_FROM,
    calibrate,
    calibration_error,
    cross_fitted,
    exact_interval,
    exact_lower,
    fit_curve,
    record_calibrations,
)
from annotate.store import Calibration, Store
from tests.annotate.conftest import Ledger
from tests.annotate.labelling.machines.audits import audit

RNG = np.random.default_rng


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.001, 0.2))
def test_the_lower_bound_is_where_so_many_hits_become_improbable(hits: int, extra: int, miss: float) -> None:
    total = hits + extra
    low = exact_lower(hits, total, miss)
    assert 0 <= low <= hits / total
    if hits:
        assert binom.sf(hits - 1, total, low) == pytest.approx(miss, rel=1e-6)
    low, high = exact_interval(hits, total)
    assert high == pytest.approx(beta.ppf(0.975, hits + 1, total - hits))
    assert low <= hits / total <= high


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_the_exact_interval_covers_as_often_as_it_says(share: float) -> None:
    hits = RNG(1).binomial(80, share, size=2000)
    covered = [low <= share <= high for low, high in (exact_interval(int(k), 80) for k in hits)]
    assert np.mean(covered) >= 0.95


def test_nothing_observed_tells_nothing() -> None:
    assert exact_interval(0, 0) == (0.0, 1.0)
    assert exact_lower(0, 5, 0.05) == 0.0


def overconfident(size: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Draw a machine that says 0.5 to 1.0 and is right with 0.4 to 0.8."""
    rng = RNG(seed)
    confidence = rng.uniform(0.5, 1.0, size)
    return confidence, rng.random(size) < 0.8 * confidence


@pytest.mark.parametrize(("size", "method"), [(80, "platt"), (ISOTONIC_FROM - 1, "platt"), (600, "isotonic")])
def test_the_curve_undoes_overconfidence_and_never_falls(size: int, method: str) -> None:
    confidence, right = overconfident(size)
    curve = fit_curve(confidence, right)
    assert curve.method == method
    grid = curve.at(np.linspace(0, 1, 201))
    assert (np.diff(grid) >= 0).all()
    assert grid.min() > 0
    assert grid.max() < 1
    at = np.array([0.6, 0.75, 0.9])
    assert np.abs(curve.at(at) - 0.8 * at).max() < (0.2 if size < 100 else 0.12)


@pytest.mark.parametrize("size", [200, 1000])
def test_cross_fitted_confidence_is_calibrated_where_the_machines_own_is_not(size: int) -> None:
    confidence, right = overconfident(size, 3)
    fitted = cross_fitted(confidence, right, RNG(0))
    assert calibration_error(fitted, right) < calibration_error(confidence, right) - 0.05
    assert fitted.mean() == pytest.approx(right.mean(), abs=0.03)


def test_cross_fitting_does_not_see_its_own_outcome() -> None:
    rng = RNG(0)
    confidence, right = rng.uniform(0.5, 1, 2000), rng.random(2000) < 0.5  # nothing to learn
    fitted = cross_fitted(confidence, right, RNG(1))
    assert abs(np.corrcoef(fitted, right)[0, 1]) < 0.08


def test_confidence_that_misleads_or_never_varies_is_worth_the_mean() -> None:
    rng = RNG(0)
    confidence = rng.uniform(0.5, 1.0, 200)
    backwards = rng.random(200) < 1.4 - confidence
    for one in (fit_curve(confidence, backwards), fit_curve(np.full(200, 0.7), backwards)):
        assert one.method == "constant"
        assert one.at([0.1, 0.9]) == pytest.approx(np.full(2, backwards.mean()), abs=0.01)
    assert fit_curve(np.array([0.6, 0.9]), np.array([True, True])).at([0.7])[0] == pytest.approx(0.75)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
@example([(0.0, False), (2.7e-230, True)])  # apart, but with a spread that underflows
def test_any_observations_have_a_curve(rows: list[tuple[float, bool]]) -> None:
    confidence, right = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    values = fit_curve(confidence, right).at(np.linspace(0, 1, 11))
    assert ((values > 0) & (values < 1)).all()
    fitted = cross_fitted(confidence, right, RNG(0))
    assert np.isfinite(fitted).all()
    assert 0 <= calibration_error(fitted, right) <= 1


def test_every_language_and_cluster_has_its_own_figures() -> None:
    rng = RNG(0)
    observed = [
        Observation(n, float(rng.uniform(0.5, 1)), language == "en" or n % 4 == 0, language, cluster)
        for n, (language, cluster) in enumerate([("en", 1), ("en", 2), ("ru", 1), ("ru", None)] * 20)
    ]
    found = {tuple(one.scope.values()): one for one in calibrate(observed, RNG(0))}
    assert set(found) == {(), ("en",), ("ru",), ("en", 1), ("en", 2), ("ru", 1)}
    assert found[()].n == 80
    assert found["en",].accuracy == 1.0
    assert found["en",].low == pytest.approx(exact_lower(40, 40, 0.025))
    assert found["ru",].high < 0.75
    assert sum(found[scope].n for scope in found if len(scope) == 2) == 60


def test_calibrations_are_stored_with_their_curve_and_not_twice(ledger: Ledger, store: Store) -> None:
    audit(ledger, {"robot": lambda n: n % 4 != 0}, pairs=24)
    found = record_calibrations(store, RNG(0))
    record_calibrations(store, RNG(0))
    with store.reading() as session:
        rows = session.query(Calibration).order_by(Calibration.id).all()
    assert [row.scope for row in rows] == [{}, {"language": "en"}, {"language": "ru"}]
    assert (rows[0].n, rows[0].accuracy) == (24, 0.75)
    assert rows[0].low < 0.75 < rows[0].high
    assert rows[0].curve["points"]
    assert found["robot"][0].accuracy == 0.75
