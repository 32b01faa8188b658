"""Measure selection from a great pool beside modAL, and the refit of the head.

    python -m benchmarks.selection [--quick] [--fresh] [--data ../shared/data]

The pool: 1,000,000 pairs of 384 features as float16 on the disk. Each is the difference of two mixtures of
real texts' vectors (see `embedded_texts`). 2,000 further pairs have labels, drawn from a Bradley-Terry
model with known weights. Each strategy selects a batch of 1,000 in a process of its own. dopt, badge and
coreset are exact: they make the picks that greedy choice (badge: the draw by D²) over all million values
makes, lazily. typiclust clusters a sample of 50,000 by lot.

modAL's ranked batch takes a batch of 100 from 10,000 pairs with 500 labels, ours the same from the same
with fitted heads on both sides: modAL values all pairs anew at each pick, over all labels, which at a batch
of 1,000 would take an hour. Interrupt it and start it again: finished runs are kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from active import BradleyTerryHead, FeatureFile, Labelled, Pool, State, strategy
from benchmarks.embedded_texts import DATA, Floats, embedded_texts, mixed
from benchmarks.results import WORK, Row, kept, publish
from benchmarks.selection_run import FINGERPRINT

STRATEGIES = ("entropy", "dopt", "badge", "coreset", "bald", "typiclust")
LIMIT_SECONDS, LIMIT_MB, RATIO, REFIT_SECONDS = 60.0, 4096.0, 100.0, 10.0
SMALL_TURNS = 9  # of some hundredths of a second each: the median stands
AT_ONCE = 50_000
LABELS = 2_000
_HERE = Path(__file__).parent


def main() -> None:
    """Run what is not yet measured, print and write the rows."""
    parser = argparse.ArgumentParser(description="Measure selection from a great pool beside modAL.")
    parser.add_argument("--quick", action="store_true", help="20,000 pairs; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    work = WORK / ("selection-quick" if options.quick else "selection")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    size, count, labels = (20_000, 100, 5_000) if options.quick else (1_000_000, 1_000, 50_000)
    vectors, topics = _vectors(options.data)
    _write_pool(work, vectors, topics, size)
    _write_labels(work, vectors, topics)
    rows = _batches(work, size, count)
    rows += _beside_modal(work, vectors, topics, 20 if options.quick else 100)
    rows += _refit(work, vectors, topics, labels)
    publish("selection", rows, write=not options.quick)


def _vectors(data: Path) -> tuple[Floats, list[str]]:
    topics, _, vectors = embedded_texts(data)
    return vectors, topics


def _pairs(vectors: Floats, topics: list[str], count: int, rng: np.random.Generator) -> Floats:
    """Return differences of mixtures, (count, 384): pairs of answers to one question are about one topic."""
    made, source = mixed(vectors, topics, count + len(vectors), rng)
    own = np.unique(topics, return_inverse=True)[1][source]
    order = np.argsort(own + rng.random(len(own)), kind="stable")  # neighbours share a topic
    apart = (made[order] - made[np.roll(order, 1)])[rng.permutation(len(order))[:count]]
    return np.asarray(apart, np.float32)


def _write_pool(work: Path, vectors: Floats, topics: list[str], size: int) -> None:
    if (work / "pool.features").exists():
        return
    rng = np.random.default_rng(1)

    def blocks() -> Iterator[Floats]:
        for start in track(range(0, size, AT_ONCE), description="pool"):
            yield _pairs(vectors, topics, min(AT_ONCE, size - start), rng)

    FeatureFile.write(
        work / "pool.features",
        blocks(),
        count=size,
        width=vectors.shape[1],
        fingerprint=FINGERPRINT,
        dtype=np.float16,
    )


def _write_labels(work: Path, vectors: Floats, topics: list[str]) -> None:
    features, targets = _labelled(vectors, topics, LABELS, 2)
    np.savez(work / "labels.npz", features=features, targets=targets)


def _labelled(vectors: Floats, topics: list[str], count: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    features = _pairs(vectors, topics, count, rng).astype(np.float64)
    weights = np.random.default_rng(0).normal(size=features.shape[1])
    logits = 3 * features @ weights / np.std(features @ weights)
    return features, (rng.random(count) < 1 / (1 + np.exp(-logits))).astype(np.float64)


def _batches(work: Path, size: int, count: int) -> list[Row]:
    rows = []
    for name in track(STRATEGIES, description="batches"):
        found = kept(work / f"{name}.json", partial(_run, work, name, count))
        what = f"a batch of {count:,} from {size:,} × 384, {name}"
        seconds, peak = found["seconds"], found["peak_mb"]
        rows.append(Row(f"seconds, {what}", seconds, None, None, "< 60", seconds < LIMIT_SECONDS))
        rows.append(Row(f"peak MB of the process, {what}", peak, None, None, "< 4096", peak < LIMIT_MB))
        rows.append(Row(f"pairs picked, all different, {what}", found["picked"]))
    return rows


def _run(work: Path, name: str, count: int) -> Any:
    files = [str(work / "pool.features"), str(work / "labels.npz")]
    command = [sys.executable, "-m", "benchmarks.selection_run", name, *files, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=_HERE.parent)
    return json.loads(done.stdout.splitlines()[-1])


def _beside_modal(work: Path, vectors: Floats, topics: list[str], count: int) -> list[Row]:
    size, labels = 10_000, 500
    features, targets = _labelled(vectors, topics, labels, 3)
    pool = _pairs(vectors, topics, size, np.random.default_rng(4)).astype(np.float64)
    peer = kept(work / "modal.json", partial(_modal, pool, features, targets, count))
    rows, what = [], f"a batch of {count} from {size:,} × 384 with {labels} labels"
    for name in ("entropy", "dopt"):
        ours = kept(work / f"small-{name}.json", partial(_small, name, pool, features, targets, count))
        ratio = peer / ours
        told = f"seconds, {what}: {name}, modAL's ranked batch"
        rows.append(Row(told, ours, peer, ratio, ">= 100 times as fast", ratio >= RATIO))
    return rows


def _modal(pool: Any, features: Any, targets: Any, count: int) -> float:
    from modAL.batch import uncertainty_batch_sampling
    from modAL.models import ActiveLearner
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # modAL uses names that scikit-learn has renamed
        learner = ActiveLearner(
            LogisticRegression(max_iter=1000), uncertainty_batch_sampling, features, targets.astype(int)
        )
        started = time.perf_counter()
        learner.query(pool, n_instances=count)
        return time.perf_counter() - started


def _small(name: str, pool: Any, features: Any, targets: Any, count: int) -> float:
    state = State(Labelled(features, targets=targets), BradleyTerryHead().fit(features, targets))
    one = strategy(name)
    one.choose(state, Pool(pool[:50]), 2, np.random.default_rng(0))  # loads what it needs
    seconds = []
    for _ in range(SMALL_TURNS):
        started = time.perf_counter()
        one.choose(state, Pool(pool), count, np.random.default_rng(0))
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))


def _refit(work: Path, vectors: Floats, topics: list[str], labels: int) -> list[Row]:
    seconds = kept(work / "refit.json", partial(_fit, vectors, topics, labels))
    what = f"seconds to refit the head on {labels:,} × 384 labels, its ridge chosen anew"
    return [Row(what, seconds, None, None, "< 10", seconds < REFIT_SECONDS)]


def _fit(vectors: Floats, topics: list[str], labels: int) -> float:
    features, targets = _labelled(vectors, topics, labels, 5)
    head = BradleyTerryHead(warm_start=True).fit(features[: labels - 1_000], targets[: labels - 1_000])
    started = time.perf_counter()
    head.fit(features, targets)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
