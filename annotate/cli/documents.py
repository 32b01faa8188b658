"""Commands `documents list`, `put-back` and `remove`: what was left out and why, back again, or out."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    open_context,
    out,
    print_json,
    print_table,
)
from annotate.jobs.documents import STATUSES, count_documents, list_documents, put_back, remove
from annotate.jobs.ingest import build_indexes
from rag.corpus import DocumentStatus

app = typer.Typer(help="See what became of each document, put back what was left out, or remove some.")


@app.command("list")
def list_all(
    status: Annotated[
        str | None, typer.Option(help=f"Only those of one status: {', '.join(STATUSES)}.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the documents with the reason why one was left out."""
    context = open_context(workspace)
    found = list_documents(context, status)
    if as_json:
        print_json(found)
        return
    print_table(
        "Documents",
        ["document", "status", "chunks", "date", "why"],
        [(item.key, item.status, item.chunks, item.published, _why(item)) for item in found],
    )
    out.print(", ".join(f"{count} {name}" for name, count in count_documents(context).items()))


def _why(item: DocumentStatus) -> str:
    return item.reason or ("kept by hand" if item.kept else "")


@app.command("put-back")
def restore(
    keys: Annotated[list[str], typer.Argument(help="Keys of documents, as the list shows them.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Index documents that were taken for junk or for duplicates; they stay in from now on."""
    context = open_context(workspace)
    put_back(context, keys)
    build_indexes(context, Terminal())
    out.print(f"{len(keys)} put back.")


@app.command("remove")
def take_out(
    keys: Annotated[
        list[str] | None, typer.Argument(help="Keys of documents, as the list shows them.")
    ] = None,
    collection: Annotated[str | None, typer.Option(help="All documents of this collection.")] = None,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Take documents out of the corpus; answers that were made from them, and judgements, stay."""
    removed = remove(open_context(workspace), keys or [], collection)
    out.print(f"{len(removed)} removed; the next question builds the indexes anew.")
