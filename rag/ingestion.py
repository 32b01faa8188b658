"""Bring documents into the corpus: find, parse, chunk, store; incrementally."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rag.chunkers import Chunker
from rag.corpus import Corpus
from rag.documents import Document, Failure
from rag.errors import CorpusError, DocumentError
from rag.parsers import parser_for
from rag.parsers.worker import ParserWorker

Progress = Callable[[int, int], None]


@dataclass
class IngestReport:
    """Tell what happened to each document of one ingestion."""

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Count the documents that were looked at."""
        return len(self.changed) + len(self.unchanged) + len(self.failed)


def ingest(
    items: Iterable[Document | Failure], corpus: Corpus, chunker: Chunker, *, whole_collection: bool = True
) -> IngestReport:
    """Store the documents that are new or changed.

    With `whole_collection`, documents of the same collections that are no longer among the
    items are removed. Each document is a transaction of its own, so that an interrupted
    ingestion goes on where it stopped.
    """
    report = IngestReport()
    present: dict[str, list[str]] = {}
    for item in items:
        present.setdefault(item.key.partition(":")[0], []).append(item.key)
        if isinstance(item, Failure):
            corpus.put_failure(item)
            report.failed.append(item)
        else:
            (report.changed if corpus.put(item, chunker) else report.unchanged).append(item.key)
    if whole_collection:
        for collection, keys in present.items():
            report.removed += corpus.remove_missing(collection, keys)
    return report


def find_files(root: Path) -> list[Path]:
    """List the files below a folder that have a parser, without hidden ones and links.

    Raises CorpusError when there is none.
    """
    if not root.exists():
        raise CorpusError(f"{root}: no such file or folder")
    if root.is_file():
        return [root]
    files = sorted(
        path
        for path in root.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and parser_for(path.suffix)
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )
    if not files:
        raise CorpusError(f"{root}: no document here that a parser can read")
    return files


def read_files(
    root: Path, collection: str, *, progress: Progress = lambda _done, _total: None
) -> Iterator[Document | Failure]:
    """Parse the files below a folder, or one file, in a limited worker process."""
    files = find_files(root)
    base = root if root.is_dir() else root.parent
    with ParserWorker() as worker:
        for count, path in enumerate(files, start=1):
            key = f"{collection}:{_printable(path.relative_to(base).as_posix())}"
            source = _printable(str(path))
            try:
                title, text = worker.parse(path)
                if not text.strip():
                    raise DocumentError("empty document")
                yield Document(key, title or _printable(path.stem), text, source)
            except (DocumentError, OSError) as error:
                yield Failure(key, source, _printable(str(error)))
            progress(count, len(files))


def _printable(name: str) -> str:
    """Write the bytes of a file name that are not UTF-8 as escapes: no database takes them as they are."""
    return name.encode("utf-8", "backslashreplace").decode()
