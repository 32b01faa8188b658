"""Cluster a table of vectors in a process of its own.

    python -m benchmarks.clustering_run FOLDER NAME SMALLEST SAMPLE SEED

FOLDER holds `vectors.npy` and `texts.json`. Writes the labels to NAME.npy; prints {"seconds": ..,
"peak_mb": .., "method": ..}, the time UMAP takes to compile included.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from active import cluster_queries


def main() -> None:
    """Cluster, write the labels, print what it took."""
    folder, name = Path(sys.argv[1]), sys.argv[2]
    smallest, sample, seed = map(int, sys.argv[3:6])
    vectors = np.load(folder / "vectors.npy")
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    started = time.perf_counter()
    found = cluster_queries(
        vectors,
        texts,
        np.random.default_rng(seed),
        min_cluster_size=smallest,
        reduction="umap",
        sample_size=sample,
    )
    seconds = time.perf_counter() - started
    np.save(folder / f"{name}.npy", found.labels)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "method": found.method}))


if __name__ == "__main__":
    main()
