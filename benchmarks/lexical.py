"""Measure search by words against bm25s and SQLite's FTS5, and the latency of hybrid search.

    python -m benchmarks.lexical [--quick]

Chunks are sentences of XQuAD-R, half Russian and half English, drawn and joined again to about
100 words; queries are its questions. All engines search any of the query's stems, in a process
each, one core. Ours stems the queries while the clock runs, the peers get them stemmed; bm25s
answers them in one call. Interrupt it and start it again: finished parts are kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.peers import run_in
from benchmarks.results import WORK, Row, kept, publish
from rag.indexes.stemming import terms
from rag.language import sentences

DATA = Path(__file__).parents[1] / "../shared/data/xquad_r"
MODELS = Path.home() / ".cache" / "pairloop" / "models"
PEER = Path(__file__).with_name("lexical_bm25s.py")
PACKAGES = ("bm25s", "numpy", "psutil")
SIZES, QUICK_SIZES = (1_000, 10_000, 100_000), (1_000, 3_000)
WORDS = 100  # of a chunk, about
QUERIES, QUICK_QUERIES = 1_000, 100
HYBRID_QUESTIONS = 200
BM25S_TARGET, FTS5_TARGET, LATENCY_TARGET_MS = 10.0, 20.0, 50.0
MILLION = 1_000_000


def main() -> None:
    """Measure what is not measured yet, and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="few chunks and queries; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with {ru,en}.jsonl.gz of XQuAD-R")
    options = parser.parse_args()
    sizes = QUICK_SIZES if options.quick else SIZES
    work = WORK / ("lexical-quick" if options.quick else "lexical")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    tasks = [(size, engine) for size in sizes for engine in ("tantivy", "fts5", "bm25s", "hybrid")]
    found: dict[tuple[int, str], dict[str, float]] = {}
    for size, engine in track(tasks, description="measuring"):
        folder = work / str(size)
        if not (folder / "queries.txt").exists():
            write_texts(options.data, folder, size, QUICK_QUERIES if options.quick else QUERIES)
        found[size, engine] = kept(folder / f"{engine}.json", partial(_measure, folder, engine))
    rows = [row for size in sizes for row in _engine_rows(size, found, judged=size == SIZES[-1])]
    rows += [row for size in sizes for row in _hybrid_rows(size, found[size, "hybrid"])]
    publish("lexical", rows + _million_rows(sizes[-2:], found), write=not options.quick)


def _measure(folder: Path, engine: str) -> Any:
    if engine == "bm25s":
        return run_in("bm25s", PACKAGES, PEER, [folder])
    if engine == "hybrid":
        built = _child("benchmarks.lexical_hybrid", folder, MODELS, "build")
        return built | _child("benchmarks.lexical_hybrid", folder, MODELS, "time")
    return _child("benchmarks.lexical_engines", engine, folder)


def _child(module: str, *arguments: str | Path) -> Any:
    """Run a module of ours in a process of its own; return what its last line says, read as JSON."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    surroundings = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=surroundings, check=False)
    if done.returncode:
        raise SystemExit(f"{module} failed with status {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def write_texts(data: Path, folder: Path, size: int, queries: int) -> None:
    """Write chunks and queries, both also as stems, questions for the hybrid, and paragraphs to embed."""
    rng = np.random.default_rng(0)
    corpora = [list(_paragraphs(data / f"{language}.jsonl.gz")) for language in ("ru", "en")]
    chunks: list[str] = []
    for paragraphs in corpora:
        parts = [one for context, _ in paragraphs for one in sentences(context)]
        chunks += [_joined(parts, rng) for _ in range(size // 2)]
    questions = [question for paragraphs in corpora for _, asked in paragraphs for question in asked]
    drawn = [questions[n] for n in rng.permutation(len(questions))[:queries]]
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "chunks.txt", chunks)
    _write(folder / "chunks.stems.txt", [" ".join(terms(text)) for text in chunks])
    _write(folder / "centres.txt", [context for paragraphs in corpora for context, _ in paragraphs])
    _write(folder / "questions.txt", drawn[:HYBRID_QUESTIONS])
    _write(folder / "queries.stems.txt", [" ".join(terms(text)) for text in drawn])
    _write(folder / "queries.txt", drawn)  # the last: it says that all are there


def _paragraphs(file: Path) -> Iterator[tuple[str, list[str]]]:
    if not file.exists():
        raise SystemExit(f"{file}: not there; name the folder of XQuAD-R with --data")
    for line in gzip.decompress(file.read_bytes()).decode().splitlines():
        for paragraph in json.loads(line)["paragraphs"]:
            context = " ".join(paragraph["context"].replace("\ufeff", "").split())
            yield context, [" ".join(qa["question"].split()) for qa in paragraph["qas"]]


def _joined(parts: list[str], rng: np.random.Generator) -> str:
    chosen: list[str] = []
    count = 0
    while count < WORDS:
        chosen.append(parts[rng.integers(len(parts))])
        count += len(chosen[-1].split())
    return " ".join(chosen)


def _write(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines) + "\n", "utf-8")


def _engine_rows(size: int, found: dict[tuple[int, str], dict[str, float]], *, judged: bool) -> Iterator[Row]:
    ours = found[size, "tantivy"]
    for peer, target in (("bm25s", BM25S_TARGET), ("fts5", FTS5_TARGET)):
        theirs = found[size, peer]
        for depth in (10, 100):
            ratio = ours[f"rate_{depth}"] / theirs[f"rate_{depth}"]
            yield Row(
                f"{size:,} chunks, queries a second, top {depth}, {peer}",
                *(ours[f"rate_{depth}"], theirs[f"rate_{depth}"], ratio),
                target=f"≥ {target:g} times" if judged else "",
                holds=ratio >= target if judged else None,
            )
        for name, key in (
            ("seconds to build", "build_seconds"),
            ("MB on disk", "disk_mb"),
            ("MB of memory", "memory_mb"),
        ):
            yield Row(
                f"{size:,} chunks, {name}, {peer}", ours[key], theirs[key], theirs[key] / max(ours[key], 1e-9)
            )


def _hybrid_rows(size: int, hybrid: dict[str, float]) -> Iterator[Row]:
    judged = size == SIZES[-1]
    for name, key in (("without", "search"), ("with", "all")):
        yield Row(f"{size:,} chunks, hybrid p50 ms, {name} embedding the question", hybrid[f"{key}_p50_ms"])
        p95 = hybrid[f"{key}_p95_ms"]
        yield Row(
            f"{size:,} chunks, hybrid p95 ms, {name} embedding the question",
            p95,
            target=f"< {LATENCY_TARGET_MS:g}" if judged else "",
            holds=p95 < LATENCY_TARGET_MS if judged else None,
        )
    for name, key in (
        ("MB of memory", "memory_mb"),
        ("MB on disk", "disk_mb"),
        ("seconds to build without embedding", "build_seconds"),
        ("seconds to open", "open_seconds"),
    ):
        yield Row(f"{size:,} chunks, hybrid, {name}", hybrid[key])


def _million_rows(sizes: tuple[int, ...], found: dict[tuple[int, str], dict[str, float]]) -> list[Row]:
    """Carry memory and disk on to a million chunks along the line through the two largest sizes."""
    rows = []
    for name, key in (("MB of memory", "memory_mb"), ("MB on disk", "disk_mb")):
        low, high = (found[size, "hybrid"][key] for size in sizes)
        slope = (high - low) / (sizes[1] - sizes[0])
        rows.append(
            Row(f"a million chunks, hybrid, {name}, extrapolated", high + slope * (MILLION - sizes[1]))
        )
    return rows


if __name__ == "__main__":
    main()
