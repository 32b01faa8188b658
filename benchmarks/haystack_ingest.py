"""Ingest a folder with Haystack's default pipeline; run by `benchmarks.ingest` in Haystack's environment.

    python haystack_ingest.py FOLDER EMBEDDER [--each]

With `--each` the files are converted one by one, without embedding, and the text of each is told.
"""

import itertools
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from haystack import Pipeline
from haystack.components.converters import MultiFileConverter
from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
)


def ingest(folder: Path, embedder: str) -> dict[str, Any]:
    """Return seconds, documents and chunks; loading the model is not counted."""
    store = InMemoryDocumentStore()
    encoder = SentenceTransformersDocumentEmbedder(model=embedder, prefix="passage: ", progress_bar=True)
    encoder.warm_up()
    pipeline = Pipeline()
    parts = {
        "converter": MultiFileConverter(),
        "cleaner": DocumentCleaner(),
        "splitter": DocumentSplitter(),
        "embedder": encoder,
        "writer": DocumentWriter(store),
    }
    for name, part in parts.items():
        pipeline.add_component(name, part)
    names = list(parts)
    for before, after in itertools.pairwise(names):
        pipeline.connect(f"{before}.documents", f"{after}.documents")
    files = sorted(path for path in folder.iterdir() if path.is_file())
    started = time.perf_counter()
    pipeline.run({"converter": {"sources": files}})
    seconds = time.perf_counter() - started
    chunks = store.filter_documents()
    return {
        "seconds": seconds,
        "documents": len({chunk.meta["file_path"] for chunk in chunks}),
        "chunks": len(chunks),
        "characters": sum(len(chunk.content or "") for chunk in chunks),
    }


def each(folder: Path) -> dict[str, Any]:
    """Return the text found in every file; a crash is a text of none."""
    converter = MultiFileConverter()
    found: dict[str, str | None] = {}
    for path in sorted(folder.iterdir()):
        try:
            documents = converter.run(sources=[path])["documents"]
            found[path.name] = "\n".join(document.content or "" for document in documents)
        except Exception as error:  # noqa: BLE001 - a crash of the peer is what is counted
            found[path.name] = None
            print(f"{path.name}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
    return found


if __name__ == "__main__":
    logging.getLogger("haystack").setLevel(logging.ERROR)
    result = each(Path(sys.argv[1])) if "--each" in sys.argv else ingest(Path(sys.argv[1]), sys.argv[2])
    print(json.dumps(result))
