"""Say the same labels as modAL's classifiers want them, and as our heads do."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from active.arrays import AnyArray, FloatArray, IntArray
from active.errors import InvalidLabelsError
from active.heads import BradleyTerryHead, EnsembleHead
from active.pool import Labelled


def takes_soft_targets(estimator: Any) -> bool:
    """Say whether an estimator fits targets between its two classes, as our heads do."""
    return isinstance(estimator, BradleyTerryHead | EnsembleHead)


def decided(labelled: Labelled) -> tuple[Labelled, IntArray]:
    """Return the labels that are no ties, and the class of each: 1 first better, 0 second better."""
    kept = labelled.at(np.flatnonzero(labelled.targets != 0.5))
    return kept, (kept.targets > 0.5).astype(np.int64)


def as_classes_targets(values: Any, classes: AnyArray | None) -> FloatArray:
    """Return a learner's labels as targets in [0, 1]: numbers stay, the second of two classes is one.

    Raises InvalidLabelsError for more than two classes that are no numbers in [0, 1].
    """
    labels = np.asarray(values)
    if np.issubdtype(labels.dtype, np.number) and ((labels >= 0) & (labels <= 1)).all():
        return labels.astype(np.float64)
    names = np.unique(labels) if classes is None else np.asarray(classes)
    if len(names) > 2:
        raise InvalidLabelsError(f"a preference has two classes, the learner knows {len(names)}")
    targets: FloatArray = np.asarray(labels == names[-1], dtype=np.float64)
    return targets


def fit_columns(labelled: Labelled, estimator: Any) -> dict[str, Any]:
    """Return what `fit` takes beyond X and y: of the columns given those that the estimator knows."""
    columns = {
        "groups": labelled.groups,
        "sample_weight": labelled.weights,
        "verdicts": labelled.verdicts,
    }
    return {
        name: values
        for name, values in columns.items()
        if values is not None and has_fit_parameter(estimator, name)
    }


@contextmanager
def quiet_modal() -> Iterator[None]:
    """Leave out the one warning that modAL 0.4.2 causes: `force_all_finite`, renamed in scikit-learn 1.6."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'force_all_finite' was renamed", FutureWarning)
        yield
