"""Embed the real texts of the shared data once, and mix more vectors from them where those do not suffice."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.results import WORK

Floats = NDArray[np.float32]
DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
AT_ONCE = 256
SHORTEST = 20  # characters of a sentence that is worth embedding


def read_texts(data: Path) -> list[tuple[str, str]]:
    """Return (topic, text) of the different questions, arguments and sentences, English and Russian, by lot.

    A topic is a question with the passages found for it, an article, or a side of an argument.
    """
    found = {text.strip(): topic for topic, text in _texts(data) if len(text.strip()) >= SHORTEST}
    texts = sorted(found)
    return [(found[texts[place]], texts[place]) for place in np.random.default_rng(0).permutation(len(texts))]


def embedded_texts(data: Path) -> tuple[list[str], list[str], Floats]:
    """Return the topics and texts of `read_texts`, with unit vectors by the small multilingual e5, (n, 384).

    They are embedded on the first call, in pieces that are kept, so that an interrupted start goes on.
    """
    topics, texts = map(list, zip(*read_texts(data), strict=True))
    folder = WORK / "embedded" / str(len(texts))
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(texts), AT_ONCE)
    if missing := [start for start in starts if not (folder / f"{start}.npy").exists()]:
        from rag.embedders import LocalEmbedder
        from rag.models.defaults import fetch_e5_small

        embedder = LocalEmbedder(fetch_e5_small(Path.home() / ".cache" / "pairloop" / "models"))
        for start in track(missing, description="embedding"):
            vectors = embedder.embed_queries(texts[start : start + AT_ONCE])
            part = folder / f"{start}.part.npy"
            np.save(part, np.asarray(vectors, np.float32))
            part.rename(folder / f"{start}.npy")
    return topics, texts, np.vstack([np.load(folder / f"{start}.npy") for start in starts])


def mixed(
    vectors: Floats, topics: list[str], count: int, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.int64]]:
    """Return `count` unit vectors and the row that each comes from: all real ones first, then mixtures.

    A mixture is w·x + (1 − w)·y of two real texts x and y of one topic, w uniform in [0.5, 1], with Gaussian
    noise of a tenth of its length. So clusters are as many, as uneven and as close as real topics are.
    """
    own: NDArray[np.int64] = np.arange(min(count, len(vectors)))
    if count <= len(vectors):
        return vectors[:count], own
    numbers = np.unique(topics, return_inverse=True)[1]
    order = np.argsort(numbers, kind="stable")
    starts, sizes = np.searchsorted(numbers[order], np.arange(numbers.max() + 1)), np.bincount(numbers)
    source = rng.integers(len(vectors), size=count - len(vectors))
    of = numbers[source]
    other = order[starts[of] + rng.integers(sizes[of])]
    weight = rng.uniform(0.5, 1.0, size=(len(source), 1)).astype(np.float32)
    made = weight * vectors[source] + (1 - weight) * vectors[other]
    made += rng.standard_normal(made.shape, dtype=np.float32) * np.float32(0.1 / np.sqrt(made.shape[1]))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return np.vstack([vectors, made]), np.concatenate([own, source])


def _texts(data: Path) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(_rows(data / "qa_feedback" / "feedback.jsonl.gz")):
        yield f"question {number}", row["question"]
        for _, *sentences in row["passages"]:
            yield from ((f"question {number}", sentence) for sentence in sentences)
    for language in ("en", "ru"):
        for article in _rows(data / "xquad_r" / f"{language}.jsonl.gz"):
            for paragraph in article["paragraphs"]:
                yield from ((article["title"], question["question"]) for question in paragraph["qas"])
                yield article["title"], paragraph["context"]
    for row in _rows(data / "convincing_arguments" / "arguments.jsonl.gz"):
        yield row["topic"], row["text"]
    for row in _rows(data / "pandalm" / "testset-v1.jsonl.gz"):
        yield str(row["motivation_app"]), row["instruction"]


def _rows(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        raise SystemExit(f"no data at {file.parent}: name the folder of the shared data with --data")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
