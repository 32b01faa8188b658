"""Find the passages for questions: run the mode, then everything that the settings ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from rag.corpus import ChunkFilter, Corpus, StoredChunk
from rag.embedders import Embedder
from rag.errors import ContenderError
from rag.indexes import Indexes
from rag.indexes.base import LexicalIndex
from rag.rerankers import Reranker
from rag.retrieval.candidates import Candidates, search_steps
from rag.retrieval.explanation import Explanation, Step
from rag.retrieval.modes import STRATEGIES
from rag.retrieval.passages import Passage
from rag.retrieval.searches import Searches
from rag.retrieval.settings import Mode, Retrieval

AT_ONCE = 4  # batches that `aretrieve` works on at the same time
_WORDS_ONLY: tuple[Mode, ...] = ("lexical", "tfidf")


class Retriever:
    """Answer queries from one version of the indexes; safe to call from several threads."""

    def __init__(
        self,
        corpus: Corpus,
        embedder: Embedder,
        indexes: Indexes,
        reranker: Reranker | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        """Take what to search in; `at_once` bounds the threads of `aretrieve`."""
        self._corpus, self._embedder, self._indexes = corpus, embedder, indexes
        self._reranker = reranker
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="retrieve")
        self._tfidf: LexicalIndex | None = None
        self._languages: dict[str, NDArray[np.int64]] = {}
        self._lock = Lock()

    @property
    def embedder(self) -> Embedder:
        """Return the embedder that the indexes were made with."""
        return self._embedder

    @property
    def fingerprint(self) -> str:
        """Identify the version of the indexes."""
        return self._indexes.fingerprint

    @property
    def reranker(self) -> Reranker | None:
        """Return what reranks, or None where nothing does."""
        return self._reranker

    def retrieve(
        self,
        queries: Sequence[str],
        count: int | None = None,
        mode: Mode | None = None,
        settings: Retrieval | None = None,
    ) -> list[list[Passage]]:
        """Return at most `count` passages for each query, best first, with their neighbours if wanted.

        `count` and `mode` replace those of the settings. Raises ContenderError where the settings
        ask for a reranker and there is none.
        """
        return [list(found.passages) for found in self.explain(queries, count, mode, settings)]

    async def aretrieve(
        self,
        queries: Sequence[str],
        count: int | None = None,
        mode: Mode | None = None,
        settings: Retrieval | None = None,
    ) -> list[list[Passage]]:
        """Do what `retrieve` does in a thread; at most `at_once` calls run, the others wait their turn."""
        work = partial(self.retrieve, queries, count, mode, settings)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def explain(
        self,
        queries: Sequence[str],
        count: int | None = None,
        mode: Mode | None = None,
        settings: Retrieval | None = None,
    ) -> list[Explanation]:
        """Return for each query its passages and every step that led to them."""
        chosen = settings or Retrieval()
        chosen = replace(
            chosen,
            count=chosen.count if count is None else count,
            mode=chosen.mode if mode is None else mode,
        )
        if chosen.rerank and self._reranker is None:
            raise ContenderError("retrieval: rerank is set, but the retriever was given no reranker")
        if not queries:
            return []
        allowed = None if chosen.filter is None else frozenset(self._corpus.chunk_ids(chosen.filter))
        if allowed is not None and not allowed:
            nothing = (Step("filter", note="no chunk is allowed"),)
            return [Explanation(query, chosen, nothing, ()) for query in queries]
        return self._explain(queries, chosen, allowed, chosen.depth, chosen.looked_at)

    def _explain(
        self,
        queries: Sequence[str],
        settings: Retrieval,
        allowed: Collection[int] | None,
        depth: int,
        looked_at: int,
    ) -> list[Explanation]:
        searches = self._searches(queries, depth, allowed)
        ranked = STRATEGIES[settings.mode](searches)
        seen = [hits[:looked_at] for hits in ranked]
        chunks = searches.read(hit.chunk_id for hits in seen for hit in hits)
        drafts = []
        for place, (query, hits) in enumerate(zip(queries, seen, strict=True)):
            draft = Candidates(query, list(hits), chunks)
            draft.steps = self._first_steps(searches, place, settings, allowed, draft)
            self._refine(draft, settings)
            drafts.append(draft)
        results = self._finish(drafts, searches, settings)
        # Where so much was left out that the count is not full, a deeper search may still fill it.
        short = [
            place
            for place, (draft, hits) in enumerate(zip(drafts, ranked, strict=True))
            if len(draft.hits) < settings.count and len(hits) >= looked_at
        ]
        if short:
            asked = [queries[place] for place in short]
            deeper = self._explain(asked, settings, allowed, 4 * depth, 4 * depth)
            for place, explanation in zip(short, deeper, strict=True):
                results[place] = explanation
        return results

    def _searches(self, queries: Sequence[str], depth: int, allowed: Collection[int] | None) -> Searches:
        return Searches(
            queries,
            depth,
            allowed,
            corpus=self._corpus,
            embedder=self._embedder,
            indexes=self._indexes,
            tfidf=self._open_tfidf,
            of_language=self._of_language,
        )

    @staticmethod
    def _first_steps(
        searches: Searches,
        place: int,
        settings: Retrieval,
        allowed: Collection[int] | None,
        draft: Candidates,
    ) -> list[Step]:
        steps = [] if allowed is None else [Step("filter", note=f"{len(allowed)} chunks allowed")]
        steps += search_steps(searches.found, searches.seconds, place, len(searches.queries))
        if "coverage" in searches.seconds:
            note = f"words weigh {searches.coverage[place]:.2f} of their share"
            steps.append(Step(settings.mode, tuple(draft.hits), note))
        elif settings.mode not in searches.found:
            steps.append(Step(settings.mode, tuple(draft.hits)))
        return steps

    def _refine(self, draft: Candidates, settings: Retrieval) -> None:
        """Rerank, weigh by age, and leave out what repeats itself."""
        if settings.rerank and self._reranker is not None:
            draft.rerank(self._reranker, settings.rerank)
        draft.prefer_recent(settings)
        if settings.near_identical is not None:
            wanted = settings.looked_at if settings.diversity else settings.count
            draft.drop_near_identical(settings.near_identical, wanted)

    def _finish(
        self, drafts: Sequence[Candidates], searches: Searches, settings: Retrieval
    ) -> list[Explanation]:
        if settings.diversity:
            vectors = self._vectors(drafts)
            for draft in drafts:
                draft.diversify(vectors, settings.count, settings.diversity)
        best = [draft.hits[: settings.count] for draft in drafts]
        if settings.mode not in _WORDS_ONLY:
            searches.dense_among([[hit.chunk_id for hit in hits] for hits in best])
        passages = [
            [_passage(draft, hit.chunk_id, hit.score, searches, place) for hit in hits]
            for place, (draft, hits) in enumerate(zip(drafts, best, strict=True))
        ]
        if settings.neighbours:
            passages = self._with_neighbours(passages, settings.neighbours)
        return [
            Explanation(draft.query, settings, tuple(draft.steps), tuple(found))
            for draft, found in zip(drafts, passages, strict=True)
        ]

    def _vectors(self, drafts: Sequence[Candidates]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of all candidates by text hash, from the cache as far as they are there."""
        chunks = [draft.chunks[hit.chunk_id] for draft in drafts for hit in draft.hits]
        texts = {chunk.text_hash: chunk.searchable for chunk in chunks}
        vectors = self._corpus.embeddings(self._embedder.fingerprint, list(texts))
        missing = [text_hash for text_hash in texts if text_hash not in vectors]
        if missing:
            made = self._embedder.embed_passages([texts[text_hash] for text_hash in missing])
            vectors |= dict(zip(missing, made, strict=True))
        return vectors

    def _with_neighbours(self, passages: Sequence[Sequence[Passage]], width: int) -> list[list[Passage]]:
        """Put around each passage those beside it in its document, in the order of the document."""
        ids = sorted({passage.chunk_id for some in passages for passage in some})
        around = self._corpus.neighbours(ids, width)
        wanted = sorted({chunk_id for some in around.values() for chunk_id in some})
        chunks = {chunk.id: chunk for chunk in self._corpus.chunks(wanted)} if wanted else {}
        return [_surrounded(some, around, chunks) for some in passages]

    def _of_language(self, language: str) -> NDArray[np.int64]:
        """Return the sorted ids of a language's chunks, asked for once: an index version is fixed."""
        with self._lock:
            if language not in self._languages:
                ids = self._corpus.chunk_ids(ChunkFilter(languages=(language,)))
                self._languages[language] = np.sort(np.array(ids, np.int64))
            return self._languages[language]

    def _open_tfidf(self) -> LexicalIndex:
        """Return the TF-IDF index, made in memory when it is first asked for."""
        from rag.indexes.tfidf_index import TfidfIndex

        with self._lock:
            if self._tfidf is None:
                self._tfidf = TfidfIndex.build(
                    (chunk.id, chunk.searchable) for chunk in self._corpus.chunks()
                )
            return self._tfidf


def _passage(draft: Candidates, chunk_id: int, score: float, searches: Searches, place: int) -> Passage:
    chunk = draft.chunks[chunk_id]
    ranks = {
        name: rank
        for name, found in searches.found.items()
        for rank, hit in enumerate(found[place], 1)
        if hit.chunk_id == chunk_id
    }
    return Passage(
        *(chunk.id, chunk.document_key, chunk.title, chunk.text, chunk.text_hash),
        score=score,
        similarity=searches.similarities[place].get(chunk_id),
        ranks=ranks,
        published=chunk.published,
        language=chunk.language,
    )


def _surrounded(
    passages: Sequence[Passage], around: dict[int, list[int]], chunks: dict[int, StoredChunk]
) -> list[Passage]:
    found = {passage.chunk_id: passage for passage in passages}
    placed: dict[int, Passage] = {}
    for passage in passages:
        for chunk_id in around.get(passage.chunk_id, [passage.chunk_id]):
            if chunk_id in placed:
                continue
            if chunk_id in found:
                placed[chunk_id] = found[chunk_id]
            elif chunk_id in chunks:
                placed[chunk_id] = _neighbour(chunks[chunk_id], passage)
    return list(placed.values())


def _neighbour(chunk: StoredChunk, of: Passage) -> Passage:
    return Passage(
        *(chunk.id, chunk.document_key, chunk.title, chunk.text, chunk.text_hash),
        score=0.0,
        similarity=of.similarity,
        published=chunk.published,
        language=chunk.language,
        neighbour_of=of.chunk_id,
    )
