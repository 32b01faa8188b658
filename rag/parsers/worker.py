"""Parse untrusted files in a worker process with limits on memory, time and output.

The worker speaks JSON lines over its pipes: one path in, one result out. It is replaced
after a crash, after a time-out and after a set number of files, so that a hostile or
broken file costs one error and never the batch.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from rag.errors import DocumentError
from rag.parsers import parser_for
from rag.parsers.base import ParsedText

MEMORY_BYTES = 3 << 30
SECONDS_PER_FILE = 60.0
START_SECONDS = 60.0
MAX_FILE_BYTES = 256 << 20
MAX_TEXT_CHARACTERS = 20_000_000
FILES_PER_WORKER = 200


class ParserWorker:
    """Parse files one after another in a recycled child process; use as a context manager."""

    def __init__(self, seconds_per_file: float = SECONDS_PER_FILE) -> None:
        self._seconds = seconds_per_file
        self._child: subprocess.Popen[bytes] | None = None
        self._parsed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def parse(self, path: Path) -> ParsedText:
        """Return the title and text of a file; raise DocumentError with the reason."""
        if parser_for(path.suffix) is None:
            raise DocumentError(f"no parser for {path.suffix or 'files without a suffix'}")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DocumentError(f"larger than {MAX_FILE_BYTES >> 20} MB")
        reply = self._ask(path)
        if "error" in reply:
            raise DocumentError(str(reply["error"]))
        return ParsedText(str(reply["title"]), str(reply["text"]))

    def _ask(self, path: Path) -> dict[str, object]:
        child = self._running()
        assert child.stdin is not None  # noqa: S101 - for the type checker: both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(json.dumps(str(path.resolve())).encode() + b"\n")
            child.stdin.flush()
            line = _read_line(child.stdout, self._seconds)
        except (BrokenPipeError, TimeoutError) as error:
            self._stop()
            reason = "took longer than the time limit" if isinstance(error, TimeoutError) else "crashed"
            raise DocumentError(f"the parser {reason}") from error
        self._parsed += 1
        try:
            reply: dict[str, object] = json.loads(line)
        except ValueError as error:  # an empty or broken line: the child died or wrote too much
            self._stop()
            raise DocumentError("the parser crashed or ran out of memory") from error
        return reply

    def _running(self) -> subprocess.Popen[bytes]:
        if self._parsed >= FILES_PER_WORKER:
            self._stop()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "rag.parsers.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._parsed = 0
            assert self._child.stdout is not None  # noqa: S101
            _read_line(self._child.stdout, START_SECONDS)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # a path that the dead child never read
                        pipe.close()
        self._child, self._parsed = None, 0


def _read_line(pipe: IO[bytes], seconds: float) -> bytes:
    ready, _, _ = select.select([pipe], [], [], seconds)
    if not ready:
        raise TimeoutError
    return pipe.readline(8 * MAX_TEXT_CHARACTERS)


def _serve() -> None:
    """Answer paths on standard input with results on standard output until it closes."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a parser has nothing to write
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not look like a result
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_parse(Path(json.loads(line)))), file=answers, flush=True)


def _parse(path: Path) -> dict[str, str]:
    parser = parser_for(path.suffix)
    if parser is None:
        return {"error": f"no parser for {path.suffix}"}
    try:
        title, text = parser.parse(path)
    except DocumentError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "ran out of memory"}
    except Exception as error:  # noqa: BLE001 - any failure of a parser is this file's failure
        return {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
    if len(text) > MAX_TEXT_CHARACTERS:
        return {"error": f"more than {MAX_TEXT_CHARACTERS:,} characters of text"}
    # PostgreSQL cannot store null characters.
    return {"title": title[:500].replace("\x00", ""), "text": text.replace("\x00", "")}


if __name__ == "__main__":
    _serve()
