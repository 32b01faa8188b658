"""Commands `ingest`, `ask` and `pairs`: documents in, sourced answers and pairs out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.console import HERE, JsonOption, Terminal, WorkspaceOption, open_context, out, print_json
from annotate.errors import JobError
from annotate.jobs.ask import ask as ask_contender
from annotate.jobs.ingest import build_indexes, corpus_size, ingest_path
from annotate.jobs.pairs import make_missing_pairs
from annotate.jobs.questions import put_questions, read_questions


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Folders or files: Markdown, text, HTML, PDF.")],
    workspace: WorkspaceOption = HERE,
    collection: Annotated[
        str | None, typer.Option(help="Name of the collection; by default the folder's.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring documents in; what did not change is left alone, what is gone from a folder goes."""
    context = open_context(workspace)
    reports = {str(path): ingest_path(context, path, collection, Terminal()) for path in paths}
    fingerprint = build_indexes(context, Terminal()) if corpus_size(context)["chunks"] else None
    size = corpus_size(context)
    if as_json:
        print_json({"sources": reports, "corpus": size, "index": fingerprint})
    else:
        for path, report in reports.items():
            counts = ", ".join(f"{report[key]} {key}" for key in ("changed", "unchanged", "removed"))
            out.print(f"{path}: {counts}, {len(report['failed'])} failed")
            for failure in report["failed"]:
                out.print(f"  {failure['document']}: {failure['reason']}", style="yellow", markup=False)
        out.print(f"The corpus holds {size['documents']} documents in {size['chunks']} chunks.")
    if size["documents"] == 0:
        raise JobError("no document could be read; the reasons are above")


def ask(
    question: Annotated[str, typer.Argument(help="A question, in Russian or English.")],
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the documents, by the first contender."""
    answer = ask_contender(open_context(workspace), question, Terminal())
    if as_json:
        print_json(answer)
        return
    out.print(answer["text"], markup=False)
    for passage in answer["passages"]:
        out.print(
            f"\n[{passage['number']}] {passage['document']} · {passage['title']}", style="dim", markup=False
        )
        out.print("    " + " ".join(passage["text"].split())[:300], style="dim", markup=False)


def pairs(
    workspace: WorkspaceOption = HERE,
    questions: Annotated[Path | None, typer.Option(help="File with a question a line, text or JSON.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Answer at most so many questions now.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Let the two contenders answer the questions that have no pair from them yet."""
    context = open_context(workspace)
    new = put_questions(context.store, read_questions(questions)) if questions else 0
    made = make_missing_pairs(context, limit, Terminal())
    if as_json:
        print_json({"new_questions": new} | made)
    else:
        left_out = made["left_out_as_identical"]
        out.print(
            f"{new} new questions, {made['pairs']} new pairs, {left_out} left out because both were the same."
        )
