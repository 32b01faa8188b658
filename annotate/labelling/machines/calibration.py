"""Estimate how right a machine is against people on the audit slice, and what its confidence is worth.

The audit slice was drawn by lot, so what is measured on it holds for the pairs it was drawn
from. Accuracy comes with the exact interval of Clopper and Pearson (Biometrika 26, 1934); the
calibrated confidence is isotonic where there are many observations, Platt's logistic
otherwise (Niculescu-Mizil & Caruana, "Predicting Good Probabilities", 2005), and always
judged on observations that its curve was not fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from annotate.labelling.machines.audit import Observation, read_audit
from annotate.store import Assessor, Calibration, Store

ISOTONIC_FROM = 300  # observations; with fewer, two parameters are all that can be learnt
FOLDS = 5
NARROW = 1e-6  # standard deviation under which confidences are one and the same
SHRINKAGE = 1.0  # pseudo-observations of each kind that keep a curve away from 0 and 1
Floats = NDArray[np.float64]
Method = Literal["isotonic", "platt", "constant"]


@dataclass(frozen=True)
class Curve:
    """Map a machine's confidence to the chance that people agree; never falling."""

    method: Method
    points: tuple[tuple[float, float], ...]

    def at(self, confidence: Sequence[float] | Floats) -> Floats:
        """Return the calibrated confidence (n,), straight between the points and level outside them."""
        xs, ys = zip(*self.points, strict=True)
        return np.asarray(np.interp(np.asarray(confidence, np.float64), xs, ys), np.float64)


@dataclass(frozen=True)
class Calibrated:
    """Hold a machine's accuracy in one scope with its 95 % interval, and its curve.

    `error` is the expected calibration error of the cross-fitted confidence, `raw_error` that of
    the machine's own; both are means over bins of |confidence - accuracy|.
    """

    scope: dict[str, Any]
    n: int
    accuracy: float
    low: float
    high: float
    curve: Curve
    error: float
    raw_error: float


def exact_interval(right: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Return the two-sided Clopper-Pearson interval of a share; (0, 1) for nothing observed."""
    half = (1 - level) / 2
    return exact_lower(right, total, half), 1 - exact_lower(total - right, total, half)


def exact_lower(right: int, total: int, miss: float) -> float:
    """Return the one-sided lower bound that the true share is under with probability `miss` at most."""
    from scipy.special import betaincinv

    return float(betaincinv(right, total - right + 1, miss)) if right else 0.0


def fit_curve(confidence: Floats, right: NDArray[np.bool_]) -> Curve:
    """Return the curve of n observations; the method follows their number.

    Machines of one confidence (to a millionth), or of one outcome, get the (shrunken) mean everywhere.
    """
    if len(confidence) >= ISOTONIC_FROM:
        return _isotonic(confidence, right)
    if float(confidence.std()) > NARROW and 0 < right.sum() < len(right):
        return _platt(confidence, right)
    return Curve("constant", ((0.5, _shrunken(right)),))


def cross_fitted(confidence: Floats, right: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    """Return calibrated confidences (n,), each by a curve that has not seen its own observation."""
    size = len(confidence)
    folds = rng.permutation(size) % min(FOLDS, max(size, 1))
    fitted = np.full(size, 0.5)
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        if outside.any() and inside.any():
            fitted[outside] = fit_curve(confidence[inside], right[inside]).at(confidence[outside])
    return fitted


def calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal numbers; nan for no observations.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, with quantile bins.
    """
    if not len(confidence):
        return float("nan")
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, max(1, len(confidence) // 10)))
    gaps = [abs(confidence[part].mean() - right[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(confidence))


def calibrate(observed: Sequence[Observation], rng: np.random.Generator) -> list[Calibrated]:
    """Return a machine's calibration over everything, by language, and by language and cluster."""
    scopes: dict[tuple[tuple[str, Any], ...], list[Observation]] = {}
    for one in observed:
        scopes.setdefault((), []).append(one)
        scopes.setdefault((("language", one.language),), []).append(one)
        if one.cluster is not None:
            scopes.setdefault((("language", one.language), ("cluster", one.cluster)), []).append(one)
    ordered = sorted(scopes.items(), key=lambda item: (len(item[0]), str(item[0])))
    return [_calibrated(dict(scope), inside, rng) for scope, inside in ordered]


def record_calibrations(store: Store, rng: np.random.Generator) -> dict[str, list[Calibrated]]:
    """Calibrate every machine on the audit slice and store what is new; return it by machine.

    A calibration equal to the last of its scope is not stored again.
    """
    audit = read_audit(store)
    observed = {name: audit.observed(votes) for name, votes in audit.machines.items()}
    found = {name: calibrate(seen, rng) for name, seen in observed.items() if seen}
    with store.writing.begin() as session:
        ids = dict(session.execute(select(Assessor.name, Assessor.id)).all())
        last = {
            (row.assessor_id, tuple(sorted(row.scope.items()))): (row.n, row.accuracy)
            for row in session.scalars(select(Calibration).order_by(Calibration.id))
        }
        for name, calibrations in found.items():
            for one in calibrations:
                key = (ids[name], tuple(sorted(one.scope.items())))
                if last.get(key) != (one.n, one.accuracy):
                    session.add(_row(ids[name], one))
    return found


def _row(assessor_id: int, one: Calibrated) -> Calibration:
    curve = asdict(one.curve) | {"error": one.error, "raw_error": one.raw_error}
    return Calibration(
        assessor_id=assessor_id,
        method=one.curve.method,
        scope=one.scope,
        n=one.n,
        accuracy=one.accuracy,
        low=one.low,
        high=one.high,
        curve=curve,
    )


def _calibrated(
    scope: dict[str, Any], observed: Sequence[Observation], rng: np.random.Generator
) -> Calibrated:
    confidence = np.array([one.confidence for one in observed], np.float64)
    right = np.array([one.right for one in observed], bool)
    low, high = exact_interval(int(right.sum()), len(right))
    return Calibrated(
        scope,
        len(right),
        float(right.mean()),
        low,
        high,
        fit_curve(confidence, right),
        calibration_error(cross_fitted(confidence, right, rng), right),
        calibration_error(confidence, right),
    )


def _isotonic(confidence: Floats, right: NDArray[np.bool_]) -> Curve:
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(out_of_bounds="clip").fit(confidence, right.astype(np.float64))
    xs, ys = model.X_thresholds_, model.y_thresholds_
    # Ends that are all right or all wrong must not claim certainty.
    most, least = _shrunken(np.ones(len(right), bool)), _shrunken(np.zeros(len(right), bool))
    points = zip(xs, np.clip(ys, least, most), strict=True)
    return Curve("isotonic", tuple((float(x), float(y)) for x, y in points))


def _platt(confidence: Floats, right: NDArray[np.bool_]) -> Curve:
    from sklearn.linear_model import LogisticRegression

    centre, spread = float(confidence.mean()), float(confidence.std())
    model = LogisticRegression(C=1.0).fit(((confidence - centre) / spread)[:, None], right)
    if model.coef_[0, 0] <= 0:  # confidence that misleads is worth nothing
        return Curve("constant", ((0.5, _shrunken(right)),))
    xs = np.linspace(confidence.min(), confidence.max(), 21)
    ys = model.predict_proba(((xs - centre) / spread)[:, None])[:, 1]
    return Curve("platt", tuple((float(x), float(y)) for x, y in zip(xs, ys, strict=True)))


def _shrunken(right: NDArray[np.bool_]) -> float:
    return float((right.sum() + SHRINKAGE) / (len(right) + 2 * SHRINKAGE))
