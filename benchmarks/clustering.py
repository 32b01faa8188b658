"""Measure clustering beside BERTopic's path of UMAP and HDBSCAN, and how like the full method a sample is.

    python -m benchmarks.clustering [--quick] [--fresh] [--data ../shared/data] [--peers FOLDER]

100,000 texts × 384: all real texts of the shared data (questions, passages, arguments, English and Russian)
embedded by the small multilingual e5, and mixtures of two texts of one topic (see `embedded_texts`). Ours is
`cluster_queries` by UMAP with its own settings, names of the clusters included; up to this size it clusters
every row. BERTopic is its own class with its own models and settings, but for `min_topic_size`, which is that
of ours; only its reduction and clustering are timed. Beside them a sample of 10,000 is clustered, which the
rest joins; how well two whole runs agree that differ in nothing but their seeds is the ceiling of what it can
reach. Index: the adjusted Rand index, outliers counted as one more cluster. Interrupt it and start it again:
finished runs are kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks.embedded_texts import DATA, embedded_texts, mixed
from benchmarks.peers import PEERS, run_in
from benchmarks.results import WORK, Row, kept, publish

BERTOPIC = "bertopic==0.17.4"
LIMIT_SECONDS, RATIO = 180.0, 5.0
_HERE = Path(__file__).parent


def main() -> None:
    """Run what is not yet measured, print and write the rows."""
    parser = argparse.ArgumentParser(description="Measure clustering beside BERTopic.")
    parser.add_argument("--quick", action="store_true", help="4,000 texts; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--peers", type=Path, default=PEERS, help="where the peers' environments lie")
    options = parser.parse_args()
    work = WORK / ("clustering-quick" if options.quick else "clustering")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    size, sample = (4_000, 1_000) if options.quick else (100_000, 10_000)
    truth = _write(work, options.data, size)
    smallest = max(3, round(size**0.5 / 2))
    found = {
        "ours": kept(work / "ours.json", partial(_ours, work, "ours", smallest, size)),
        "peer": kept(work / "peer.json", partial(_theirs, work, smallest, options.peers)),
        "sample": kept(work / "sample.json", partial(_ours, work, "sample", smallest, sample)),
        "again": kept(work / "again.json", partial(_ours, work, "again", smallest, size, seed=1)),
    }
    publish("clustering", _rows(work, size, sample, found, truth), write=not options.quick)


def _write(work: Path, data: Path, size: int) -> Any:
    topics, texts, vectors = embedded_texts(data)
    rows, source = mixed(vectors, topics, size, np.random.default_rng(0))
    np.save(work / "vectors.npy", rows)
    (work / "texts.json").write_text(json.dumps([texts[place] for place in source.tolist()]), "utf-8")
    return np.unique(topics, return_inverse=True)[1][source]


def _ours(work: Path, name: str, smallest: int, sample: int, seed: int = 0) -> Any:
    arguments = [str(work), name, str(smallest), str(sample), str(seed)]
    command = [sys.executable, "-m", "benchmarks.clustering_run", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=_HERE.parent)
    return json.loads(done.stdout.splitlines()[-1])


def _theirs(work: Path, smallest: int, peers: Path) -> Any:
    arguments: list[str | Path | float] = [work, smallest]
    script = _HERE / "clustering_peer.py"
    return run_in("bertopic", [BERTOPIC], script, arguments, folder=peers, borrow=True)


def _rows(work: Path, size: int, sample: int, found: dict[str, Any], truth: Any) -> list[Row]:
    what = f"{size:,} × 384"
    seconds, other = found["ours"]["seconds"], found["peer"]["seconds"]
    labels = {name: np.load(work / f"{name}.npy") for name in found}

    def alike(one: Any, another: Any) -> float:
        return float(adjusted_rand_score(one, another))

    rows = [
        Row(f"seconds to cluster {what}", seconds, None, None, "< 180", seconds < LIMIT_SECONDS),
        Row(f"seconds to cluster {what}, BERTopic's UMAP and HDBSCAN", seconds, other, other / seconds,
            ">= 5 times as fast", other / seconds >= RATIO),
        Row(f"seconds to cluster {what}, by a sample of {sample:,}", found["sample"]["seconds"]),
        Row("adjusted Rand index of two runs of ours", alike(labels["ours"], labels["again"])),
        Row(f"adjusted Rand index of a sample of {sample:,} against ours",
            alike(labels["ours"], labels["sample"])),
        Row("adjusted Rand index of ours against BERTopic", alike(labels["ours"], labels["peer"])),
    ]  # fmt: skip
    mine, theirs, drawn = (alike(truth, labels[name]) for name in ("ours", "peer", "sample"))
    rows.append(Row("adjusted Rand index against the topics; peer: BERTopic", mine, theirs, mine / theirs))
    rows.append(Row(f"adjusted Rand index of a sample of {sample:,} against the topics", drawn))
    for name in ("ours", "peer", "sample"):
        rows.append(Row(f"clusters, {name}", float(labels[name].max() + 1)))
        rows.append(Row(f"share of outliers, {name}", float(np.mean(labels[name] < 0))))
        rows.append(Row(f"peak MB of the process, {name}", found[name]["peak_mb"]))
    return rows


if __name__ == "__main__":
    main()
