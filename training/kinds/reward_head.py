"""The quick reward model: a Bradley-Terry head on frozen sentence embeddings.

The chance that answer a beats b is sigmoid(w . (f(q, a) - f(q, b))): logistic regression without intercept on
feature differences. Source: Bradley & Terry (1952), Biometrika 39(3/4).
"""

import json
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from training.errors import ModelError
from training.fingerprints import weights_fingerprint
from training.metrics import Interval, judge_pairs
from training.recipes import RewardHeadRecipe
from training.results import Outcome
from training.rows import PreferenceRow
from training.runs import Run

Floats = NDArray[np.float64]
_DEFAULT_STRENGTH = 0.1


@dataclass(frozen=True)
class RewardHead:
    """Score answers with weights (features,) over embeddings of a question and an answer."""

    embedder: SentenceTransformer
    weights: Floats
    question_prefix: str = ""
    answer_prefix: str = ""
    batch_size: int = 32

    def score(self, questions: Sequence[str], answers: Sequence[str]) -> Floats:
        """Give a reward for each answer to its question, shape (n,); only differences mean anything."""
        return np.asarray(self.features(questions, answers) @ self.weights)

    def features(self, questions: Sequence[str], answers: Sequence[str]) -> Floats:
        """Give features of (question, answer), shape (n, 3 d): the answer, its match and gap."""
        question = self._embed(self.question_prefix, questions)
        answer = self._embed(self.answer_prefix, answers)
        return np.hstack([answer, question * answer, np.abs(question - answer)])

    def _embed(self, prefix: str, texts: Sequence[str]) -> Floats:
        distinct = list(dict.fromkeys(prefix + text for text in texts))
        vectors = self.embedder.encode(
            distinct, batch_size=self.batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        place = {text: number for number, text in enumerate(distinct)}
        return np.asarray(vectors, dtype=np.float64)[[place[prefix + text] for text in texts]]


def train(recipe: RewardHeadRecipe, run: Run[PreferenceRow]) -> Outcome:
    """Fit the head and save it; without test rows the figures come from cross-validation by question."""
    embedder = _load_embedder(recipe.base)
    blank = RewardHead(embedder, np.zeros(0), recipe.question_prefix, recipe.answer_prefix, recipe.batch_size)
    run.progress.stage("embedding")
    differences = _differences(blank, run.train_rows)
    groups = [row.question_id for row in run.train_rows]
    weights = np.array([row.weight for row in run.train_rows])
    run.progress.stage("fitting")
    strength, held_out = _choose_strength(differences, groups, weights, recipe)
    model = _fit(differences, weights, strength)
    coefficients = np.asarray(model.coef_[0], dtype=np.float64)
    _save(recipe, coefficients, strength, run.model_folder)
    rng = np.random.default_rng(recipe.seed)
    metrics: dict[str, Interval] = {}
    if held_out is not None:
        figures = judge_pairs(held_out, np.zeros_like(held_out), groups, rng)
        metrics |= {f"cv_{name}": figure for name, figure in figures.items()}
    if run.test_rows:
        gaps = _differences(blank, run.test_rows) @ coefficients
        figures = judge_pairs(gaps, np.zeros_like(gaps), [row.question_id for row in run.test_rows], rng)
        metrics |= {f"test_{name}": figure for name, figure in figures.items()}
    return Outcome(
        steps=int(model.n_iter_[0]),
        first_loss=float(np.log(2)),  # of a head of zeros
        last_loss=_loss(differences @ coefficients),
        metrics=metrics,
    )


def load_reward_head(folder: Path, base: Path | None = None) -> RewardHead:
    """Load a trained head with its embedder (`base`: where the embedder lies now, if it moved).

    Raises ModelError where the folder is not a head or the embedder is not the one it was trained on.
    """
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")["weights"]
        base = base or Path(config["base"])
        trained_on = config["base_fingerprint"]
        options = {key: config[key] for key in ("question_prefix", "answer_prefix", "batch_size")}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{folder}: not a reward head ({' '.join(str(error).split())})") from error
    if weights_fingerprint(base) != trained_on:
        raise ModelError(f"{base}: not the embedder this head was trained on; give base=")
    return RewardHead(_load_embedder(base), weights, **options)


def _load_embedder(folder: Path) -> SentenceTransformer:
    if not (folder / "modules.json").is_file():
        raise ModelError(f"{folder}: no sentence-transformers folder (no modules.json)")
    return SentenceTransformer(str(folder), local_files_only=True)


def _differences(head: RewardHead, rows: Sequence[PreferenceRow]) -> Floats:
    questions = [row.question for row in rows]
    chosen = head.features(questions, [row.chosen for row in rows])
    return chosen - head.features(questions, [row.rejected for row in rows])


def _choose_strength(
    differences: Floats, groups: Sequence[str], weights: Floats, recipe: RewardHeadRecipe
) -> tuple[float, Floats | None]:
    """Choose C by the log loss on questions left out; also give each pair's held-out score gap."""
    folds = min(recipe.folds, len(set(groups)))
    if folds < 2:
        return _DEFAULT_STRENGTH, None
    gaps = {strength: np.empty(len(differences)) for strength in recipe.strengths}
    for inside, outside in GroupKFold(folds).split(differences, groups=groups):
        for strength, held_out in gaps.items():
            model = _fit(differences[inside], weights[inside], strength)
            held_out[outside] = differences[outside] @ model.coef_[0]
    best = min(gaps, key=lambda strength: _loss(gaps[strength]))
    return best, gaps[best]


def _fit(differences: Floats, weights: Floats, strength: float) -> LogisticRegression:
    both_ways = np.vstack([differences, -differences])  # the loss does not care which side is written first
    labels = np.repeat([1, 0], len(differences))
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return model.fit(both_ways, labels, sample_weight=np.tile(weights, 2))
        except ConvergenceWarning as error:
            raise ModelError(
                f"the reward head did not converge at C = {strength}; take smaller strengths"
            ) from error


def _loss(gaps: Floats) -> float:
    return float(np.logaddexp(0, -gaps).mean())


def _save(recipe: RewardHeadRecipe, weights: Floats, strength: float, folder: Path) -> None:
    draft = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    save_file({"weights": weights}, draft / "model.safetensors")
    config = {
        "kind": "reward_head",
        "base": str(recipe.base.resolve()),
        "base_fingerprint": weights_fingerprint(recipe.base),
        "question_prefix": recipe.question_prefix,
        "answer_prefix": recipe.answer_prefix,
        "batch_size": recipe.batch_size,
        "strength": strength,
    }
    (draft / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
