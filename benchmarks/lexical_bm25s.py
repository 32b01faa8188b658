"""Measure bm25s with its numpy backend; runs in an environment of its own, knows nothing of ours.

It gets stems, and all queries in one call: what it does fastest. The time to stem is not counted.
"""

import json
import sys
import time
from pathlib import Path

import bm25s
import psutil

folder = Path(sys.argv[1])
chunks = [line.split() for line in (folder / "chunks.stems.txt").read_text("utf-8").splitlines()]
queries = [line.split() for line in (folder / "queries.stems.txt").read_text("utf-8").splitlines()]

started = time.perf_counter()
built = bm25s.BM25(backend="numpy")
built.index(chunks, show_progress=False)
result = {"build_seconds": time.perf_counter() - started}
built.save(folder / "bm25s", show_progress=False)
del chunks, built

process = psutil.Process()
before = process.memory_info().rss
index = bm25s.BM25.load(folder / "bm25s", load_corpus=False)
known = [[stem for stem in query if stem in index.vocab_dict] or [""] for query in queries]
index.retrieve(known[:20], k=10, show_progress=False, backend_selection="numpy")
for depth in (10, 100):
    started = time.perf_counter()
    index.retrieve(known, k=depth, show_progress=False, backend_selection="numpy")
    result[f"rate_{depth}"] = len(known) / (time.perf_counter() - started)
result["disk_mb"] = sum(path.stat().st_size for path in (folder / "bm25s").rglob("*") if path.is_file()) / 1e6
result["memory_mb"] = (process.memory_info().rss - before) / 1e6
result["version"] = bm25s.__version__
sys.stdout.write(json.dumps(result) + "\n")
