"""Parse untrusted files in child processes with limits on memory, time and output.

A child is replaced after a crash, after a time-out and after a set number of files, so that
a hostile or broken file costs one error and never the batch.
"""

from __future__ import annotations

import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any, Self

from rag.errors import DocumentError
from rag.parsers import parser_for
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.child import OUT_OF_MEMORY, decode_text, encode_request
from rag.parsers.limits import Limits

START_SECONDS = 60.0
FILES_PER_CHILD = 200
_FRAME_BYTES = 256  # of a text on the pipe, besides its characters
_READ_BYTES = 1 << 20
_PLAIN = ParserOptions()
# The front door of `rag` brings in search engines and models. A child starts ten times as fast
# by the side door: the package stands there for its parts to be found, and is not run.
_START = """
import importlib.util, sys
sys.modules["rag"] = importlib.util.module_from_spec(importlib.util.find_spec("rag"))
from rag.parsers.child import main
main()
"""


class _ChildError(Exception):
    """Say that the child died or must go, and why."""


class _TooSlowError(_ChildError):
    """Say that the child took too long, which it would do again."""


class ParserWorker:
    """Parse files one after another in a recycled child process; use as a context manager."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._child: _Child | None = None
        self._closed = False
        self._changing = Lock()  # a child that starts while another thread closes must not be left over

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def parse(self, path: Path, options: ParserOptions = _PLAIN) -> list[ParsedText]:
        """Return the texts of a file, at least one; raise DocumentError with the reason."""
        _check(path, options, self._limits)
        fresh = self._child is None or self._child.files >= FILES_PER_CHILD
        try:
            return self._ask(path, options)
        except _ChildError as error:
            if fresh or self._closed or isinstance(error, _TooSlowError):
                raise DocumentError(str(error)) from error
        # The child may have died of an earlier file, or of all it kept of them.
        try:
            return self._ask(path, options)
        except _ChildError as error:
            raise DocumentError(str(error)) from error

    def close(self) -> None:
        """Stop the child; a file that it still parses in another thread fails."""
        with self._changing:
            self._closed = True
        self._stop()

    def _ask(self, path: Path, options: ParserOptions) -> list[ParsedText]:
        if self._child is not None and self._child.files >= FILES_PER_CHILD:
            self._stop()
        if self._closed:
            raise DocumentError("the parser was stopped")
        try:
            return self._running().ask(path, options)
        except DocumentError:
            raise
        except BaseException:
            self._stop()
            raise

    def _running(self) -> _Child:
        if self._child is None:
            child = _Child(self._limits)
            with self._changing:
                if not self._closed:
                    self._child = child
                    return child
            child.stop()
            raise DocumentError("the parser was stopped")
        return self._child

    def _stop(self) -> None:
        with self._changing:
            child, self._child = self._child, None
        if child is not None:
            child.stop()


class ParserPool:
    """Parse many files in several child processes at once; use as a context manager."""

    def __init__(self, workers: int | None = None, limits: Limits | None = None) -> None:
        count = workers or len(os.sched_getaffinity(0))
        self._workers = [ParserWorker(limits) for _ in range(count)]
        self._idle: SimpleQueue[ParserWorker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="parser")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def parse(
        self, paths: Iterable[Path], options: ParserOptions = _PLAIN
    ) -> Iterator[tuple[Path, list[ParsedText] | DocumentError]]:
        """Yield each path with its texts, or with the reason why there are none, in the paths' order.

        Paths are taken from the iterable only a few ahead of what is yielded.
        """
        ahead: deque[tuple[Path, Future[list[ParsedText] | DocumentError]]] = deque()
        for path in paths:
            ahead.append((path, self._threads.submit(self._parse, path, options)))
            if len(ahead) > 4 * len(self._workers):
                first, result = ahead.popleft()
                yield first, result.result()
        for path, result in ahead:
            yield path, result.result()

    def close(self) -> None:
        """Stop all children and forget the files that wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()
        self._threads.shutdown()

    def _parse(self, path: Path, options: ParserOptions) -> list[ParsedText] | DocumentError:
        worker = self._idle.get()
        try:
            return worker.parse(path, options)
        except DocumentError as error:
            return error
        finally:
            self._idle.put(worker)


class _Child:
    """Hold one child process and the unread rest of its answers."""

    def __init__(self, limits: Limits) -> None:
        self.files = 0
        self._limits = limits
        self._unread: deque[bytes] = deque()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-B", "-c", _START, json.dumps(asdict(limits))],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._line(time.monotonic() + START_SECONDS, _FRAME_BYTES)

    def ask(self, path: Path, options: ParserOptions) -> list[ParsedText]:
        """Send one file and collect its texts; raise _ChildError if the child dies of it."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        self.files += 1
        try:
            self._process.stdin.write(encode_request(path.absolute(), options))
        except BrokenPipeError as error:
            raise self._death() from error
        return list(self._texts(time.monotonic() + self._limits.wall_seconds))

    def stop(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # a request that the dead child never read
                    pipe.close()

    def _texts(self, deadline: float) -> Iterator[ParsedText]:
        # No character takes more than six bytes in JSON: four in UTF-8, or an escape.
        bytes_left = 6 * self._limits.characters + _FRAME_BYTES * (self._limits.texts + 1)
        while True:
            line = self._line(deadline, bytes_left)
            bytes_left -= len(line)
            reply: dict[str, Any] = json.loads(line)
            if "end" not in reply:
                yield decode_text(reply)
            elif reply["end"] == OUT_OF_MEMORY:
                raise _ChildError(OUT_OF_MEMORY)
            elif reply["end"]:
                raise DocumentError(reply["end"])
            else:
                return

    def _line(self, deadline: float, max_bytes: int) -> bytes:
        """Take one line; the deadline and the size hold for all of it, not for each read."""
        assert self._process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
        pieces: list[bytes] = []
        while not self._unread or not self._unread[0].endswith(b"\n"):
            pieces += self._unread
            self._unread.clear()
            if sum(map(len, pieces)) > max_bytes:
                raise _ChildError("the parser wrote more than it may")
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _TooSlowError(f"the parser took longer than {self._limits.wall_seconds:g} seconds")
            read = os.read(self._process.stdout.fileno(), _READ_BYTES)
            if not read:
                raise self._death()
            self._unread.extend(read.splitlines(keepends=True))
        return b"".join([*pieces, self._unread.popleft()])

    def _death(self) -> _ChildError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return _TooSlowError(
                f"the parser took more than {self._limits.cpu_seconds} seconds of processor time"
            )
        cause = signal.Signals(-code).name if code is not None and code < 0 else f"exit status {code}"
        return _ChildError(f"the parser crashed ({cause})")


def _environment() -> dict[str, str]:
    """Give the child what it needs to run and none of the keys and passwords that stand beside it."""
    kept = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME", "HF_HOME", "TMPDIR", "SSL_CERT_FILE")
    library = str(Path(__file__).parents[2])
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": os.pathsep.join(filter(None, (library, os.environ.get("PYTHONPATH")))),
        "OMP_NUM_THREADS": "1",
    }


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
