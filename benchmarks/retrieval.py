"""Measure the retrieval modes on XQuAD-R, in Russian and English and across the two.

    python -m benchmarks.retrieval [--quick]

The unit is the paragraph: 120 in each language, 632 questions. Where passages of both languages are
searched together, the paragraph and its translation are both right (LAReQA's own task). The weight
of the fusion is chosen on every other article and everything reported comes from the articles
between. Interrupt it and start it again: vectors and finished parts are kept. The data (CC BY-SA
4.0, LAReQA) lie in `../shared/data/xquad_r`, or where `--data` says: the files of
https://github.com/google-research-datasets/lareqa, gzipped, one article a line.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import create_engine

from benchmarks.results import WORK, Row, publish
from rag.chunkers import Chunk
from rag.corpus import ChunkFilter, Corpus
from rag.documents import Document
from rag.embedders import Embedder, LocalEmbedder
from rag.evaluation import mean_of, measure_retrieval
from rag.indexes import Indexes, open_indexes
from rag.models.defaults import fetch_e5_small
from rag.retrieval import CANDIDATES, DEFAULT_MODE, MODES, Mode, Retriever, convex_combination
from rag.retrieval.fusion import DENSE_WEIGHT
from rag.retrieval.searches import Searches

DATA = Path(__file__).parents[1] / "../shared/data/xquad_r"
LANGUAGES = ("ru", "en")
PASSAGES = (("ru",), ("en",), ("ru", "en"))
WEIGHTS = tuple(round(0.1 * step, 1) for step in range(1, 10))
SINGLE: tuple[Mode, ...] = ("dense", "lexical", "tfidf")
CUTOFF = 10
QUICK_ARTICLES = 4
MEASURES = ("ndcg@10", "recall@10", "recall@1", "mrr")
TARGET = "ndcg@10"


@dataclass(frozen=True)
class Questions:
    """Hold the questions of one language, the paragraph that answers each, and its article."""

    texts: list[str]
    paragraphs: list[str]
    articles: list[int]

    def half(self, odd: bool) -> Questions:
        """Return the questions of every other article."""
        places = [at for at, article in enumerate(self.articles) if bool(article % 2) is odd]
        return Questions(
            [self.texts[at] for at in places],
            [self.paragraphs[at] for at in places],
            [self.articles[at] for at in places],
        )


class WholeText:
    """Make one chunk of a text, since here a paragraph is what is to be found."""

    version = "whole-1"

    def chunk(self, text: str) -> list[Chunk]:
        """Return the text as one chunk."""
        return [Chunk(0, len(text), text, ())]


class KeptVectors:
    """Embed every text once and keep its vector in a file, as all modes and corpora ask for the same."""

    def __init__(self, embedder: Embedder, file: Path) -> None:
        self._embedder, self._file = embedder, file
        self._known: dict[str, NDArray[np.float32]] = {}
        if file.exists():
            with np.load(file) as kept:
                self._known = {key: kept[key] for key in kept.files}

    @property
    def fingerprint(self) -> str:
        """Identify the embedder."""
        return self._embedder.fingerprint

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of questions."""
        return self._kept("query", texts, self._embedder.embed_queries)

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the vectors of texts that are searched."""
        return self._kept("passage", texts, lambda some: self._embedder.embed_passages(some, progress))

    def _kept(
        self, kind: str, texts: Sequence[str], embed: Callable[[Sequence[str]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        keys = [hashlib.sha256(f"{self.fingerprint}|{kind}|{text}".encode()).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            self._known |= dict(zip(missing, embed(list(missing.values())), strict=True))
            np.savez(self._file, **self._known)  # type: ignore[arg-type]  # the stubs want a flag here
        return np.stack([self._known[key] for key in keys])


def main() -> None:
    """Measure what is not measured yet, and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="four articles only; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with ru.jsonl.gz and en.jsonl.gz")
    options = parser.parse_args()
    if not (options.data / "ru.jsonl.gz").is_file():
        raise SystemExit(f"{options.data}: no ru.jsonl.gz; say with --data where XQuAD-R lies")
    work = WORK / ("retrieval-quick" if options.quick else "retrieval")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    articles = {
        name: _articles(options.data, name, QUICK_ARTICLES if options.quick else None) for name in LANGUAGES
    }
    embedder = KeptVectors(LocalEmbedder(_e5()), work / "vectors.npz")
    questions = {name: _questions(found) for name, found in articles.items()}
    tuning: dict[float, list[float]] = {weight: [] for weight in WEIGHTS}
    rows: list[Row] = []
    table = Table("nDCG@10", *MODES, title="All modes, on the articles not tuned on")
    for languages in PASSAGES:
        paragraphs = {name: articles[name] for name in languages}
        where = f"{' and '.join(languages)} passages"
        with _searchable(paragraphs, work / "-".join(languages), embedder) as (corpus, indexes):
            retriever = Retriever(corpus, embedder, indexes)
            for asked in LANGUAGES:
                name = f"{asked} questions, {where}"
                if len(languages) == 1:
                    _tune(questions[asked].half(odd=False), corpus, embedder, indexes, tuning)
                found = _figures(name, retriever, questions[asked].half(odd=True), languages, work)
                table.add_row(name, *(f"{np.mean(found[mode][TARGET]):.3f}" for mode in MODES))
                rows += _rows(name, found)
    publish("retrieval", [*_tuning_rows(tuning), *rows], write=not options.quick)
    Console().print(table)


def _e5() -> Path:
    return fetch_e5_small(Path.home() / ".cache" / "pairloop" / "models")


def _articles(folder: Path, language: str, count: int | None) -> list[list[dict[str, Any]]]:
    with gzip.open(folder / f"{language}.jsonl.gz", "rt", encoding="utf-8") as source:
        return [json.loads(line)["paragraphs"] for line in source][:count]


def _questions(articles: Sequence[Sequence[dict[str, Any]]]) -> Questions:
    found = [
        (question["question"], f"{number}/{at}", number)
        for number, article in enumerate(articles)
        for at, paragraph in enumerate(article)
        for question in paragraph["qas"]
    ]
    texts, paragraphs, numbers = zip(*found, strict=True)
    return Questions(list(texts), list(paragraphs), list(numbers))


def _key(language: str, paragraph: str) -> str:
    return f"{language}:{paragraph}"


@contextmanager
def _searchable(
    articles: dict[str, list[list[dict[str, Any]]]], folder: Path, embedder: Embedder
) -> Iterator[tuple[Corpus, Indexes]]:
    folder.mkdir(exist_ok=True)
    engine = create_engine(f"sqlite:///{folder / 'corpus.db'}")
    corpus = Corpus(engine)
    for language, found in articles.items():
        for number, article in enumerate(found):
            for at, paragraph in enumerate(article):
                corpus.put(Document(_key(language, f"{number}/{at}"), "", paragraph["context"]), WholeText())
    yield corpus, open_indexes(corpus, embedder, folder / "indexes")
    engine.dispose()


def _tune(
    asked: Questions,
    corpus: Corpus,
    embedder: Embedder,
    indexes: Indexes,
    tuning: dict[float, list[float]],
) -> None:
    """Add to each weight the nDCG of every question under it."""
    searches = Searches(
        asked.texts,
        CANDIDATES,
        None,
        corpus=corpus,
        embedder=embedder,
        indexes=indexes,
        tfidf=_no_tfidf,
        of_language=lambda name: np.array(corpus.chunk_ids(ChunkFilter(languages=(name,))), np.int64),
    )
    lexical = [{hit.chunk_id: hit.score for hit in hits} for hits in searches.lexical()]
    dense = searches.dense_among(
        [{h.chunk_id for h in near} | worded.keys()
         for near, worded in zip(searches.dense(), lexical, strict=True)]
    )  # fmt: skip
    keys = {chunk.id: chunk.document_key.partition(":")[2] for chunk in corpus.chunks()}
    foreign = searches.foreign([near.keys() for near in dense])
    for weight, values in tuning.items():
        for near, worded, share, other, right in zip(
            dense, lexical, searches.coverage, foreign, asked.paragraphs, strict=True
        ):
            best = convex_combination(near, worded, share, weight, other)[:CUTOFF]
            ranks = [rank for rank, hit in enumerate(best, 1) if keys[hit.chunk_id] == right]
            values.append(float(1 / np.log2(ranks[0] + 1)) if ranks else 0.0)


def _no_tfidf() -> Any:
    raise NotImplementedError("the fusion does not ask for TF-IDF")


def _figures(
    name: str, retriever: Retriever, asked: Questions, languages: Sequence[str], kept: Path
) -> dict[str, dict[str, list[float]]]:
    """Return for each mode the measures of every question, from an earlier start if it got there."""
    found: dict[str, dict[str, list[float]]] = {}
    for mode in track(MODES, description=name):
        file = kept / f"{name}, {mode}.json"
        if not file.exists():
            passages = retriever.retrieve(asked.texts, CUTOFF, mode)
            singles = [
                measure_retrieval([some], [{_key(language, right) for language in languages}], (1, CUTOFF))
                for some, right in zip(passages, asked.paragraphs, strict=True)
            ]
            figures = {measure: [one.measures[measure].value for one in singles] for measure in MEASURES}
            file.write_text(json.dumps(figures), "utf-8")
        found[mode] = json.loads(file.read_text("utf-8"))
    return found


def _tuning_rows(tuning: dict[float, list[float]]) -> list[Row]:
    means = {weight: float(np.mean(values)) for weight, values in tuning.items()}
    best = max(means, key=lambda weight: means[weight])
    return [
        *(
            Row(f"chosen on the other half: nDCG@10 of fusion, dense weight {weight}", mean)
            for weight, mean in means.items()
        ),
        Row("dense weight in use, and the best on that half", DENSE_WEIGHT, best),
    ]


def _rows(name: str, found: dict[str, dict[str, list[float]]]) -> list[Row]:
    """Return a row for each mode and measure, and those that have a target."""
    rng = np.random.default_rng(0)
    rows = []
    for measure in MEASURES:
        for mode, figures in found.items():
            mean = mean_of(figures[measure], rng)
            rows.append(
                Row(f"{name}: {measure}, {mode} [{mean.low:.3f}, {mean.high:.3f}]", mean.value or 0.0)
            )
    best = max(SINGLE, key=lambda mode: float(np.mean(found[mode][TARGET])))
    compared = [(DEFAULT_MODE, best, "≥ the best single stage")]
    if name == "ru questions, ru passages":
        compared += [
            (mode, peer, f"above {peer} alone")
            for mode in ("hierarchical", "hybrid")
            for peer in ("lexical", "dense")
        ]
    return [*rows, *(_compare(name, found, *pair, rng) for pair in compared)]


def _compare(
    name: str,
    found: dict[str, dict[str, list[float]]],
    mode: str,
    peer: str,
    target: str,
    rng: np.random.Generator,
) -> Row:
    """Set a mode beside another on the same questions; the interval is that of the difference."""
    ours, theirs = np.array(found[mode][TARGET]), np.array(found[peer][TARGET])
    gain = mean_of(list(ours - theirs), rng)
    what = f"{name}: {TARGET}, {mode} against {peer}, gain [{gain.low:+.3f}, {gain.high:+.3f}]"
    one, other = float(ours.mean()), float(theirs.mean())
    return Row(what, one, other, one / other, target, one >= other if "≥" in target else one > other)


if __name__ == "__main__":
    main()
