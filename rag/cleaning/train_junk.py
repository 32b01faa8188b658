"""Train the junk classifier, and measure it on sources and on kinds of junk that it has not seen.

    python -m rag.cleaning.train_junk ../shared/data/xquad_r [--dry-run]

Writes `letter_pairs.json` and `junk.json` beside this file. What the installed packages and programs hold
differs from machine to machine, and the figures with it; the draws are seeded.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rag.cleaning.junk import WEIGHTS, Curve, JunkClassifier
from rag.cleaning.junk_features import FEATURES, measure
from rag.cleaning.junk_samples import Sample, found_junk, good_records, good_texts, made_junk
from rag.cleaning.junk_samples.found import UNSEEN as UNSEEN_FOUND
from rag.cleaning.junk_samples.made import UNSEEN as UNSEEN_MADE
from rag.cleaning.letter_pairs import LETTER_PAIRS, usual_letter_pairs
from rag.language import detect_language, words

SEED = 20_240
UNSEEN = UNSEEN_FOUND | UNSEEN_MADE
FALSE_DROP_SHARE = 0.007
"""The threshold lets this share of the good training texts go, out of fold. The promise is 0.005 of good
passages; the training texts also hold fragments of tables and of programs' output, the first to go."""
PENALTY = 3.0
QUANTILES = (0.1, 0.35, 0.65, 0.95)
FOLDS = 5
PASSAGES = ("passage", "short passage", "short passage with titles", "article", "guideline", "note")
PROSE = ("passage", "guideline", "reference", "page of help")
_USUAL_SHARE = 0.985  # of the letter pairs of good prose


def main() -> None:
    """Gather, train, measure on what was held out, print and write."""
    parser = argparse.ArgumentParser(description="Train the junk classifier.")
    parser.add_argument(
        "xquad", type=Path, help="the folder that holds XQuAD-R's ru.jsonl.gz and en.jsonl.gz"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write no weights")
    options = parser.parse_args()
    samples = gather(options.xquad, np.random.default_rng(SEED))
    write_letter_pairs(sample for sample in samples if sample.kind in PROSE)
    values = np.array(
        [measure(s.text, detect_language(s.text)) for s in track(samples, description="measuring")]
    )
    dropped = cross_validate(values, samples)
    figures = _figures(samples, dropped)
    _print(samples, dropped, figures)
    if not options.dry_run:
        WEIGHTS.write_text(_as_json(fit(values, samples), figures), "utf-8")


def gather(xquad: Path, rng: np.random.Generator) -> list[Sample]:
    """Return good texts and junk, found on this machine and made from what was found."""
    good = good_texts(xquad)
    return [*good, *good_records(good, rng), *made_junk(good, rng), *found_junk(rng)]


def cross_validate(values: NDArray[np.float64], samples: Sequence[Sample]) -> NDArray[np.bool_]:
    """Say of each text whether it is dropped by a model that saw neither its source nor a kind in UNSEEN.

    The threshold of each of these models is drawn from its own training texts too.
    """
    from sklearn.model_selection import GroupKFold

    known = np.array([sample.kind not in UNSEEN for sample in samples])
    dropped = np.zeros(len(samples), bool)
    folds = GroupKFold(FOLDS).split(values, groups=[_group(sample) for sample in samples])
    for inside, outside in track(list(folds), description="cross-validating"):
        rows = inside[known[inside]]
        model = fit(values[rows], [samples[row] for row in rows])
        dropped[outside] = model.probabilities(values[outside]) >= model.threshold
    return dropped


def _group(sample: Sample) -> int:
    """Return a number for the source of a text: folds are cut by it."""
    return crc32(f"{SEED}:{sample.source}".encode())


def write_letter_pairs(good: Iterable[Sample]) -> None:
    """Write the letter pairs that make up 98.5 % of good prose, by alphabet."""
    counts: dict[str, Counter[str]] = {"ru": Counter(), "en": Counter()}
    alphabet = {"ru": re.compile("[а-я]{2,}"), "en": re.compile("[a-z]{2,}")}
    for sample in good:
        text = " ".join(words(sample.text))
        for run in alphabet[sample.language].findall(text):
            counts[sample.language].update(a + b for a, b in pairwise(run))
    usual = {language: " ".join(sorted(_most(found))) for language, found in counts.items()}
    LETTER_PAIRS.write_text(json.dumps(usual, ensure_ascii=False, indent=1) + "\n", "utf-8")
    usual_letter_pairs.cache_clear()


def _most(counts: Counter[str]) -> list[str]:
    total, covered, usual = sum(counts.values()), 0, []
    for pair, count in counts.most_common():
        if covered > _USUAL_SHARE * total:
            break
        covered += count
        usual.append(pair)
    return usual


def fit(values: NDArray[np.float64], samples: Sequence[Sample]) -> JunkClassifier:
    """Fit an additive logistic regression in which each kind of text has the same weight.

    The threshold is drawn from predictions out of fold, folds being cut by source.
    """
    from sklearn.model_selection import GroupKFold

    is_junk = np.array([sample.is_junk for sample in samples])
    groups = [_group(sample) for sample in samples]
    weights = _sample_weights(samples)
    out_of_fold = np.empty(len(samples))
    for inside, outside in GroupKFold(FOLDS).split(values, is_junk, groups):
        part = _fit_curves(values[inside], is_junk[inside], weights[inside])
        out_of_fold[outside] = part.probabilities(values[outside])
    threshold = max(float(np.quantile(out_of_fold[~is_junk], 1 - FALSE_DROP_SHARE)), 0.5)
    return replace(_fit_curves(values, is_junk, weights), threshold=threshold)


def _fit_curves(
    values: NDArray[np.float64], is_junk: NDArray[np.bool_], weights: NDArray[np.float64]
) -> JunkClassifier:
    """Fit one slope between each two knots of each measure."""
    from sklearn.linear_model import LogisticRegression

    knots = [_knots(column) for column in values.T]
    steps = [_steps(column, at) for column, at in zip(values.T, knots, strict=True)]
    model = LogisticRegression(C=PENALTY, max_iter=3000)
    model.fit(np.hstack(steps), is_junk, sample_weight=weights)
    ends = np.cumsum([step.shape[1] for step in steps])[:-1]
    intercept, curves = float(model.intercept_[0]), []
    for column, at, slopes in zip(values.T, knots, np.split(model.coef_[0], ends), strict=True):
        evidence = np.concatenate([[0.0], np.cumsum(slopes)])
        usual = float(np.interp(column[~is_junk], at, evidence).mean())
        intercept += usual
        curves.append(Curve(at, evidence - usual, float(column[~is_junk].mean())))
    return JunkClassifier(tuple(curves), intercept, 0.5, _version())


def _knots(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least value and some quantiles of those above it: many measures are mostly zero."""
    least = column.min()
    above = column[column > least + 1e-6]
    return np.asarray(np.unique([least, *(np.quantile(above, QUANTILES) if len(above) else ())]))


def _steps(column: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far a value has come between each two knots, from 0 to 1."""
    return np.asarray(np.clip((column[:, None] - knots[:-1]) / np.diff(knots), 0, 1))


def _sample_weights(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Return weights that sum to the number of samples, alike for both classes and for all kinds in one."""
    kinds = Counter((s.is_junk, s.kind, s.language) for s in samples)
    classes = Counter(is_junk for is_junk, _, _ in kinds)
    weights = np.array([1 / kinds[s.is_junk, s.kind, s.language] / classes[s.is_junk] for s in samples])
    return np.asarray(weights * len(samples) / weights.sum())


def _version() -> str:
    return f"junk-{datetime.now(UTC).date().isoformat()}"


def _figures(samples: Sequence[Sample], dropped: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """Return precision, recall and the share of good texts that are dropped, by language."""
    junk = np.array([s.is_junk for s in samples])
    unseen = np.array([s.kind in UNSEEN for s in samples])
    passage = np.array([s.kind in PASSAGES for s in samples])
    found: dict[str, dict[str, float]] = {}
    for language in ("ru", "en"):
        of = np.array([s.language == language for s in samples])
        found[language] = {
            "precision": float(junk[of & dropped].mean()),
            "recall": float(dropped[of & junk].mean()),
            "recall of seen kinds": float(dropped[of & junk & ~unseen].mean()),
            "recall of unseen kinds": float(dropped[of & junk & unseen].mean()),
            "good passages dropped": float(dropped[of & passage].mean()),
            "good texts dropped": float(dropped[of & ~junk].mean()),
            "good passages": int((of & passage).sum()),
            "good texts": int((of & ~junk).sum()),
            "junk texts": int((of & junk).sum()),
        }
    return found


def _print(
    samples: Sequence[Sample], dropped: NDArray[np.bool_], figures: dict[str, dict[str, float]]
) -> None:
    console = Console()
    table = Table(title="out of fold, by source", title_justify="left")
    for column in ("", *figures):
        table.add_column(column)
    for name in figures["ru"]:
        table.add_row(name, *(f"{figures[language][name]:.4g}" for language in figures))
    console.print(table)
    kinds: dict[tuple[bool, str, str], list[bool]] = defaultdict(list)
    for sample, out in zip(samples, dropped.tolist(), strict=True):
        kinds[sample.is_junk, sample.kind, sample.language].append(out)
    table = Table(title="dropped, by kind (* never trained on)", title_justify="left")
    for column in ("kind", "language", "texts", "dropped"):
        table.add_column(column)
    for (is_junk, kind, language), found in sorted(kinds.items()):
        mark = f"{'junk' if is_junk else 'good'}: {kind}{' *' if kind in UNSEEN else ''}"
        table.add_row(mark, language, str(len(found)), f"{np.mean(found):.1%}")
    console.print(table)


def _as_json(model: JunkClassifier, figures: dict[str, dict[str, float]]) -> str:
    stored = {
        "version": model.version,
        "trained": datetime.now(UTC).date().isoformat(),
        "threshold": round(model.threshold, 4),
        "intercept": round(model.intercept, 5),
        "out of fold": {
            language: {name: round(value, 4) for name, value in row.items()}
            for language, row in figures.items()
        },
        "features": [
            {
                "name": feature.name,
                "usual": round(curve.usual, 5),
                "knots": curve.knots.round(5).tolist(),
                "evidence": curve.evidence.round(4).tolist(),
            }
            for feature, curve in zip(FEATURES, model.curves, strict=True)
        ],
    }
    return json.dumps(stored, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    main()
