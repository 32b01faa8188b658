"""Aggregate votes in a process of its own, so that time and memory are those of the method alone.

    python -m benchmarks.aggregation_ours VOTES.npz METHOD ROUNDS POSTERIORS.npz

The same as `aggregation_peer`, with our methods; `bradley_terry` as well.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from annotate.labelling.aggregation import METHODS, Votes, aggregate


def main() -> None:
    """Read the votes, aggregate them, write the posteriors, print what it took."""
    file = np.load(sys.argv[1])
    names = tuple(f"{number:05}" for number in range(int(file["assessors"].max()) + 1))
    votes = Votes(file["items"], file["assessors"], names, file["verdicts"], file["swapped"])
    method: Any = METHODS[sys.argv[2]]
    rounds = int(sys.argv[3])
    if rounds and sys.argv[2] != "majority":
        method = replace(method, rounds=rounds, tolerance=0.0)
    started = time.perf_counter()
    found = aggregate(votes, method)
    seconds = time.perf_counter() - started
    np.savez(sys.argv[4], items=found.item_ids, posteriors=found.posteriors)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
