"""Measure ingestion against Haystack's default pipeline, and what becomes of damaged files.

    python -m benchmarks.ingest [--quick]

Both sides read the same 1,000 documents of real text (Markdown, HTML, Word, plain text, PDF),
cut them as they do by default, embed the chunks with the same multilingual-e5-small and store
them; loading the model is not counted. Ours also judges junk, groups near duplicates, finds
dates, keywords and names, and builds the lexical index. On the damaged files a failure is
readable text that is lost or garbled, or garbage that is taken in. Interrupt it and start it
again: finished parts are kept.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import Progress, TaskID

from benchmarks.mixed_documents import Damaged, write_damaged, write_mixed
from benchmarks.peers import run_in
from benchmarks.results import WORK, Row, kept, publish
from rag import Corpus, Document, ParagraphChunker, ingest, open_indexes, read_files
from rag.embedders import LocalEmbedder
from rag.models.defaults import fetch_e5_small
from rag.preparation import Preparation

PEER = Path(__file__).with_name("haystack_ingest.py")
PACKAGES = (
    *("haystack-ai", "sentence-transformers-haystack", "pypdf", "mdit_plain"),
    *("python-pptx", "openpyxl", "tabulate"),  # its converter asks for them at the start
)
SPEED_TARGET, FAILURE_TARGET = 3.0, 10.0


def main() -> None:
    """Measure what is not measured yet, and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="100 documents; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    options = parser.parse_args()
    work = WORK / ("ingest-quick" if options.quick else "ingest")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    count = write_mixed(work / "documents", 100 if options.quick else 1_000)
    damaged = write_damaged(work / "damaged")
    model = fetch_e5_small(Path.home() / ".cache" / "pairloop" / "models")

    ours = kept(work / "ours.json", lambda: _ours(work / "documents", model))
    peer = kept(
        work / "peer.json",
        lambda: run_in("haystack", PACKAGES, PEER, [work / "documents", model], borrow=True),
    )
    theirs = kept(
        work / "damaged.json",
        lambda: run_in("haystack", PACKAGES, PEER, [work / "damaged", model, "--each"], borrow=True),
    )
    rows = [*_speed_rows(count, ours, peer), _failure_row(damaged, _texts(work / "damaged"), theirs)]
    publish("ingest", rows, write=not options.quick)


def _ours(folder: Path, model: Path) -> dict[str, Any]:
    from sqlalchemy import create_engine, event

    embedder = LocalEmbedder(model)
    embedder.embed_passages(["warm"])
    preparation = Preparation.of(ParagraphChunker())
    with tempfile.TemporaryDirectory() as scratch, Progress() as bars:
        engine = create_engine(f"sqlite:///{scratch}/corpus.db")
        event.listen(engine, "connect", _as_the_platform_does)
        corpus = Corpus(engine)
        reading, embedding = bars.add_task("reading"), bars.add_task("embedding")
        started = time.perf_counter()
        items = read_files(
            folder, "mixed", progress=lambda n, of: bars.update(reading, completed=n, total=of)
        )
        report = ingest(items, corpus, preparation)
        read = time.perf_counter() - started
        open_indexes(corpus, embedder, Path(scratch) / "indexes", partial(_show, bars, embedding))
        seconds = time.perf_counter() - started
        chunks, size = corpus.chunks(), corpus.size()
    return {
        "seconds": seconds,
        "reading": read,
        "documents": size.documents - size.junk - size.duplicates,
        "failed": len(report.failed),
        "junk": size.junk,
        "duplicates": size.duplicates,
        "chunks": len(chunks),
        "characters": sum(len(chunk.text) for chunk in chunks),
    }


def _as_the_platform_does(connection: Any, _: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _show(bars: Progress, task: TaskID, done: int, total: int) -> None:
    bars.update(task, completed=done, total=total)


def _texts(folder: Path) -> dict[str, str | None]:
    texts: dict[str, str | None] = {}
    for item in read_files(folder, "damaged"):
        name = item.key.partition(":")[2].partition("#")[0]
        if isinstance(item, Document):
            texts[name] = (texts.get(name) or "") + item.text
        else:
            texts.setdefault(name, None)
    return texts


def _speed_rows(count: int, ours: dict[str, Any], peer: dict[str, Any]) -> list[Row]:
    ratio = peer["seconds"] / ours["seconds"]
    rows = [
        Row(
            f"seconds for {count} documents",
            ours["seconds"],
            peer["seconds"],
            ratio,
            f"≥ {SPEED_TARGET:g} times",
            ratio >= SPEED_TARGET,
        ),
        Row("of these before embedding, seconds", ours["reading"]),
    ]
    rows += [Row(f"{name} indexed", ours[name], peer[name]) for name in ("documents", "chunks", "characters")]
    return rows + [Row(f"{name} left out", ours[name]) for name in ("junk", "duplicates", "failed")]


def _failure_row(damaged: list[Damaged], ours: dict[str, str | None], theirs: dict[str, str | None]) -> Row:
    mine, peer = (sum(_failed(file, found.get(file.name)) for file in damaged) for found in (ours, theirs))
    ratio = peer / mine if mine else None
    return Row(
        f"failures on {len(damaged)} damaged files",
        mine,
        peer,
        ratio,
        f"≥ {FAILURE_TARGET:g} times fewer",
        ratio is None or ratio >= FAILURE_TARGET,
    )


def _failed(file: Damaged, found: str | None) -> bool:
    """Tell whether readable text was lost, or a file taken in that holds none."""
    if file.expected is None:
        return bool(found and found.strip())
    return file.expected not in (found or "")


if __name__ == "__main__":
    main()
