"""Prove that gaps are found and closed: three topics without a label among twelve.

    python -m benchmarks.gaps [--quick] [--fresh] [--data ../shared/data]

UKPConvArg1: pairs of arguments on twelve topics, the clean part of the gold labels. In each seed three topics
drawn by lot have no label in the labelled seed of 400 pairs. The texts are clustered, `find_gaps` ranks the
clusters by what labels they lack, knowing neither topics nor what was removed. Recall@k: the share of the
removed topics that own most texts of one of the k clusters ranked first; by lot: in an order drawn by lot.

Closing: batches of 20, in which `find_gaps` gives the clusters quotas, beside batches by lot from the same
pool. A topic is closed when the head, fitted on all labels so far, is as often right on the topic's held-out
pairs as a head whose labelled seed of 400 was drawn from all topics (the mean of five such seeds): when it is
as if the topic had never been left out. Test pairs share texts with the pool. Counted are
all labels bought until then, those of other topics too; a topic still open after 600 counts as 600,
which flatters the lot. Intervals: bootstrap over seeds, 95 %. Start it again: finished seeds are kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from active import (
    BradleyTerryHead,
    ClusterStats,
    GapKind,
    Labelled,
    Pool,
    bootstrap_interval,
    cluster_queries,
    find_gaps,
    select_batch,
)
from active.arrays import FloatArray, IntArray
from benchmarks.embedded_texts import DATA, embedded_texts
from benchmarks.results import WORK, Row, kept, publish

REMOVED, SEED_LABELS, BATCH, MOST, DRAWS = 3, 400, 20, 600, 5
AT = (3, 5)
POOL, TEST_SHARE = 4_000, 0.3


@dataclass(frozen=True, eq=False)
class Table:
    """Hold all pairs: features (n, d), targets (n,), topic numbers (n,), and the two texts of each."""

    features: FloatArray
    targets: FloatArray
    topics: IntArray
    sides: IntArray
    texts: tuple[str, ...]
    vectors: FloatArray
    text_topics: IntArray


def main() -> None:
    """Run the seeds that are not yet measured, print and write the rows."""
    parser = argparse.ArgumentParser(description="Prove that gaps are found and closed.")
    parser.add_argument("--quick", action="store_true", help="two seeds; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    work = WORK / "gaps"
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    seeds = range(2 if options.quick else 20)
    read_table(options.data)  # embeds the texts where they are not yet
    with ProcessPoolExecutor(2) as processes:
        jobs = processes.map(_kept_seed, [(work, options.data, seed) for seed in seeds])
        found = list(track(jobs, description="seeds", total=len(seeds)))
    publish("gaps", _rows(found), write=not options.quick)


def read_table(data: Path) -> Table:
    """Return the clean pairs of UKPConvArg1 with differences of embeddings as features."""
    _, known, vectors = embedded_texts(data)
    place = {text: row for row, text in enumerate(known)}
    texts = {row["id"]: row for row in _read(data, "arguments") if row["text"].strip() in place}
    ids = {name: number for number, name in enumerate(texts)}
    own = np.asarray([vectors[place[row["text"].strip()]] for row in texts.values()], dtype=np.float64)
    own -= own.mean(axis=0)
    pairs = [
        row
        for row in _read(data, "pairs")
        if row["strict"] and row["gold"] in ("a1", "a2") and row["a1"] in ids and row["a2"] in ids
    ]
    names = sorted({_topic(row["topic"]) for row in texts.values()})
    sides = np.array([[ids[row["a1"]], ids[row["a2"]]] for row in pairs])
    return Table(
        features=own[sides[:, 0]] - own[sides[:, 1]],
        targets=np.array([row["gold"] == "a1" for row in pairs], dtype=np.float64),
        topics=np.array([names.index(_topic(row["topic"])) for row in pairs]),
        sides=sides,
        texts=tuple(row["text"] for row in texts.values()),
        vectors=own,
        text_topics=np.array([names.index(_topic(row["topic"])) for row in texts.values()]),
    )


def run_seed(table: Table, seed: int) -> dict[str, Any]:
    """Return what one seed found: recall at each k, ours and by lot, and the labels to close each topic."""
    rng = np.random.default_rng(seed)
    removed = rng.choice(len(set(table.topics.tolist())), size=REMOVED, replace=False)
    clusters = _clusters(table, rng)
    test, pool, first = _split(table, removed, rng)
    gaps = _label_gaps(clusters[np.concatenate([pool, first])], clusters[first])
    owners = _owners(table, clusters)
    by_lot = [rng.permutation(list(owners)).tolist() for _ in range(200)]
    goals = _goals(table, removed, test, rng)
    return {
        "recall": {str(k): _recall([gap for gap, _ in gaps[:k]], owners, removed) for k in AT},
        "lot": {
            str(k): float(np.mean([_recall(order[:k], owners, removed) for order in by_lot])) for k in AT
        },
        "clusters": len(owners),
        "closed": {
            arm: list(_closed(table, clusters, test, pool, first, goals, arm, seed).values())
            for arm in ("gaps", "lot")
        },
    }


def _closed(
    table: Table,
    clusters: IntArray,
    test: IntArray,
    pool: IntArray,
    first: IntArray,
    goals: Mapping[int, float],
    arm: str,
    seed: int,
) -> dict[int, int]:
    """Return how many labels were bought until each topic was closed."""
    rng = np.random.default_rng([seed, len(arm)])
    labelled, left, head = first, pool, BradleyTerryHead(warm_start=True)
    closed: dict[int, int] = {}
    while len(closed) < len(goals) and len(labelled) - len(first) < MOST:
        quotas = None
        if arm == "gaps":
            quotas = _quotas(_label_gaps(clusters[np.concatenate([left, labelled])], clusters[labelled]))
        batch = select_batch(
            "random", Pool(table.features[left], clusters=clusters[left]),
            _labelled(table, labelled, clusters), BATCH, rng=rng, quotas=quotas,
        )  # fmt: skip
        labelled = np.concatenate([labelled, left[batch.indices]])
        left = np.delete(left, batch.indices)
        head.fit(table.features[labelled], table.targets[labelled])
        for topic, goal in goals.items():
            if topic not in closed and _accuracy(head, table, test[table.topics[test] == topic]) >= goal:
                closed[topic] = len(labelled) - len(first)
    return {topic: closed.get(topic, MOST) for topic in goals}


def _quotas(gaps: list[tuple[int, int]]) -> dict[int, int] | None:
    """Give the clusters that lack most labels the batch less its audit, an equal share each."""
    chosen = [cluster for cluster, _ in gaps[:REMOVED]]
    return {cluster: int(0.85 * BATCH) // len(chosen) for cluster in chosen} or None


def _label_gaps(queries: IntArray, labels: IntArray) -> list[tuple[int, int]]:
    """Return (cluster, labels needed) of the clusters that lack labels, greatest impact first."""
    stats = [
        ClusterStats(int(one), str(one), int(np.sum(queries == one)), int(np.sum(labels == one)))
        for one in np.unique(queries)
        if one >= 0
    ]
    return [(gap.cluster, gap.labels_needed) for gap in find_gaps(stats) if gap.kind is GapKind.LABELS]


def _clusters(table: Table, rng: np.random.Generator) -> IntArray:
    """Return the cluster of each pair: that of the middle of its two texts."""
    found = cluster_queries(table.vectors, table.texts, rng, reduction="umap")
    return found.assign(table.vectors[table.sides].mean(axis=1))


def _owners(table: Table, clusters: IntArray) -> dict[int, int]:
    """Return the topic that most pairs of each cluster are on."""
    return {int(one): int(np.bincount(table.topics[clusters == one]).argmax()) for one in np.unique(clusters)}


def _split(table: Table, removed: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray, IntArray]:
    """Return test pairs, pool pairs and the labelled seed, which knows nothing of the removed topics."""
    order = rng.permutation(len(table.targets))
    test, rest = np.split(order, [int(TEST_SHARE * len(order))])
    first = rest[~np.isin(table.topics[rest], removed)][:SEED_LABELS]
    return test, rest[~np.isin(rest, first)][:POOL], first


def _goals(table: Table, removed: IntArray, test: IntArray, rng: np.random.Generator) -> dict[int, float]:
    """Return how often a head is right on each topic whose seed was drawn from all topics."""
    rest = np.setdiff1d(np.arange(len(table.targets)), test)
    reached: dict[int, list[float]] = {int(topic): [] for topic in removed}
    for _ in range(DRAWS):
        known = rng.choice(rest, size=SEED_LABELS, replace=False)
        head = BradleyTerryHead().fit(table.features[known], table.targets[known])
        for topic, found in reached.items():
            found.append(_accuracy(head, table, test[table.topics[test] == topic]))
    return {topic: float(np.mean(found)) for topic, found in reached.items()}


def _accuracy(head: BradleyTerryHead, table: Table, rows: IntArray) -> float:
    return float(np.mean(head.predict(table.features[rows]) == table.targets[rows]))


def _recall(clusters: list[int], owners: Mapping[int, int], removed: IntArray) -> float:
    return len({owners[one] for one in clusters} & set(removed.tolist())) / len(removed)


def _labelled(table: Table, rows: IntArray, clusters: IntArray) -> Labelled:
    return Labelled(table.features[rows], clusters=clusters[rows], targets=table.targets[rows])


def _kept_seed(job: tuple[Path, Path, int]) -> Any:
    work, data, seed = job
    return kept(work / f"{seed}.json", lambda: run_seed(read_table(data), seed))


def _rows(found: list[dict[str, Any]]) -> list[Row]:
    rng, rows = np.random.default_rng(0), []
    for k in AT:
        ours, lot = ([one[arm][str(k)] for one in found] for arm in ("recall", "lot"))
        low, high = bootstrap_interval(np.subtract(ours, lot), rng)
        among = np.mean([one["clusters"] for one in found])
        what = f"recall@{k} of 3 removed topics among {among:.0f} clusters"
        rows.append(
            Row(f"{what}, by lot ({low:+.2f} … {high:+.2f})", float(np.mean(ours)), float(np.mean(lot)),
                float(np.mean(ours) / np.mean(lot)), "better than by lot", low > 0)
        )  # fmt: skip
    closed, by_lot = (np.array([one["closed"][arm] for one in found], float) for arm in ("gaps", "lot"))
    low, high = bootstrap_interval((by_lot - closed).mean(axis=1), rng)
    rows.append(
        Row(f"labels to close a removed topic, by lot (saves {low:.0f} … {high:.0f})", float(closed.mean()),
            float(by_lot.mean()), float(by_lot.mean() / closed.mean()), "fewer than by lot", low > 0)
    )  # fmt: skip
    for name, values in (("quotas from gaps", closed), ("by lot", by_lot)):
        inside = float(np.mean(values < MOST))
        rows.append(Row(f"share of topics closed within {MOST:,} labels, {name}", inside))
        rows.append(Row(f"labels to close a removed topic, median, {name}", float(np.median(values))))
        rows.append(Row(f"labels until all three are closed, mean, {name}", float(values.max(axis=1).mean())))
    return rows


def _topic(side: str) -> str:
    return side.split("_")[0]


def _read(data: Path, name: str) -> list[dict[str, Any]]:
    file = data / "convincing_arguments" / f"{name}.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
