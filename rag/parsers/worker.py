"""Parse untrusted files in child processes with limits on memory, time and output.

A child is replaced after a crash, after a time-out and after a set number of files, so that
a hostile or broken file costs one error and never the batch.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from rag.errors import DocumentError
from rag.parsers import parser_for
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.child import decode_text, encode_request
from rag.workers import Pool, Worker
from rag.workers.limits import Limits

# Docling holds models of gigabytes and reads about a page a second.
LAYOUT_LIMITS = Limits(memory_bytes=24 << 30, cpu_seconds=3600, wall_seconds=1800.0)
_PLAIN = ParserOptions()


class ParserWorker(Worker):
    """Parse files one after another in a recycled child process; use as a context manager."""

    module, job = "rag.parsers.child", "parser"

    def parse(self, path: Path, options: ParserOptions = _PLAIN) -> list[ParsedText]:
        """Return the texts of a file, at least one; raise DocumentError with the reason."""
        _check(path, options, self._limits)
        return [decode_text(reply) for reply in self.ask(encode_request(path.absolute(), options))]


class ParserPool(Pool[ParserWorker]):
    """Parse many files in several child processes at once; use as a context manager."""

    def __init__(self, workers: int | None = None, limits: Limits | None = None) -> None:
        super().__init__(lambda: ParserWorker(limits), workers or len(os.sched_getaffinity(0)))

    def parse(
        self, paths: Iterable[Path], options: ParserOptions = _PLAIN
    ) -> Iterator[tuple[Path, list[ParsedText] | DocumentError]]:
        """Yield each path with its texts, or with the reason why there are none, in the paths' order.

        Paths are taken from the iterable only a few ahead of what is yielded.
        """
        ahead: deque[tuple[Path, Future[list[ParsedText] | DocumentError]]] = deque()
        for path in paths:
            ahead.append((path, self.submit(partial(ParserWorker.parse, path=path, options=options))))
            if len(ahead) > self.ahead:
                first, result = ahead.popleft()
                yield first, result.result()
        for path, result in ahead:
            yield path, result.result()


def _check(path: Path, options: ParserOptions, limits: Limits) -> None:
    """Refuse what no parser should open."""
    if parser_for(path.suffix, options) is None:
        raise DocumentError(f"no parser for {path.suffix or 'files without a suffix'}")
    try:
        found = path.lstat()
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}") from error
    if stat.S_ISLNK(found.st_mode):
        raise DocumentError("a symbolic link, not a file")
    if not stat.S_ISREG(found.st_mode):
        raise DocumentError("not a regular file")
    if found.st_size > limits.file_bytes:
        raise DocumentError(f"larger than {limits.file_bytes >> 20} MB")
