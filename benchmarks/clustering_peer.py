"""Reduce and cluster vectors by BERTopic; runs in BERTopic's own environment, knows nothing of ours.

    python clustering_peer.py FOLDER SMALLEST

FOLDER holds `vectors.npy`. Writes the labels to peer.npy; prints {"seconds": .., "peak_mb": ..}: of the
reduction by UMAP and the clustering by HDBSCAN, with BERTopic's own models and settings, and of the process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from bertopic import BERTopic  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    """Cluster, write the labels, print what it took."""
    folder, smallest = Path(sys.argv[1]), int(sys.argv[2])
    vectors = np.load(folder / "vectors.npy")
    documents = pd.DataFrame({"Document": "", "ID": range(len(vectors)), "Topic": None})
    model = BERTopic(min_topic_size=smallest)
    started = time.perf_counter()
    reduced = model._reduce_dimensionality(vectors)  # what fit_transform calls
    documents, _ = model._cluster_embeddings(reduced, documents)
    seconds = time.perf_counter() - started
    np.save(folder / "peer.npy", documents.sort_values("ID").Topic.to_numpy(dtype=np.int64))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
