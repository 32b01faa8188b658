"""Measure a reward model on pairs: accuracy, margin, length bias, calibration, disagreement of its heads."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.evaluation.scores import write_scores
from training.kinds.reward.ensembles import disagreement
from training.kinds.reward.lengths import length_report, log_lengths, residual_slope
from training.kinds.reward.scores import Scores
from training.metrics import Interval, bootstrap_by_question, judge_pairs
from training.rows import PreferenceRow

Floats = NDArray[np.float64]


def fit_scores(scores: Scores, heads: Floats, rows: Sequence[PreferenceRow], length_control: str) -> Scores:
    """Fit the heads' centres and, for `residual`, the length slope to the rows trained on.

    `heads` (n, 2, heads) are the scores of each row's chosen and rejected answer.
    """
    answers = [answer for row in rows for answer in (row.chosen, row.rejected)]
    flat = heads.reshape(-1, heads.shape[-1])
    scores = replace(scores, centres=tuple(map(float, flat.mean(axis=0))))
    if length_control != "residual":
        return scores
    lengths = log_lengths(answers)
    slope = residual_slope(scores.join(flat, answers), lengths)
    return replace(scores, length_slope=slope, length_centre=float(lengths.mean()))


def measure_pairs(
    scores: Scores, heads: Floats, rows: Sequence[PreferenceRow], rng: np.random.Generator, run_dir: Path
) -> tuple[Scores, dict[str, Interval]]:
    """Measure rows that were not trained on; give the scores with their calibration, and the figures.

    `heads` (n, 2, heads) are the scores of each row's chosen and rejected answer; the joined ones are kept
    in `run_dir` for the report.
    """
    chosen = scores.join(heads[:, 0], [row.chosen for row in rows])
    rejected = scores.join(heads[:, 1], [row.rejected for row in rows])
    write_scores(run_dir, rows, chosen, rejected)
    questions = [row.question_id for row in rows]
    figures = judge_pairs(chosen, rejected, questions, rng)
    figures |= length_report(chosen - rejected, rows, rng)
    if heads.shape[-1] > 1:
        spread = disagreement(heads[:, 0] - heads[:, 1])
        figures["disagreement"] = bootstrap_by_question(spread, questions, rng)
    scores, calibration = scores.calibrated(chosen - rejected, questions)
    return scores, figures | calibration
