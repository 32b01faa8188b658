"""Prepare a document for the corpus: judge it, cut it, and note what its chunks are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rag.chunkers import Chunk, Chunker
from rag.documents import Document
from rag.language import detect_language

if TYPE_CHECKING:
    from rag.cleaning.junk import JunkClassifier

ENRICHMENT = "dates-1,keywords-1,entities-1"


@dataclass(frozen=True)
class PreparedChunk:
    """Hold a chunk with its language, its keywords and the entities it mentions as (name, kind)."""

    chunk: Chunk
    language: str
    keywords: tuple[str, ...] = ()
    entities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PreparedDocument:
    """Hold all that the corpus stores about one document; `junk` is the reason to leave it out."""

    document: Document
    chunks: list[PreparedChunk]
    published: date | None = None
    junk: str | None = None
    signature: bytes | None = None


@dataclass(frozen=True)
class Preparation:
    """Say how documents are prepared; the parts that are left out do nothing.

    `duplicate_threshold` is the Jaccard similarity above which two documents count as one.
    """

    chunker: Chunker
    junk: JunkClassifier | None = None
    duplicate_threshold: float | None = None
    enriched: bool = False

    @classmethod
    def of(
        cls,
        chunker: Chunker,
        *,
        junk: bool = True,
        duplicate_threshold: float | None = 0.8,
        enriched: bool = True,
    ) -> Preparation:
        """Return a preparation with every part, or with those that are wanted."""
        if not junk:
            return cls(chunker, None, duplicate_threshold, enriched)
        from rag.cleaning.junk import JunkClassifier

        return cls(chunker, JunkClassifier.load(), duplicate_threshold, enriched)

    @property
    def version(self) -> str:
        """Name the method of every part: a document prepared by another version is prepared again."""
        parts = [self.chunker.version]
        if self.junk is not None:
            parts.append(self.junk.version)
        if self.duplicate_threshold is not None:
            from rag.cleaning.near_duplicates import SIGNATURE_VERSION

            parts.append(f"{SIGNATURE_VERSION}@{self.duplicate_threshold}")
        if self.enriched:
            parts.append(ENRICHMENT)
        return "|".join(parts)

    def prepare(self, document: Document, *, keep: bool = False) -> PreparedDocument:
        """Return the document judged and cut; with `keep` it is not judged."""
        reason = None if keep else self._junk_reason(document)
        return PreparedDocument(
            document,
            chunks=[] if reason else self._chunks(document),
            published=document.published or (_published(document) if self.enriched else None),
            junk=reason,
            signature=None if reason or self.duplicate_threshold is None else _signature(document.text),
        )

    def _junk_reason(self, document: Document) -> str | None:
        if self.junk is None:
            return None
        verdict = self.junk.judge(document.text, document.language)
        return verdict.reason if verdict.is_junk else None

    def _chunks(self, document: Document) -> list[PreparedChunk]:
        chunks = self.chunker.chunk(document.text)
        languages = [detect_language(chunk.text) for chunk in chunks]
        if not self.enriched:
            return [PreparedChunk(*pair) for pair in zip(chunks, languages, strict=True)]
        return _enrich(chunks, languages)


def _enrich(chunks: Sequence[Chunk], languages: Sequence[str]) -> list[PreparedChunk]:
    from rag.entities import find_entities_in
    from rag.keywords import keywords

    named: dict[int, tuple[tuple[str, str], ...]] = {}
    for language in sorted(set(languages)):
        places = [at for at, spoken in enumerate(languages) if spoken == language]
        found = find_entities_in([chunks[at].text for at in places], language)
        for at, entities in zip(places, found, strict=True):
            named[at] = tuple(dict.fromkeys((entity.name, entity.kind) for entity in entities))
    return [
        PreparedChunk(chunk, language, tuple(keywords(chunk.text, language)), named[at])
        for at, (chunk, language) in enumerate(zip(chunks, languages, strict=True))
    ]


def _published(document: Document) -> date | None:
    from rag.dates import find_published

    return find_published(document.text, document.language)


def _signature(text: str) -> bytes:
    from rag.cleaning.near_duplicates import pack, signature

    return pack(signature(text))


def as_preparation(how: Preparation | Chunker) -> Preparation:
    """Return a preparation; a bare chunker keeps every document and looks for nothing in it."""
    return how if isinstance(how, Preparation) else Preparation(how)
