"""The quick reward model: a Bradley-Terry head on frozen sentence embeddings.

The chance that answer a beats b is sigmoid(w . (f(q, a) - f(q, b))): logistic regression without intercept on
feature differences. Source: Bradley & Terry (1952), Biometrika 39(3/4).
"""

import json
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from training.kinds.reward.ensembles import head_weights
from training.kinds.reward.lengths import length_gaps
from training.kinds.reward.measuring import fit_scores, measure_pairs
from training.kinds.reward.scores import Scores, load_scores
from training.label_guards import check_labels
from training.metrics import Interval, judge_pairs
from training.recipes import RewardHeadRecipe
from training.results import Outcome
from training.rows import PreferenceRow
from training.runs import Run

Floats = NDArray[np.float64]
_DEFAULT_STRENGTH = 0.1
_UNPENALISED = 100.0  # a column so much larger bears next to none of the penalty


@dataclass(frozen=True)
class RewardHead:
    """Score answers with weights (heads, features) or (features,) over embeddings of question and answer."""

    embedder: SentenceTransformer
    weights: Floats
    question_prefix: str = ""
    answer_prefix: str = ""
    batch_size: int = 32
    scores: Scores = field(default_factory=Scores)

    def score(self, questions: Sequence[str], answers: Sequence[str]) -> Floats:
        """Give a reward for each answer to its question, shape (n,); only differences mean anything."""
        heads = self.features(questions, answers) @ np.atleast_2d(self.weights).T
        return self.scores.join(heads, answers)

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
    """Fit the head, save it and judge it; `cv_*` figures are of questions left out, `test_*` of test rows."""
    check_labels(run.train_rows)
    embedder = _load_embedder(recipe.base)
    blank = RewardHead(embedder, np.zeros(0), recipe.question_prefix, recipe.answer_prefix, recipe.batch_size)
    run.progress.stage("embedding")
    sides = _sides(blank, run.train_rows)
    differences = np.hstack([sides[:, 0] - sides[:, 1], _beside(recipe, run.train_rows)])
    weights = np.array([row.weight for row in run.train_rows])
    run.progress.stage("fitting")
    groups = [row.question_id for row in run.train_rows]
    features = sides.shape[-1]  # what is fitted beside them stays out when scoring
    strength, held_out = _choose_strength(differences, features, groups, weights, recipe)
    rng = np.random.default_rng(recipe.seed)
    drawn = head_weights(len(differences), recipe.heads, rng)
    models = [_fit(differences, weights * own, strength) for own in drawn.T]
    coefficients = np.stack([model.coef_[0] for model in models]).astype(np.float64)
    last_loss = _loss(differences @ coefficients.mean(axis=0))
    coefficients = coefficients[:, :features]
    scores = Scores(recipe.ensemble, recipe.penalty, (0.0,) * recipe.heads)
    scores = fit_scores(scores, sides @ coefficients.T, run.train_rows, recipe.length_control)
    metrics = _cross_validated(held_out, groups, rng)
    if run.test_rows:
        heads = _sides(blank, run.test_rows) @ coefficients.T
        scores, figures = measure_pairs(scores, heads, run.test_rows, rng, run.folder)
        metrics |= {f"test_{name}": figure for name, figure in figures.items()}
    elif held_out is not None:
        scores, figures = scores.calibrated(held_out, groups)
        metrics |= {f"cv_{name}": figure for name, figure in figures.items()}
    _save(recipe, coefficients, strength, scores, run.model_folder)
    return Outcome(
        steps=max(int(model.n_iter_[0]) for model in models),
        first_loss=float(np.log(2)),  # of a head of zeros
        last_loss=last_loss,
        metrics=metrics,
    )


def _cross_validated(
    held_out: Floats | None, groups: Sequence[str], rng: np.random.Generator
) -> dict[str, Interval]:
    if held_out is None:
        return {}
    figures = judge_pairs(held_out, np.zeros_like(held_out), groups, rng)
    return {f"cv_{name}": figure for name, figure in figures.items()}


def _beside(recipe: RewardHeadRecipe, rows: Sequence[PreferenceRow]) -> Floats:
    """Give the columns fitted beside the embedding and left out when scoring: length, or none."""
    if recipe.length_control != "offset":
        return np.zeros((len(rows), 0))
    return length_gaps(rows)[:, None] * _UNPENALISED


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
        options["scores"] = load_scores(folder)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{folder}: not a reward head ({' '.join(str(error).split())})") from error
    if weights_fingerprint(base) != trained_on:
        raise ModelError(f"{base}: not the embedder this head was trained on; give base=")
    return RewardHead(_load_embedder(base), weights, **options)


def _load_embedder(folder: Path) -> SentenceTransformer:
    if not (folder / "modules.json").is_file():
        raise ModelError(f"{folder}: no sentence-transformers folder (no modules.json)")
    return SentenceTransformer(str(folder), local_files_only=True)


def _sides(head: RewardHead, rows: Sequence[PreferenceRow]) -> Floats:
    """Give the features of each row's chosen and rejected answer, shape (n, 2, features)."""
    questions = [row.question for row in rows]
    sides = [[row.chosen for row in rows], [row.rejected for row in rows]]
    return np.stack([head.features(questions, answers) for answers in sides], axis=1)


def _choose_strength(
    differences: Floats, features: int, groups: Sequence[str], weights: Floats, recipe: RewardHeadRecipe
) -> tuple[float, Floats | None]:
    """Choose C by the log loss on questions left out; also give each pair's held-out score gap."""
    folds = min(recipe.folds, len(set(groups)))
    if folds < 2:
        return _DEFAULT_STRENGTH, None
    gaps = {strength: np.empty(len(differences)) for strength in recipe.strengths}
    for inside, outside in GroupKFold(folds).split(differences, groups=groups):
        for strength, held_out in gaps.items():
            model = _fit(differences[inside], weights[inside], strength)
            held_out[outside] = differences[outside, :features] @ model.coef_[0, :features]
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


def _save(recipe: RewardHeadRecipe, weights: Floats, strength: float, scores: Scores, folder: Path) -> None:
    draft = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    save_file({"weights": np.ascontiguousarray(weights)}, draft / "model.safetensors")
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
    scores.save(draft)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
