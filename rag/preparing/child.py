"""Prepare documents inside the limited process that `rag.preparing.worker` starts."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.chunkers import CHUNKERS, Chunk, make_chunker
from rag.documents import Document
from rag.errors import DocumentError, RagError
from rag.preparation import Preparation, PreparedChunk, PreparedDocument
from rag.workers.limits import Limits
from rag.workers.serving import run


def describe(how: Preparation) -> str | None:
    """Write a preparation down, so that another process can make the same one; None where it cannot.

    It cannot where the chunker holds a model or is not one of ours, or the junk classifier was
    trained elsewhere.
    """
    name = next((name for name, kind in CHUNKERS.items() if type(how.chunker) is kind), "semantic")
    if name == "semantic" or how.junk not in (None, _shipped_junk(how)):
        return None
    settings = {field.name: getattr(how.chunker, field.name) for field in fields(CHUNKERS[name])}
    plain = [name, settings, how.junk is not None, how.duplicate_threshold, how.enriched]
    return json.dumps(plain, default=str)


def _shipped_junk(how: Preparation) -> object:
    """Return the classifier of a preparation if it is the shipped one."""
    shipped = restore(json.dumps(["paragraphs", {}, True, None, False])).junk
    same = how.junk and shipped and (how.junk.version, how.junk.threshold)
    return how.junk if shipped and same == (shipped.version, shipped.threshold) else None


@lru_cache(maxsize=4)
def restore(described: str) -> Preparation:
    """Make the preparation that was written down."""
    name, settings, junk, threshold, enriched = json.loads(described)
    if "tokenizer" in settings:
        settings["tokenizer"] = Path(settings["tokenizer"])
    chunker = make_chunker(name, **settings)
    return Preparation.of(chunker, junk=junk, duplicate_threshold=threshold, enriched=enriched)


def prepare(document: Document, how: Preparation, *, keep: bool) -> PreparedDocument:
    """Prepare a document; raise DocumentError with the reason where its text cannot be worked on.

    What is wrong with every document, such as weights that are missing, is raised as it is.
    """
    try:
        return how.prepare(document, keep=keep)
    except (RagError, MemoryError):
        raise
    except Exception as error:  # a text that breaks a library costs one document
        reason = next(iter(str(error).splitlines()), "")
        raise DocumentError(f"cannot be prepared: {type(error).__name__}: {reason}"[:300]) from error


def encode_request(document: Document, described: str, *, keep: bool) -> bytes:
    """Write a request as a line of JSON."""
    published = document.published.isoformat() if document.published else ""
    request = {"text": document.text, "published": published, "how": described, "keep": keep}
    return json.dumps(request).encode() + b"\n"


def answer(request: dict[str, Any], _: Limits) -> Iterator[dict[str, Any]]:
    """Yield the document that is asked for, prepared."""
    published = date.fromisoformat(request["published"]) if request["published"] else None
    document = Document("", "", request["text"], published=published)
    prepared = prepare(document, restore(request["how"]), keep=request["keep"])
    yield {
        "language": document.language,
        "published": prepared.published.isoformat() if prepared.published else "",
        "junk": prepared.junk,
        "signature": base64.b64encode(prepared.signature).decode() if prepared.signature else "",
        "chunks": [
            (one.chunk.start, one.chunk.end, one.chunk.title_path, one.language, one.keywords, one.entities)
            for one in prepared.chunks
        ],
    }


def decode_reply(reply: dict[str, Any], document: Document) -> PreparedDocument:
    """Read a prepared document from its line of JSON; the chunks' texts are spans of the document's."""
    return PreparedDocument(
        document,
        chunks=[
            PreparedChunk(
                Chunk(start, end, document.text[start:end], tuple(path)),
                *(language, tuple(keywords), tuple((name, kind) for name, kind in entities)),
            )
            for start, end, path, language, keywords, entities in reply["chunks"]
        ],
        published=date.fromisoformat(reply["published"]) if reply["published"] else None,
        junk=reply["junk"],
        signature=base64.b64decode(reply["signature"]) if reply["signature"] else None,
    )


def main() -> None:
    """Serve the parent."""
    run(answer)
