"""Aggregate votes with crowd-kit; runs in crowd-kit's own environment, knows nothing of ours.

    python aggregation_peer.py VOTES.npz METHOD ROUNDS POSTERIORS.npz

VOTES holds `items`, `assessors` and `outcomes`; METHOD is majority, one_coin, dawid_skene or mace. With
ROUNDS 0 it stops where crowd-kit's own settings say, else after exactly so many rounds. Writes the
`items` and their `posteriors` (items, outcomes); prints {"seconds": .., "peak_mb": ..}: from the table of
votes to the posteriors, and of the whole process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from crowdkit.aggregation import (  # type: ignore[import-not-found,unused-ignore]
    MACE,
    DawidSkene,
    MajorityVote,
    OneCoinDawidSkene,
)

METHODS = {"majority": MajorityVote, "one_coin": OneCoinDawidSkene, "dawid_skene": DawidSkene, "mace": MACE}


def main() -> None:
    """Read the votes, aggregate them, write the posteriors, print what it took."""
    votes = np.load(sys.argv[1])
    table = pd.DataFrame({"task": votes["items"], "worker": votes["assessors"], "label": votes["outcomes"]})
    method: Any = METHODS[sys.argv[2]]
    rounds = int(sys.argv[3])
    settings: dict[str, float] = {}
    if rounds and sys.argv[2] in ("one_coin", "dawid_skene"):
        settings = {"n_iter": rounds, "tol": -1.0}  # its criterion is never below that
    elif rounds and sys.argv[2] == "mace":
        settings = {"n_iter": rounds, "n_restarts": 1}
    started = time.perf_counter()
    found = method(**settings).fit_predict_proba(table)
    seconds = time.perf_counter() - started
    posteriors = found.reindex(columns=range(4), fill_value=0.0).to_numpy()
    np.savez(sys.argv[4], items=found.index.to_numpy(), posteriors=posteriors)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
