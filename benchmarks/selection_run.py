"""Select one batch in a process of its own, so that its peak memory is its own.

    python -m benchmarks.selection_run STRATEGY POOL LABELS.npz COUNT

POOL is a file of features, LABELS holds `features` and `targets`. Prints {"seconds": .., "fit_seconds": ..,
"peak_mb": .., "picked": ..}: `seconds` from opening the pool to the batch with its explanations, the fit of
the head included; `peak_mb` of the whole process, pages of the mapped file included.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from active import BradleyTerryHead, FeatureFile, Labelled, Pool, select_batch

FINGERPRINT = "benchmark"


def main() -> None:
    """Select the batch and print what it took."""
    name, file, labels, count = sys.argv[1], Path(sys.argv[2]), np.load(sys.argv[3]), int(sys.argv[4])
    labelled = Labelled(labels["features"], targets=labels["targets"])
    select_batch("random", Pool(labelled.features[:50]), labelled, 2, rng=np.random.default_rng(0))  # loads
    started = time.perf_counter()
    BradleyTerryHead().fit(labelled.features, labelled.targets)
    fit_seconds = time.perf_counter() - started
    started = time.perf_counter()
    pool = Pool(FeatureFile.open(file, FINGERPRINT).rows)
    batch = select_batch(name, pool, labelled, count, rng=np.random.default_rng(0))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": seconds, "fit_seconds": fit_seconds, "peak_mb": peak}
    print(json.dumps(told | {"picked": len(set(batch.indices.tolist()))}))


if __name__ == "__main__":
    main()
