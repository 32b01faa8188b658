"""Serve the parent from inside a limited process: requests in, one JSON line a reply out.

Started by `rag.workers.child`, which hands the limits over as JSON in the last argument.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

from rag.cleaning.encoding import repair
from rag.errors import DocumentError, ModelError
from rag.workers.limits import Limits, limit_next_task, limit_process

OUT_OF_MEMORY = "ran out of memory"
NO_MODEL = "no model"
Answer = Callable[[Any], Iterable[dict[str, Any]]]


def serve(requests: Iterable[str], answers: TextIO, answer: Answer) -> None:
    """Answer requests until they end; each answer is its replies and a line that closes it."""
    print('"ready"', file=answers, flush=True)
    for line in requests:
        for reply in _replies(line, answer):
            print(json.dumps(reply, ensure_ascii=False), file=answers)
        answers.flush()


def _replies(line: str, answer: Answer) -> Iterator[dict[str, Any]]:
    try:
        yield from answer(json.loads(line))
        yield {"end": ""}
    except DocumentError as error:
        yield {"end": repair(str(error)) or type(error).__name__}
    except ModelError as error:
        yield {"end": str(error), NO_MODEL: True}
    except MemoryError:
        yield {"end": OUT_OF_MEMORY}


def run(answer: Callable[[Any, Limits], Iterable[dict[str, Any]]]) -> None:
    """Serve the parent over standard input and output under the limits in the last argument."""
    limits = Limits(**json.loads(sys.argv[-1]))
    # Whatever a library prints must not look like an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    limit_process(limits)
    serve(_timed(sys.stdin, limits), answers, lambda request: answer(request, limits))


def _timed(requests: TextIO, limits: Limits) -> Iterator[str]:
    for line in requests:
        limit_next_task(limits, len(line))
        yield line
