"""Measure reward models on pairs that people judged, held-out debates and questions only.

    python -m benchmarks.reward [--quick] [--fresh] [--data ../shared/data]

Arguments (UKPConvArg1): every debate is held out once, both of its sides together, and scored by a model of
the other debates. The figures published for this data, 0.78 (SVM) and 0.76 (BiLSTM, Habernal & Gurevych
2016), are means over 32 topics, one side of a debate held out at a time; ours are on the 24 topics at hand,
strict pairs as theirs, and see nothing of the debate: close, not the same. Answers (QA-Feedback): ten folds
by question. Models are Bradley-Terry heads on frozen vectors of multilingual-e5-small, on lexical features,
and on both, each the mean of five heads (Bayesian bootstrap); what is tuned is tuned on folds inside the
train side. `reward_head` is the product's own kind, run as a job on one split. Nothing is fine-tuned: at 0.8
pairs a second on two cores, ten minutes of adapters see a twentieth of the pairs. Interrupt it and start it
again: vectors are kept.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks.results import WORK, Row, kept, publish
from benchmarks.reward_data import Embed, Pairs, read_answers, read_arguments
from training.environment import prepare_environment
from training.evaluation.calibration import calibrate
from training.metrics import Interval, bootstrap_by_question, pair_wins

SEED, HEADS, INNER = 7, 5, 3
STRENGTHS, SCALES = (0.0003, 0.001, 0.003), (3.0, 10.0)
PUBLISHED = 0.78
_ROOT = Path(__file__).parents[1]
READERS: dict[str, Callable[[Path, Embed, int | None], Pairs]] = {
    "convincing_arguments": read_arguments,
    "qa_feedback": read_answers,
}
Floats = NDArray[np.float64]


def main() -> None:
    """Hold out, fit, score, and print and write the accuracies with their intervals."""
    parser = argparse.ArgumentParser(description="Measure reward models on pairs that people judged.")
    parser.add_argument("--quick", action="store_true", help="few pairs; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget the vectors of before")
    parser.add_argument("--data", type=Path, default=_ROOT / ".." / "shared" / "data")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"no data at {options.data}: name the folder of the data sets with --data")
    prepare_environment()
    work = WORK / ("reward-quick" if options.quick else "reward")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    rows: list[Row] = []
    most = {"convincing_arguments": 600, "qa_feedback": 30} if options.quick else {}
    for name, read in READERS.items():
        pairs = read(options.data / name, embedder(work, options.quick), most.get(name))
        rows += measure(name, pairs, "hashed words" if options.quick else "e5")
        if pairs.rows:
            rows.append(run_kind(name, pairs, work, 60 if options.quick else 1200))
    publish("reward", rows, write=not options.quick)


def embedder(work: Path, quick: bool) -> Embed:
    """Return what embeds texts with e5 once and keeps the vectors; a quick run hashes words in its place."""

    def embed(name: str, texts: Sequence[str]) -> Floats:
        if quick:
            from sklearn.feature_extraction.text import HashingVectorizer

            return np.asarray(HashingVectorizer(n_features=64).transform(texts).toarray(), np.float64)
        file = work / f"{name}.npy"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            vectors = _model().encode(list(texts), batch_size=16, normalize_embeddings=True)
            np.save(file, np.asarray(vectors, np.float64))
        return np.asarray(np.load(file, allow_pickle=False))

    return embed


def measure(name: str, pairs: Pairs, vectors: str = "e5") -> list[Row]:
    """Return the rows of one data set: baselines, heads on each set of features, people."""
    longer = pairs.sizes[pairs.one] - pairs.sizes[pairs.other]
    majority = np.where(pairs.wins.mean() > 0.5, 1.0, -1.0) * np.ones(len(pairs.wins))
    scored: dict[str, Floats] = {
        "always the same place": majority,
        "the longer text": longer,
        "head on lexical features": held_out(pairs, lambda _: pairs.lexical, (1.0,)),
        f"head on {vectors}": held_out(pairs, lambda scale: pairs.vectors * scale, SCALES),
        "head on both": held_out(
            pairs, lambda scale: np.hstack([pairs.lexical, pairs.vectors * scale]), SCALES
        ),
    }
    rows = [_row(name, model, gaps, pairs) for model, gaps in scored.items()]
    signs = np.where(pairs.wins, 1.0, -1.0)
    both = calibrate(scored["head on both"] * signs, pairs.questions)
    rows += [
        Row(f"{name}: head on both, {figure.replace('_', ' ')}", float(getattr(both, figure)))
        for figure in ("ece", "brier", "ece_scaled", "brier_scaled")
    ]
    known = pairs.clean & np.isfinite(pairs.ceilings)
    if known.any():
        people = bootstrap_by_question(pairs.ceilings[known], _of(pairs.questions, known), _rng())
        rows.append(Row(f"{name}: one person with most of the others, {_span(people)}", people.value))
    return rows


def held_out(pairs: Pairs, features: Callable[[float], Floats], scales: Sequence[float]) -> Floats:
    """Return the score gap of each pair by models of the other units, the mean of several heads.

    Strength of the penalty and scale of the vectors are chosen by folds inside the train units.
    """
    units = np.array(pairs.units)
    tables = {scale: features(scale) for scale in scales}
    sides = {scale: table[pairs.one] - table[pairs.other] for scale, table in tables.items()}
    gaps = np.zeros(len(units))
    for unit in np.unique(units):
        out = units == unit
        strength, scale = _chosen(
            {at: side[~out] for at, side in sides.items()}, pairs.wins[~out], units[~out]
        )
        inside = sides[scale][~out]
        weights = _rng().exponential(size=(HEADS, len(inside)))
        heads = [_fit(inside, pairs.wins[~out], strength, weight) for weight in weights]
        gaps[out] = sides[scale][out] @ np.mean(heads, axis=0)
    return gaps


def run_kind(name: str, pairs: Pairs, work: Path, most: int) -> Row:
    """Run the product's `reward_head` as a job: a third of the debates held out, so many pairs in all."""
    from training import PreferenceRow, parse_recipe, train, write_rows

    folder = work / f"{name}-reward_head"
    named = sorted(set(pairs.units))
    drawn = _rng().permutation(len(pairs.rows))[:most]
    rows = [
        PreferenceRow(
            id=pairs.rows[at]["id"],
            question_id=pairs.units[at],
            prompt=[{"role": "user", "content": pairs.rows[at]["topic"]}],
            chosen=pairs.rows[at]["chosen"],
            rejected=pairs.rows[at]["rejected"],
        )
        for at in drawn
        if pairs.clean[at]
    ]
    tested = set(named[::3])
    write_rows(folder / "train.jsonl", [row for row in rows if row.question_id not in tested])
    write_rows(folder / "test.jsonl", [row for row in rows if row.question_id in tested])
    recipe = _recipe(folder)

    def job() -> list[float]:
        started = time.perf_counter()
        shutil.rmtree(folder / "run", ignore_errors=True)
        found = train(parse_recipe(recipe), folder / "run").metrics["test_accuracy"]
        return [found.value, found.low, found.high, found.n, time.perf_counter() - started]

    value, low, high, count, seconds = kept(folder / "figures.json", job)
    span = f"[{low:.3f}, {high:.3f}], {count:.0f} pairs of {len(tested)} debates, {seconds:.0f} s"
    return Row(f"{name}: `reward_head` as a job on {len(rows) - int(count)} pairs, {span}", value)


def _recipe(folder: Path) -> dict[str, Any]:
    from rag.models.defaults import fetch_e5_small

    return {
        "kind": "reward_head",
        "base": fetch_e5_small(Path.home() / ".cache" / "pairloop" / "models"),
        "train_rows": folder / "train.jsonl",
        "test_rows": folder / "test.jsonl",
        "answer_prefix": "passage: ",
        "question_prefix": "query: ",
        "strengths": [0.01, 0.1, 1.0],
        "folds": 3,
        "seed": SEED,
    }


def _chosen(
    sides: dict[float, Floats], wins: NDArray[np.bool_], units: NDArray[np.str_]
) -> tuple[float, float]:
    """Choose strength and scale by the log loss on units left out."""
    fold = np.unique(units, return_inverse=True)[1] % INNER
    losses = {}
    for strength, scale in product(STRENGTHS, sides):
        gaps = np.zeros(len(wins))
        for number in range(INNER):
            inside = fold != number
            weights = _fit(sides[scale][inside], wins[inside], strength)
            gaps[~inside] = sides[scale][~inside] @ weights
        losses[strength, scale] = float(np.logaddexp(0, -np.where(wins, gaps, -gaps)).mean())
    return min(losses, key=lambda key: losses[key])


def _fit(sides: Floats, wins: NDArray[np.bool_], strength: float, weights: Floats | None = None) -> Floats:
    wide = 2 * sides.shape[1] > len(sides)  # then Newton's method spends its time on a large Hessian
    solver = "lbfgs" if wide else "newton-cholesky"
    model = LogisticRegression(C=strength, fit_intercept=False, solver=solver, max_iter=2000)
    return np.asarray(model.fit(sides, wins, sample_weight=weights).coef_[0])


def _row(name: str, model: str, gaps: Floats, pairs: Pairs) -> Row:
    """Return the accuracy of a model on the clean pairs, with its interval by topic or question."""
    right = pair_wins(np.where(pairs.wins, gaps, -gaps), np.zeros(len(gaps)))
    clean = bootstrap_by_question(right[pairs.clean], _of(pairs.questions, pairs.clean), _rng())
    text = f"{name}: {model}, {_span(clean)}"
    if not pairs.clean.all():
        text += f"; on all {len(right)} decided pairs {right.mean():.3f}"
    if pairs.rows and model == "head on both":
        target = f"≥ {PUBLISHED:g} published"
        return Row(text, clean.value, PUBLISHED, clean.value / PUBLISHED, target, clean.value >= PUBLISHED)
    return Row(text, clean.value)


def _span(found: Interval) -> str:
    return f"accuracy [{found.low:.3f}, {found.high:.3f}], {found.n} pairs"


def _of(values: Sequence[str], mask: NDArray[np.bool_]) -> list[str]:
    return [value for value, wanted in zip(values, mask, strict=True) if wanted]


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _model() -> Any:
    from sentence_transformers import SentenceTransformer

    from rag.models.defaults import fetch_e5_small

    folder = fetch_e5_small(Path.home() / ".cache" / "pairloop" / "models")
    return SentenceTransformer(str(folder), local_files_only=True)


if __name__ == "__main__":
    main()
