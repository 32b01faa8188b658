"""Search words with tantivy (BM25) over stems of our own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import tantivy

from rag.errors import IndexStaleError
from rag.indexes.base import Hit
from rag.indexes.stemming import terms

_FOLDER = "words"
_WRITER_BYTES = 50 << 20


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk_id", stored=True)
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace")
    return builder.build()


class TantivyIndex:
    """Hold the stemmed words of chunks and answer by BM25 over any of the query's words."""

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._index.reload()
        self._searcher = self._index.searcher()

    @classmethod
    def build(cls, chunks: Iterable[tuple[int, str]], folder: Path) -> Self:
        """Index (chunk id, text) pairs into a folder."""
        path = folder / _FOLDER
        path.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(_schema(), path=str(path))
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for chunk_id, text in chunks:
            writer.add_document(tantivy.Document(chunk_id=chunk_id, terms=" ".join(terms(text))))
        writer.commit()
        writer.wait_merging_threads()
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open an index that `build` wrote; raise IndexStaleError when it cannot be read."""
        try:
            return cls(tantivy.Index.open(str(folder / _FOLDER)))
        except (ValueError, OSError) as error:
            raise IndexStaleError(
                f"{folder / _FOLDER}: unreadable; remove {folder}, it is built again from the corpus"
            ) from error

    def search(self, queries: Sequence[str], count: int) -> list[list[Hit]]:
        """Return at most `count` hits for each query, best first."""
        return [self._search(query, count) for query in queries]

    def _search(self, query: str, count: int) -> list[Hit]:
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._index.schema, "terms", term))
            for term in dict.fromkeys(terms(query))
        ]
        if not clauses:
            return []
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), count).hits
        return [
            Hit(int(self._searcher.doc(address)["chunk_id"][0]), float(score)) for score, address in found
        ]
