"""The gate of reward models: a new one replaces the champion only when it is surely more accurate.

Both score the same frozen test, pair by pair; the value is the mean of the differences of their
wins, its interval is bootstrapped by question. The first one must surely beat a toss.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.models import champion
from annotate.jobs.workspace_recipes import TEST_ROWS, TRAIN_ROWS
from training import Interval, PreferenceRow, bootstrap_by_question, decide, read_rows
from training.metrics import pair_wins

Floats = NDArray[np.float64]


def compare_with_champion(context: Context, role: str, folder: Path) -> dict[str, Any]:
    """Measure a reward model against the champion of its role on its own frozen test.

    Questions that the champion was trained on are left out: there it would look better than it is.
    Returns the evidence of the decision. Raises JobError when no test is left.
    """
    rows = read_rows(folder / TEST_ROWS)
    present = champion(context.store, role)
    if present:
        trained = _questions(present[1])
        rows = [row for row in rows if row.question_id not in trained]
    if not rows:
        raise JobError("no question of the frozen test is new to the champion")
    rng = np.random.default_rng(context.settings.seed)
    questions = [row.question_id for row in rows]
    new = _wins(context, role, folder, rows)
    accuracy = {"accuracy": _plain(bootstrap_by_question(new, questions, rng))}
    if present is None:
        interval, threshold, measure = bootstrap_by_question(new, questions, rng), 0.5, "accuracy"
    else:
        old = _wins(context, role, present[1], rows)
        accuracy["champion_accuracy"] = _plain(bootstrap_by_question(old, questions, rng))
        interval, threshold = bootstrap_by_question(new - old, questions, rng), 0.0
        measure = "accuracy_gain"
    decision = decide(interval, threshold)
    plain = _plain(interval)
    return {
        "measure": measure,
        "value": plain["value"],
        "ci": [plain["low"], plain["high"]],
        "n": interval.n,
        "champion": present[0] if present else None,
        "promoted": decision.promote,
        "reason": decision.reason,
        **accuracy,
    }


def _wins(context: Context, role: str, folder: Path, rows: list[PreferenceRow]) -> Floats:
    """Return for each row 1 where the model prefers the chosen answer, 0.5 on a tie, else 0."""
    answers = [text for row in rows for text in (row.chosen, row.rejected)]
    if role == "reward_head":
        from training.kinds.reward_head import load_reward_head

        head = load_reward_head(folder / "model", context.local_embedder.folder)
        scores = head.score([row.question for row in rows for _ in "ab"], answers)
    else:
        from training.kinds.reward import score_answers

        scores = score_answers(folder / "model", [row.prompt for row in rows for _ in "ab"], answers)
    sides = np.asarray(scores, dtype=np.float64).reshape(len(rows), 2)
    return pair_wins(sides[:, 0], sides[:, 1])


def _questions(folder: Path) -> set[str]:
    """Return the questions that a model was trained on; none are known of one that came from elsewhere."""
    file = folder / TRAIN_ROWS
    return {row.question_id for row in read_rows(file)} if file.exists() else set()


def _plain(interval: Interval) -> dict[str, Any]:
    bounds = [float(bound) if np.isfinite(bound) else None for bound in (interval.low, interval.high)]
    return {"value": float(interval.value), "low": bounds[0], "high": bounds[1], "n": interval.n}
