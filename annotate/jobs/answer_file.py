"""Answer many questions from a file or a stream, one JSON line each; what is finished stays finished."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

from annotate.errors import BridgeError, JobError
from annotate.jobs.context import Context
from annotate.jobs.pairs import contender_print
from annotate.jobs.precomputed import answer_row, open_bank
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.question_rows import text_of
from annotate.jobs.questions import question_from_text
from rag import Answerer, Contender
from rag.precomputed import PrecomputedAnswers

BATCH = 16  # questions answered between two writes


@dataclass(frozen=True)
class Line:
    """Hold one question of the input, or the reason why the line is none."""

    key: str
    text: str
    error: str = ""


def answer_lines(
    context: Context,
    lines: Iterable[str],
    output: Path | IO[str],
    *,
    precomputed: bool = True,
    total: int = 0,
    reporter: Reporter | None = None,
) -> dict[str, int]:
    """Answer each line by the first contender, and return how many were answered, skipped or no question.

    A line is a plain question, or JSON with `text` and perhaps `id`. At most BATCH questions are
    in work and as many wait: a stream is read no faster than it is answered. Each batch is on
    the disk before the next one begins, so that the same call on the same file goes on where it
    was killed. Raises JobError when the file holds the answers of another contender or is in use.
    """
    reporter = reporter or Silent()
    contender, model = context.contenders()[0]
    generator = context.generator(model)
    with reporter.track("embedding passages") as progress:
        retriever = context.retriever(progress)
    answerer = context.answerer(retriever, generator)
    bank = open_bank(context, retriever, generator, contender) if precomputed else None
    made_by = contender_print(contender, generator.fingerprint, retriever.reranker)
    counts = {"answered": 0, "skipped": 0, "invalid": 0}

    with _opened(output, made_by) as (finished, write), reporter.track("answering") as progress:
        done = 0
        for batch in batches(lines):
            fresh = list({line.key: line for line in batch if line.key not in finished}.values())
            write(_rows(fresh, answerer, contender, bank, made_by))
            finished |= {line.key for line in fresh}
            done += len(batch)
            invalid = sum(bool(line.error) for line in fresh)
            counts["skipped"] += len(batch) - len(fresh)
            counts["invalid"] += invalid
            counts["answered"] += len(fresh) - invalid
            progress(done, max(total, done))
    return counts


def _rows(
    batch: list[Line],
    answerer: Answerer,
    contender: Contender,
    bank: PrecomputedAnswers | None,
    made_by: str,
) -> Iterator[dict[str, Any]]:
    """Yield a row for each line, in order; what was answered ahead is not answered again."""
    found = {line.key: bank.lookup(line.text) for line in batch if not line.error} if bank else {}
    asked = [line for line in batch if not line.error and not found.get(line.key)]
    answers = answerer.answer([line.text for line in asked], contender) if asked else []
    made = {line.key: answer_row(answer) for line, answer in zip(asked, answers, strict=True)}
    for line in batch:
        row: dict[str, Any] = {"id": line.key, "question": line.text, "made_by": made_by}
        if line.error:
            yield row | {"error": line.error}
        elif hit := found.get(line.key):
            yield row | hit.answer | {"precomputed": {"kind": hit.kind, "reason": hit.reason}}
        else:
            yield row | made[line.key] | {"precomputed": None}


def parse_line(text: str, number: int) -> Line:
    """Turn a line of input into a question; what is none keeps its place with the reason."""
    text = text.strip()
    if not text.startswith("{"):
        return Line(question_from_text(text).key, text)
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        return Line(f"line-{number}", text[:200], f"line {number}: not valid JSON: {error.msg}")
    try:
        asked = text_of(row, f"line {number}", "text", "question")
    except BridgeError as error:
        return Line(f"line-{number}", text[:200], str(error))
    return Line(str(row.get("id") or question_from_text(asked).key), asked)


def batches(lines: Iterable[str], size: int = BATCH) -> Iterator[list[Line]]:
    """Yield what has come, at most `size` lines at a time: a slow stream is not kept waiting for more.

    Empty lines are passed over. An error of the reader is raised here.
    """
    came: Queue[Line | BaseException | None] = Queue(maxsize=size)

    def read() -> None:
        try:
            for number, text in enumerate(lines, start=1):
                if text.strip():
                    came.put(parse_line(text, number))
            came.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where the lines are wanted
            came.put(error)

    Thread(target=read, daemon=True, name="questions").start()
    ended = False
    while not ended:
        batch: list[Line] = []
        item = came.get()
        while True:
            if isinstance(item, BaseException):
                raise item
            ended = item is None
            if item is not None:
                batch.append(item)
            if ended or len(batch) == size:
                break
            try:
                item = came.get(timeout=0.05)
            except Empty:
                break
        if batch:
            yield batch


Write = Callable[[Iterable[dict[str, Any]]], None]


@contextmanager
def _opened(output: Path | IO[str], made_by: str) -> Iterator[tuple[set[str], Write]]:
    """Open the output; give the keys it holds already, and a function that appends rows for good."""
    if not isinstance(output, Path):
        yield set(), lambda rows: _append(output, rows)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a+", encoding="utf-8") as file:
        _lock(file, output)
        finished = _finished(file, output, made_by)

        def write(rows: Iterable[dict[str, Any]]) -> None:
            _append(file, rows)
            os.fsync(file.fileno())

        yield finished, write


def _append(file: IO[str], rows: Iterable[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write(text)
    file.flush()


def _lock(file: IO[str], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: two commands on one file are the user's care
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise JobError(f"{path}: another command writes this file; wait for it or name another") from error


def _finished(file: IO[str], path: Path, made_by: str) -> set[str]:
    """Return the keys of the answers in a file, after cutting off a last line that was never finished."""
    file.seek(0)
    finished: set[str] = set()
    end = 0
    while (line := file.readline()).endswith("\n"):
        end = file.tell()
        try:
            row = json.loads(line)
            key, by = row["id"], row["made_by"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise JobError(f"{path}: it holds other things than answers; name another file") from error
        if by != made_by:
            raise JobError(f"{path}: it holds the answers of another contender or model; name another file")
        finished.add(key)
    file.truncate(end)
    file.seek(end)
    return finished
