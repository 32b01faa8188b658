"""Bring documents in, and build the indexes that fit them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.progress import Progress, Reporter, Silent
from rag import Document, Failure, ingest
from rag.parsers.base import Columns, ParserOptions
from rag.parsers.site_rules import load_site_rules
from rag.sources.crawler import CrawlRules, crawl_site
from rag.sources.files import read_files
from rag.sources.json_api import read_json_api
from rag.sources.json_api_settings import ApiSettings
from rag.sources.pydoc_topics import COLLECTION as PYDOC
from rag.sources.pydoc_topics import read_topics
from rag.sources.rules import FetchRules
from rag.sources.sitemap import read_sitemap
from rag.sources.web import read_pages

Source = Callable[[Progress], Iterable[Document | Failure]]


@dataclass(frozen=True)
class WebSources:
    """Make sources of web addresses; each stands under the name that its report will have."""

    rules: FetchRules
    options: ParserOptions
    collection: str = ""

    def pages(self, urls: Sequence[str]) -> dict[str, Source]:
        """Read single pages; as one source, so that a host of several is asked politely."""
        if not urls:
            return {}
        return {
            ", ".join(urls): lambda progress: read_pages(
                urls, self.collection, rules=self.rules, options=self.options, progress=progress
            )
        }

    def sitemaps(self, urls: Sequence[str]) -> dict[str, Source]:
        """Read the pages that sitemaps list."""
        read = partial(read_sitemap, collection=self.collection, rules=self.rules, options=self.options)
        return {url: _source(read, url) for url in urls}

    def crawls(self, urls: Sequence[str], depth: int) -> dict[str, Source]:
        """Read the pages that addresses link to, so many links away."""
        read = partial(
            crawl_site,
            collection=self.collection,
            crawl=CrawlRules(depth=depth, max_pages=self.rules.max_pages),
            rules=self.rules,
            options=self.options,
        )
        return {url: _source(read, url) for url in urls}

    def json_apis(self, files: Sequence[Path]) -> dict[str, Source]:
        """Read the rows of JSON interfaces; raise rag.CorpusError for settings that are wrong."""
        read = partial(read_json_api, collection=self.collection, rules=self.rules, options=self.options)
        return {str(file): _source(read, ApiSettings.load(file)) for file in files}


def _source(read: Callable[..., Iterable[Document | Failure]], target: Any) -> Source:
    return lambda progress: read(target, progress=progress)


def parser_options(columns: str | None, sites: Path | None, layout: bool) -> ParserOptions:
    """Read options as a person writes them: `text=body,title=name`, a file of site rules.

    Several text columns are joined by `+`. Raises JobError or rag.DocumentError where they are wrong.
    """
    return ParserOptions(
        columns=_columns(columns) if columns else None,
        sites=load_site_rules(sites) if sites else (),
        layout=layout,
    )


def _columns(text: str) -> Columns:
    found = dict(part.partition("=")[::2] for part in text.split(",") if part.strip())
    named = {key.strip(): value.strip() for key, value in found.items()}
    known = {"text", "title", "id", "date"}
    if not named.get("text") or not named.keys() <= known or not all(named.values()):
        raise JobError(f"--columns {text}: write text=COLUMN and, if there are, title=, id= and date=")
    return Columns(tuple(named.pop("text").split("+")), **named)


def ingest_path(
    context: Context,
    path: Path,
    collection: str | None = None,
    reporter: Reporter | None = None,
    options: ParserOptions | None = None,
) -> dict[str, Any]:
    """Ingest a folder or a file; return counts and the failures with their reasons.

    A folder stands for its whole collection: what is no longer in it leaves the corpus.
    Raises rag.CorpusError when nothing is there to read.
    """
    name = collection or (path.resolve().name if path.is_dir() else "files")
    return ingest_source(
        context,
        f"reading {path.name}",
        lambda progress: read_files(path, name, options=options, progress=progress),
        reporter,
        whole_collection=path.is_dir(),
    )


def ingest_source(
    context: Context,
    label: str,
    source: Source,
    reporter: Reporter | None = None,
    *,
    whole_collection: bool = False,
) -> dict[str, Any]:
    """Ingest what a source yields; return counts and the failures with their reasons."""
    with (reporter or Silent()).track(label) as progress:
        report = ingest(
            source(progress), context.corpus, context.preparation, whole_collection=whole_collection
        )
    return {
        "changed": len(report.changed),
        "unchanged": len(report.unchanged),
        "removed": len(report.removed),
        "failed": [{"document": failure.key, "reason": failure.reason} for failure in report.failed],
    }


def ingest_python_reference(context: Context, topics: int | None = None) -> dict[str, Any]:
    """Ingest the language reference that ships inside CPython, or its first `topics` topics."""
    items: Iterable[Document | Failure] = list(read_topics())[:topics]
    report = ingest(items, context.corpus, context.preparation)
    return {"collection": PYDOC, "changed": len(report.changed), "unchanged": len(report.unchanged)}


def build_indexes(context: Context, reporter: Reporter | None = None) -> str:
    """Embed what is new and build the indexes; return their fingerprint."""
    with (reporter or Silent()).track("embedding passages") as progress:
        return context.retriever(progress).fingerprint


def corpus_size(context: Context) -> dict[str, Any]:
    """Count documents and chunks."""
    size = context.corpus.size()
    return {
        "documents": size.documents,
        "failed": size.failed,
        "chunks": size.chunks,
        "junk": size.junk,
        "duplicates": size.duplicates,
        "languages": size.languages,
    }
