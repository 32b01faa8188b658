"""Commands `index rebuild` and `index status`: the indexes that are derived from the corpus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.console import HERE, JsonOption, Terminal, WorkspaceOption, open_context, out, print_json
from annotate.jobs.indexes import choose_backends, rebuild_indexes, status_of_indexes

if TYPE_CHECKING:
    from annotate.jobs.context import Context
    from rag import Backends

Work = Callable[["Context", "Backends"], dict[str, Any]]
VectorsOption = Annotated[str, typer.Option(help="Vector index: faiss, pgvector, qdrant or chroma.")]
WordsOption = Annotated[str, typer.Option(help="Index of words: tantivy or postgres.")]
QdrantOption = Annotated[
    str, typer.Option(help="URL of a Qdrant server; by default a folder of the workspace.")
]

app = typer.Typer(help="Rebuild the indexes, or tell whether they fit the corpus.", no_args_is_help=True)


def _on_indexes(work: Work) -> Work:
    """Make a command of what works on the indexes that the options, else the settings, choose."""

    def command(
        workspace: WorkspaceOption = HERE,
        vectors: VectorsOption = "",
        words: WordsOption = "",
        qdrant_url: QdrantOption = "",
        as_json: JsonOption = False,
    ) -> None:
        context = open_context(workspace)
        _print(work(context, choose_backends(context, vectors, words, qdrant_url)), as_json=as_json)

    app.command(work.__name__, help=work.__doc__)(command)
    return work


@_on_indexes
def rebuild(context: Context, backends: Backends) -> dict[str, Any]:
    """Build the indexes anew beside the old ones, then swap; nothing is embedded twice."""
    return rebuild_indexes(context, backends, Terminal())


@_on_indexes
def status(context: Context, backends: Backends) -> dict[str, Any]:
    """Tell whether the indexes fit the corpus, what they hold and how large they are."""
    return status_of_indexes(context, backends)


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    kept = f"vectors in {found['backends']['vectors']}, words in {found['backends']['words']}"
    if found["fits"]:
        megabytes = found["bytes"] / 1e6
        out.print(f"The indexes fit the corpus: {found['fingerprint']}, {kept}, {megabytes:,.1f} MB.")
        out.print(f"{found['vectors']} vectors and {found['words']} texts for {found['chunks']} chunks.")
    elif found["error"]:
        out.print(f"The indexes cannot be used: {found['error']}", style="yellow", markup=False)
    elif not found["chunks"]:
        out.print("The corpus is empty, so there is nothing to index; `pairloop ingest PATH` fills it.")
    else:
        there = ", ".join(found["built"]) or "none"
        out.print(
            f"No indexes fit the corpus of {found['chunks']} chunks as it is now ({kept}): wanted "
            f"{found['fingerprint']}, there: {there}. The next question builds them, or run "
            "`pairloop index rebuild`."
        )
