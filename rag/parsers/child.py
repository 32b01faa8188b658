"""Parse files inside the limited process: requests in, one JSON line a text out.

Started by `rag.parsers.worker`, which hands the limits over as JSON in the first argument.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from rag.cleaning.encoding import repair
from rag.errors import DocumentError
from rag.parsers import parser_for
from rag.parsers.base import Columns, ParsedText, ParserOptions, SiteRules
from rag.parsers.limits import Limits, limit_next_file, limit_process

MAX_TITLE_CHARACTERS = 500
OUT_OF_MEMORY = "ran out of memory"


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


def serve(requests: Iterable[str], answers: TextIO, limits: Limits) -> None:
    """Answer requests until they end; each answer is its texts and a line that closes it."""
    print('"ready"', file=answers, flush=True)
    for line in requests:
        for reply in _replies(line, limits):
            print(json.dumps(reply, ensure_ascii=False), file=answers)
        answers.flush()


def _replies(line: str, limits: Limits) -> Iterator[dict[str, Any]]:
    try:
        request = json.loads(line)
        for text in parse_file(Path(request["path"]), _options(request["options"]), limits):
            yield text._asdict() | {"published": text.published.isoformat() if text.published else ""}
        yield {"end": ""}
    except DocumentError as error:
        yield {"end": repair(str(error)) or type(error).__name__}
    except MemoryError:
        yield {"end": OUT_OF_MEMORY}


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
    """Serve the parent over standard input and output under the limits in the first argument."""
    limits = Limits(**json.loads(sys.argv[1]))
    # Whatever a library prints must not look like an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    limit_process(limits)
    serve(_timed(sys.stdin, limits), answers, limits)


def _timed(requests: TextIO, limits: Limits) -> Iterator[str]:
    for line in requests:
        limit_next_file(limits)
        yield line
