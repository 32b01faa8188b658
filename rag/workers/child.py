"""Hold one child process: a line of JSON goes in, lines of JSON come out."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.errors import DocumentError, ModelError
from rag.workers.limits import Limits
from rag.workers.serving import NO_MODEL, OUT_OF_MEMORY

START_SECONDS = 60.0
FRAME_BYTES = 256  # of a text on the pipe, besides its characters
_READ_BYTES = 1 << 20
# The front doors of these packages bring in search engines and models. A child starts ten times as
# fast by the side door: the packages stand there for their parts to be found, and are not run.
_START = """
import importlib.util, sys
for name in ("rag", "rag.indexes"):
    sys.modules[name] = importlib.util.module_from_spec(importlib.util.find_spec(name))
from {module} import main
main()
"""


class ChildError(Exception):
    """Say that the child died or must go, and why."""


class TooSlowError(ChildError):
    """Say that the child took too long, which it would do again."""


class Child:
    """Hold one child process and the unread rest of its answers."""

    def __init__(self, module: str, job: str, limits: Limits) -> None:
        """Start `module`.main(); `job` names what it does, for the reasons of its failures."""
        self.tasks = 0
        self._job, self._limits = job, limits
        self._unread: deque[bytes] = deque()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-B", "-c", _START.format(module=module), json.dumps(asdict(limits))],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._cpu_seconds, self._wall_seconds = limits.cpu_seconds, START_SECONDS
        self._line(time.monotonic() + START_SECONDS, FRAME_BYTES)

    def ask(self, request: bytes) -> list[dict[str, Any]]:
        """Return the replies to a line of JSON.

        Raises ChildError when the child died or must go, DocumentError with the reason it gives,
        ModelError where what it lacks is not the document's fault.
        """
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        self.tasks += 1
        self._cpu_seconds, self._wall_seconds = self._limits.seconds_for(len(request))
        try:
            unsent = memoryview(request)
            while unsent:
                unsent = unsent[self._process.stdin.write(unsent) :]
        except BrokenPipeError as error:
            raise self._death() from error
        return list(self._replies())

    def stop(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # a request that the dead child never read
                    pipe.close()

    def _replies(self) -> Iterator[dict[str, Any]]:
        # No character takes more than six bytes in JSON: four in UTF-8, or an escape.
        bytes_left = 6 * self._limits.characters + FRAME_BYTES * (self._limits.texts + 1)
        deadline = time.monotonic() + self._wall_seconds
        while True:
            line = self._line(deadline, bytes_left)
            bytes_left -= len(line)
            reply: dict[str, Any] = json.loads(line)
            if "end" not in reply:
                yield reply
            elif reply["end"] == OUT_OF_MEMORY:
                raise ChildError(OUT_OF_MEMORY)
            elif reply["end"]:
                raise (ModelError if reply.get(NO_MODEL) else DocumentError)(reply["end"])
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
                raise ChildError(f"the {self._job} wrote more than it may")
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TooSlowError(f"the {self._job} took longer than {self._wall_seconds:g} seconds")
            read = os.read(self._process.stdout.fileno(), _READ_BYTES)
            if not read:
                raise self._death()
            self._unread.extend(read.splitlines(keepends=True))
        return b"".join([*pieces, self._unread.popleft()])

    def _death(self) -> ChildError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return TooSlowError(
                f"the {self._job} took more than {self._cpu_seconds} seconds of processor time"
            )
        cause = signal.Signals(-code).name if code is not None and code < 0 else f"exit status {code}"
        return ChildError(f"the {self._job} crashed ({cause})")


def _environment() -> dict[str, str]:
    """Give the child what it needs to run and none of the keys and passwords that stand beside it."""
    kept = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME", "HF_HOME", "TMPDIR", "SSL_CERT_FILE")
    library = str(Path(__file__).parents[2])
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": os.pathsep.join(filter(None, (library, os.environ.get("PYTHONPATH")))),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
