"""Search words with tantivy (BM25) over stems of our own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Self

import tantivy

from rag.errors import IndexStaleError
from rag.indexes.base import REBUILD, Hit, Version, batched, folder_bytes
from rag.indexes.stemming import terms

_FOLDER = "words"
_WRITER_BYTES = 50 << 20
_FILTER_UP_TO = 10_000  # ids; more are cheaper to look for among the hits
_COMMON_FROM = 10_000  # chunks; below, every term is searched, however common
_BATCH = 1_000  # rows between two deletions of older ones
_INDEX_OPTION = "freq"  # what BM25 needs; positions would only serve phrases


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk_id", indexed=True, fast=True)
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option=_INDEX_OPTION)
    return builder.build()


class TantivyIndex:
    """Hold the stemmed words of chunks and answer by BM25 over any of the query's words."""

    def __init__(self, index: tantivy.Index, place: Path) -> None:
        self._index = index
        self._schema = index.schema
        self._place = place
        self._writing = Lock()
        self._refresh()

    @classmethod
    def build(cls, chunks: Iterable[tuple[int, str]], folder: Path) -> Self:
        """Index (chunk id, text) pairs into a folder."""
        path = folder / _FOLDER
        path.mkdir(parents=True, exist_ok=True)
        index = cls(tantivy.Index(_schema(), path=str(path)), path)
        index.add(chunks)
        return index

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open an index that `build` wrote; raise IndexStaleError when it cannot be read."""
        path = folder / _FOLDER
        with _reading(path):
            return cls(tantivy.Index.open(str(path)), path)

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """Index texts under distinct chunk ids, in place of older ones."""
        with self._changing() as writer:
            for some in batched(rows, _BATCH):
                if len(self):
                    writer.delete_documents_by_query(self._any_of(chunk_id for chunk_id, _ in some))
                for chunk_id, text in some:
                    document = tantivy.Document(terms=" ".join(terms(text)))
                    document.add_unsigned("chunk_id", chunk_id)
                    writer.add_document(document)

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        with self._changing() as writer:
            # By query: deletion by term takes the id for a signed number and finds nothing.
            for some in batched(ids, _BATCH):
                writer.delete_documents_by_query(self._any_of(some))

    def search(
        self, queries: Sequence[str], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each query, best first; a filter never makes them fewer than match."""
        searcher = self._searcher
        count = min(count, searcher.num_docs)
        if count == 0 or (allowed is not None and not allowed):
            return [[] for _ in queries]
        with _reading(self._place):
            look = self._looking(searcher, count, allowed)
            return [self._best(searcher, query, count, look) for query in queries]

    def __len__(self) -> int:
        """Count the chunks."""
        return int(self._searcher.num_docs)

    def close(self) -> None:
        """Do nothing: the files are let go of with the object."""

    @contextmanager
    def _changing(self) -> Iterator[tantivy.IndexWriter]:
        with self._writing, _reading(self._place):
            writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
            try:
                yield writer
                writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                writer.wait_merging_threads()  # lets go of the writer's lock, too
            self._refresh()

    def _refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    def _any_of(self, ids: Iterable[int]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, "chunk_id", [n for n in ids if n >= 0])

    def _looking(
        self, searcher: tantivy.Searcher, count: int, allowed: Collection[int] | None
    ) -> Callable[[tantivy.Query], list[Hit]]:
        """Return the cheapest way to the best `count` hits among the allowed."""
        if allowed is None:
            return lambda query: self._hits(searcher, query, count)
        if len(allowed) > _FILTER_UP_TO:
            chosen = frozenset(allowed)
            return lambda query: self._among(searcher, query, count, chosen)
        only = (tantivy.Occur.Must, tantivy.Query.const_score_query(self._any_of(allowed), 0.0))
        return lambda query: self._hits(
            searcher, tantivy.Query.boolean_query([only, (tantivy.Occur.Must, query)]), count
        )

    def _best(
        self,
        searcher: tantivy.Searcher,
        query: str,
        count: int,
        look: Callable[[tantivy.Query], list[Hit]],
    ) -> list[Hit]:
        wanted = list(dict.fromkeys(terms(query)))
        telling = self._telling(searcher, wanted)
        hits = look(self._query(telling)) if wanted else []
        if len(hits) < count and len(telling) < len(wanted):
            hits = look(self._query(wanted))
        return hits

    def _telling(self, searcher: tantivy.Searcher, wanted: list[str]) -> list[str]:
        """Leave out terms of more than half of many chunks: they tell nothing and cost the most.

        In Robertson's BM25 such a term weighs less than nothing; tantivy adds 1 to keep it above.
        """
        if searcher.num_docs < _COMMON_FROM:
            return wanted
        most = searcher.num_docs / 2
        return [term for term in wanted if searcher.doc_freq("terms", term) <= most] or wanted

    def _query(self, wanted: Iterable[str]) -> tantivy.Query:
        return tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "terms", term, _INDEX_OPTION))
                for term in wanted
            ]
        )

    def _hits(self, searcher: tantivy.Searcher, query: tantivy.Query, count: int) -> list[Hit]:
        # Without a count tantivy may skip whole blocks that cannot reach the best.
        found = searcher.search(query, count, count=False).hits
        ids = searcher.fast_field_values("chunk_id", [address for _, address in found])
        return [Hit(int(n or 0), float(score)) for n, (score, _) in zip(ids, found, strict=True)]

    def _among(
        self, searcher: tantivy.Searcher, query: tantivy.Query, count: int, chosen: frozenset[int]
    ) -> list[Hit]:
        total = int(searcher.num_docs)
        depth = min(total, 2 * count * max(1, total // len(chosen)))
        while True:
            found = self._hits(searcher, query, depth)
            hits = [hit for hit in found if hit.chunk_id in chosen]
            if len(hits) >= count or len(found) < depth or depth == total:
                return hits[:count]
            depth = min(total, 4 * depth)


class TantivyBackend:
    """Keep each version as a folder of files."""

    format = "tantivy-2"
    remote = False
    extends = True

    def has(self, version: Version) -> bool:
        """Tell whether the files are there."""
        return (version.folder / _FOLDER / "meta.json").is_file()

    @contextmanager
    def building(self, version: Version, base: Version | None) -> Iterator[TantivyIndex]:
        """Yield an index in the version's folder, empty or a copy of `base`."""
        if base:
            shutil.copytree(base.folder / _FOLDER, version.folder / _FOLDER)
            yield TantivyIndex.load(version.folder)
        else:
            yield TantivyIndex.build([], version.folder)

    def open(self, version: Version) -> TantivyIndex:
        """Open a version; raise IndexStaleError when it cannot be read."""
        return TantivyIndex.load(version.folder)

    def drop(self, version: Version) -> None:
        """Do nothing: all there is goes with the folder."""

    def size_bytes(self, version: Version) -> int:
        """Return the size of the files."""
        return folder_bytes(version.folder / _FOLDER)


@contextmanager
def _reading(place: Path) -> Iterator[None]:
    """Turn what tantivy says of broken files into IndexStaleError.

    Some of it comes as a panic of Rust, which Python sees as a BaseException without a public name.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, ValueError | OSError) or type(error).__name__ == "PanicException":
            raise IndexStaleError(f"{place}: unreadable; {REBUILD}") from error
        raise
