"""Measure one lexical engine in a process of its own, so that its memory can be told.

    python -m benchmarks.lexical_engines ENGINE FOLDER

FOLDER holds `chunks.txt` and `queries.txt`, a line each; with `.stems` in their names, the same as
stems. The last line on stdout is the result as JSON.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil

from rag.indexes.tantivy_index import TantivyIndex

DEPTHS = (10, 100)
Search = Callable[[str, int], object]


def main() -> None:
    """Build, search, and print what it took."""
    engine, folder = sys.argv[1], Path(sys.argv[2])
    place = folder / engine
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    ours = engine == "tantivy"
    build, load = (build_tantivy, tantivy) if ours else (build_fts5, fts5)
    queries = read(folder / ("queries.txt" if ours else "queries.stems.txt"))
    started = time.perf_counter()
    build(place, read(folder / ("chunks.txt" if ours else "chunks.stems.txt")))
    result = {"build_seconds": time.perf_counter() - started}
    before = psutil.Process().memory_info().rss
    result |= rates(load(place), queries)
    result["memory_mb"] = (psutil.Process().memory_info().rss - before) / 1e6
    result["disk_mb"] = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6
    print(json.dumps(result))


def build_tantivy(folder: Path, texts: Sequence[str]) -> None:
    """Index texts with our default, stemming included."""
    TantivyIndex.build(enumerate(texts), folder)


def tantivy(folder: Path) -> Search:
    """Search with our default, stemming included."""
    index = TantivyIndex.load(folder)
    return lambda query, count: index.search([query], count)


def read(file: Path) -> list[str]:
    """Read the lines of a file."""
    return file.read_text("utf-8").splitlines()


def build_fts5(folder: Path, stems: Sequence[str]) -> None:
    """Index stems with SQLite's FTS5."""
    with sqlite3.connect(folder / "words.db") as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(stems, tokenize='unicode61')")
        connection.executemany("INSERT INTO words(rowid, stems) VALUES (?, ?)", enumerate(stems, start=1))
    connection.close()


def fts5(folder: Path) -> Search:
    """Search with FTS5's BM25 over any of the query's stems, as all engines here do."""
    connection = sqlite3.connect(folder / "words.db")

    def search(query: str, count: int) -> object:
        wanted = " OR ".join(f'"{stem}"' for stem in dict.fromkeys(query.split()))
        statement = "SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
        return connection.execute(statement, (wanted, count)).fetchall()

    return search


def rates(search: Search, queries: Sequence[str]) -> dict[str, float]:
    """Return queries a second and milliseconds a query, one query after another, for each depth."""
    result: dict[str, float] = {}
    for query in queries[:20]:
        search(query, 10)
    for depth in DEPTHS:
        seconds = []
        for query in queries:
            started = time.perf_counter()
            search(query, depth)
            seconds.append(time.perf_counter() - started)
        result[f"rate_{depth}"] = len(seconds) / sum(seconds)
        result[f"p50_ms_{depth}"], result[f"p95_ms_{depth}"] = np.percentile(seconds, [50, 95]) * 1e3
    return result


if __name__ == "__main__":
    main()
