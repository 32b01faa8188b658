"""Calibrate a head: divide its logits by the temperature under which it believes left-out labels most."""

import numpy as np
from scipy.optimize import minimize_scalar

from active.arrays import FloatArray
from active.heads.newton import RidgeProblem

COLDEST, HOTTEST = 0.2, 20.0
"""Temperatures beyond these say that labels contradict each other or are too few, not how sure to be."""


def best_temperature(problem: RidgeProblem, solution: FloatArray, left_out: FloatArray) -> float:
    """Return the temperature T of least loss of logits/T plus (ln T)²/2, within COLDEST and HOTTEST.

    `left_out` (n,) are the logits of `left_out_logits`, so no label is told by a fit that has seen it. The
    second term, a standard normal prior of ln T, keeps a few labels from deciding much. Returns one where the
    logits are all zero. Source: Guo et al. 2017, arXiv 1706.04599.
    """
    if not np.abs(left_out).max(initial=0.0) > 0:
        return 1.0

    def loss(log_temperature: float) -> float:
        rows = problem.row_losses(left_out / np.exp(log_temperature), solution)
        return float(problem.weights @ rows + log_temperature**2 / 2)

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))
