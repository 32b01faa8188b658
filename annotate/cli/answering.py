"""Commands `answer` and `precompute`: many questions at once, and frequent ones ahead."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    errors,
    open_context,
    out,
    print_json,
)
from annotate.errors import JobError
from annotate.jobs.answer_file import answer_lines
from annotate.jobs.precomputed import precompute as precompute_answers


def answer(
    questions: Annotated[str, typer.Argument(help="A question a line, text or JSON; - reads a stream.")],
    workspace: WorkspaceOption = HERE,
    output: Annotated[
        Path | None,
        typer.Option("--out", help="File for the answers; the same command goes on with it. Default: print."),
    ] = None,
    precomputed: Annotated[bool, typer.Option(help="Use answers that were made ahead.")] = True,
) -> None:
    """Answer many questions by the first contender, one JSON line each."""
    context = open_context(workspace)
    target = output if output is not None else sys.stdout
    if questions == "-":
        counts = answer_lines(context, sys.stdin, target, precomputed=precomputed, reporter=Terminal())
    else:
        file = Path(questions)
        if not file.is_file():
            raise JobError(f"{file}: no such file")
        with file.open("rb") as source:
            total = sum(1 for line in source if line.strip())
        with file.open(encoding="utf-8", errors="replace") as lines:
            counts = answer_lines(
                context, lines, target, precomputed=precomputed, total=total, reporter=Terminal()
            )
    errors.print(
        f"{counts['answered']} answered, {counts['skipped']} finished before, {counts['invalid']} no question"
    )


def precompute(
    workspace: WorkspaceOption = HERE,
    log: Annotated[
        Path | None, typer.Option(help="Query log: a question a line, text or JSON with `text`, `count`.")
    ] = None,
    min_asked: Annotated[int, typer.Option(min=1, help="Leave out what was asked more rarely.")] = 1,
    limit: Annotated[int, typer.Option(min=1, help="Answer at most so many questions.")] = 100,
    keep_flagged: Annotated[bool, typer.Option(help="Keep answers that checks found fault with.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer the most asked questions ahead; drop what is stale.

    An answer is stale once a document it cites has changed.
    """
    made = precompute_answers(
        open_context(workspace),
        log,
        min_asked=min_asked,
        limit=limit,
        keep_flagged=keep_flagged,
        reporter=Terminal(),
    )
    if as_json:
        print_json(made)
    else:
        out.print(
            f"{made['frequent']} frequent questions: {made['known']} answered before, {made['made']} now, "
            f"{made['left_out']} left out; {made['dropped_as_stale']} stale answers dropped."
        )
