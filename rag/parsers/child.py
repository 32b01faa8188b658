"""Parse files inside the limited process that `rag.parsers.worker` starts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from rag.cleaning.encoding import repair
from rag.errors import DocumentError
from rag.parsers import parser_for
from rag.parsers.base import Columns, ParsedText, ParserOptions, SiteRules
from rag.workers.limits import Limits
from rag.workers.serving import OUT_OF_MEMORY, run

MAX_TITLE_CHARACTERS = 500


def parse_file(path: Path, options: ParserOptions, limits: Limits) -> list[ParsedText]:
    """Parse one file in this process and repair its texts.

    Raises DocumentError, whatever a parser or its library raises.
    """
    parser = parser_for(path.suffix, options)
    if parser is None:
        raise DocumentError(f"no parser for {path.suffix or 'files without a suffix'}")
    try:
        texts = [_repaired(text) for text in parser.parse(path, options)]
    except DocumentError:
        raise
    except MemoryError as error:
        raise DocumentError(OUT_OF_MEMORY) from error
    except Exception as error:  # any failure of a parser is this file's failure
        reason = next(iter(str(error).splitlines()), "")
        raise DocumentError(f"{type(error).__name__}: {reason}"[:300]) from error
    if len(texts) > limits.texts:
        raise DocumentError(f"{len(texts):,} parts, more than the {limits.texts:,} allowed")
    if sum(len(text.text) for text in texts) > limits.characters:
        raise DocumentError(f"more than {limits.characters:,} characters of text")
    if not any(text.text or text.error for text in texts):
        raise DocumentError("empty document")
    return texts


def encode_request(path: Path, options: ParserOptions) -> bytes:
    """Write a request as a line of JSON; a file name may hold bytes that are not UTF-8."""
    return json.dumps({"path": str(path), "options": asdict(options)}).encode() + b"\n"


def decode_text(reply: dict[str, Any]) -> ParsedText:
    """Read one text from its line of JSON."""
    published = date.fromisoformat(reply["published"]) if reply["published"] else None
    return ParsedText(reply["title"], reply["text"], reply["name"], published, reply["error"])


def answer(request: dict[str, Any], limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield the texts of the file that is asked for."""
    for text in parse_file(Path(request["path"]), _options(request["options"]), limits):
        yield text._asdict() | {"published": text.published.isoformat() if text.published else ""}


def _options(plain: dict[str, Any]) -> ParserOptions:
    columns = plain["columns"]
    return ParserOptions(
        columns=Columns(**(columns | {"text": tuple(columns["text"])})) if columns else None,
        sites=tuple(SiteRules(**(site | {"remove": tuple(site["remove"])})) for site in plain["sites"]),
        url=plain["url"],
        layout=plain["layout"],
    )


def _repaired(text: ParsedText) -> ParsedText:
    title = " ".join(repair(text.title).split())[:MAX_TITLE_CHARACTERS]
    return ParsedText(title, repair(text.text).strip(), repair(text.name), text.published, repair(text.error))


def main() -> None:
    """Serve the parent."""
    run(answer)
