"""Say what further labels would buy: extrapolate the learning curve that the labels themselves draw.

The labels are cut into folds by question. A head learns from growing parts of all folds but one and is
measured on that one: points of a learning curve, several at each size. Through them goes the power law
accuracy = a − b·n^−c, by weighted least squares; a bootstrap over the folds and the drawings of the parts
says how sure the rise beyond the last point is. The asymptote a may lie above one: with a small exponent the
law is a straight line over log n, as real curves are for long, and only what it foretells is cut at one.
Sources: Cortes et al. 1994 ("Learning Curves: Asymptotic Values and Rate of Convergence"), Viering and Loog
2021 (arXiv 2103.10948) for the law, and for how it can fail.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from active.arrays import BoolArray, FloatArray, IntArray
from active.errors import InvalidOptionError, NotEnoughLabelsError
from active.heads import BradleyTerryHead
from active.pool import Labelled

LEAST_LABELS = 60
"""With fewer decided labels than this, the points of a curve are noise."""

LEAST_PART = 20
"""Size of the smallest part that a head learns from."""

EXPONENTS = (0.01, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
"""Exponents of the law that are tried, from a straight line over log n to an early level."""

RESAMPLES = 300


class PowerLaw(NamedTuple):
    """Hold accuracy = asymptote − scale · n^−exponent, with scale ≥ 0."""

    asymptote: float
    scale: float
    exponent: float

    def at(self, labels: float) -> float:
        """Return the accuracy after so many labels, at most one."""
        return float(min(1.0, self.asymptote - self.scale * labels**-self.exponent))


@dataclass(frozen=True, eq=False)
class CurvePoints:
    """Hold a learning curve inside the labelled data: accuracy (runs, sizes) after `sizes` labels.

    A run is one fold left out and one drawing of the growing parts; weights (runs,): how many labels each was
    measured on; labels: how many there are in all.
    """

    sizes: IntArray
    accuracy: FloatArray
    weights: FloatArray
    labels: int

    @property
    def mean(self) -> FloatArray:
        """Return the mean accuracy at each size, (sizes,)."""
        averaged: FloatArray = np.average(self.accuracy, axis=0, weights=self.weights)
        return averaged

    @property
    def precision(self) -> FloatArray:
        """Return one over the variance of the runs at each size, (sizes,); small parts vary most."""
        variance = self.accuracy.var(axis=0)
        sure: FloatArray = 1 / np.maximum(variance, max(float(variance.mean()) / 4, 1e-8))
        return sure


@dataclass(frozen=True)
class Gain:
    """Say what `more` labels beyond the `labels` there are would buy, in points of accuracy (0 to 1).

    value, low, high: the rise, with its interval at `confidence`; now: the accuracy that the labels there are
    teach, by the law; law: the fitted curve.
    """

    labels: int
    more: int
    value: float
    low: float
    high: float
    now: float
    law: PowerLaw
    confidence: float = 0.9

    def __str__(self) -> str:
        return (
            f"{self.more} more labels buy about {100 * self.value:.1f} points of accuracy "
            f"({100 * self.low:.1f} to {100 * self.high:.1f})"
        )


def curve_points(
    labelled: Labelled,
    rng: np.random.Generator,
    *,
    sizes: int = 6,
    folds: int = 5,
    repeats: int = 2,
    measured: BoolArray | None = None,
    head: Any = None,
) -> CurvePoints:
    """Return points of the learning curve inside the labels; folds × repeats × sizes heads are fitted.

    measured: (m,), which labels accuracy is measured on, such as the audit slice, whose pairs were drawn by
    lot; by default, or where too few of them are decided, all. Ties teach, but are not measured. No question
    (`labelled.groups`) is learnt from and measured on in one run. head: an estimator, by default a
    BradleyTerryHead that chooses its ridge anew for each part. Raises NotEnoughLabelsError below LEAST_LABELS
    decided labels or for fewer questions than folds.
    """
    decided = labelled.targets != 0.5
    questions = np.arange(len(labelled)) if labelled.groups is None else _codes(labelled.groups)
    if decided.sum() < LEAST_LABELS or len(np.unique(questions)) < folds or not labelled.has_both_verdicts:
        raise NotEnoughLabelsError(
            f"{int(decided.sum())} labels with a winner, wanted at least {LEAST_LABELS} "
            f"of {folds} questions and with both verdicts: label more first"
        )
    scored = decided if measured is None or (decided & measured).sum() < LEAST_LABELS else decided & measured
    estimator = BradleyTerryHead(warm_start=True) if head is None else head
    steps = _sizes(len(labelled), folds, sizes)
    rows, weights = [], []
    for _ in range(repeats):
        fold_of = rng.permutation(questions.max() + 1)[questions] % folds
        for fold in range(folds):
            test = np.flatnonzero((fold_of == fold) & scored)
            order = _by_question(np.flatnonzero(fold_of != fold), questions, rng)
            if len(test) and len(order) >= steps[0]:
                rows.append([_accuracy(estimator, labelled, order[:size], test) for size in steps])
                weights.append(float(len(test)))
    return CurvePoints(steps, np.array(rows), np.array(weights), len(labelled))


def fit_power_law(sizes: FloatArray | IntArray, values: FloatArray, weights: FloatArray) -> PowerLaw:
    """Return the law of least weighted squares through values (k,) at sizes (k,), k ≥ 2; it never falls.

    The exponent is searched for among EXPONENTS; asymptote and scale have a closed form each. Raises
    InvalidOptionError for fewer than two points.
    """
    if len(sizes) < 2 or len(sizes) != len(values):
        raise InvalidOptionError(f"a law needs two points at least: {len(sizes)} sizes, {len(values)} values")
    share = np.asarray(weights, np.float64) / np.sum(weights)
    level = float(share @ values)
    best = (float(share @ (values - level) ** 2), PowerLaw(level, 0.0, EXPONENTS[0]))
    for exponent in EXPONENTS:
        falls = np.asarray(sizes, np.float64) ** -exponent
        about = falls - share @ falls
        scale = -float(share @ (about * (values - level))) / float(share @ about**2)
        residual = float(share @ (values - level + scale * about) ** 2)
        if scale > 0 and residual < best[0] - 1e-12:
            best = residual, PowerLaw(level + scale * float(share @ falls), scale, exponent)
    return best[1]


def expected_gain(points: CurvePoints, more: int, rng: np.random.Generator, confidence: float = 0.9) -> Gain:
    """Return what `more` labels would buy on top of those there are.

    The value is the mean of the rises that laws through resampled runs foretell. Their spread, with how far
    single runs stray from the mean step, taken twice (once for the curve so far, once for the one to come),
    gives the interval: it is about what will be seen, not only about the mean. Raises InvalidOptionError for
    `more` below one or a confidence outside (0, 1).
    """
    if more < 1 or not 0 < confidence < 1:
        raise InvalidOptionError(f"wanted: more ≥ 1 and a confidence in (0, 1), not {more} and {confidence}")
    runs, weights = len(points.accuracy), points.precision
    law = fit_power_law(points.sizes, points.mean, weights)
    rises = np.empty(RESAMPLES)
    stray = _stray(points)
    for at in range(RESAMPLES):
        some = rng.integers(runs, size=runs)
        values = np.average(points.accuracy[some], axis=0, weights=points.weights[some])
        drawn = fit_power_law(points.sizes, values, weights)
        rises[at] = drawn.at(points.labels + more) - drawn.at(points.labels)
    # The curve to come strays from the expected one as far as the curve so far: hence the root of two.
    seen = rises.mean() + np.sqrt(2) * (rises - rises.mean() + rng.normal(0.0, stray, RESAMPLES))
    half = (1 - confidence) / 2
    low, high = np.quantile(seen, [half, 1 - half])
    return Gain(
        points.labels,
        more,
        float(rises.mean()),
        float(low),
        float(high),
        law.at(points.labels),
        law,
        confidence,
    )


def labels_for(points: CurvePoints, rise: float) -> float:
    """Return how many more labels the law wants for a rise in accuracy; infinity where it never comes."""
    law = fit_power_law(points.sizes, points.mean, points.precision)
    wanted = law.at(points.labels) + rise
    short = law.asymptote - wanted
    if short <= 0 or wanted > 1 or not law.scale:
        return float("inf")
    return float(max(0.0, (law.scale / short) ** (1 / law.exponent) - points.labels))


def _stray(points: CurvePoints) -> float:
    """Return how far the step between the last two sizes of one run strays from the mean step."""
    steps = points.accuracy[:, -1] - points.accuracy[:, -2]
    return float(np.sqrt(np.average((steps - steps.mean()) ** 2, weights=points.weights) / len(steps)))


def _sizes(labels: int, folds: int, count: int) -> IntArray:
    """Return growing sizes of parts, as multiples of each other, up to all folds but one."""
    largest = labels * (folds - 1) // folds
    least = min(max(LEAST_PART, largest // 16), largest // 2)
    sizes: IntArray = np.unique(np.geomspace(least, largest * 0.97, count).astype(np.int64))
    return sizes


def _by_question(rows: IntArray, questions: IntArray, rng: np.random.Generator) -> IntArray:
    """Return rows in a drawn order that keeps the pairs of one question together."""
    places = rng.permutation(questions.max() + 1)
    ordered: IntArray = rows[np.argsort(places[questions[rows]], kind="stable")]
    return ordered


def _accuracy(head: Any, labelled: Labelled, rows: IntArray, test: IntArray) -> float:
    options: dict[str, Any] = {}
    if labelled.groups is not None:
        options["groups"] = labelled.groups[rows]
    if labelled.weights is not None:
        options["sample_weight"] = labelled.weights[rows]
    head.fit(labelled.features[rows], labelled.targets[rows], **options)
    first = head.predict_proba(labelled.features[test])[:, 1] > 0.5
    return float(np.mean(first == (labelled.targets[test] > 0.5)))


def _codes(groups: Any) -> IntArray:
    codes: IntArray = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return codes
