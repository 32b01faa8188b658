"""Commands `ingest`, `ask` and `pairs`: documents in, sourced answers and pairs out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from annotate.cli.console import HERE, JsonOption, Terminal, WorkspaceOption, open_context, out, print_json
from annotate.errors import JobError
from annotate.jobs.ask import ask as ask_contender
from annotate.jobs.ingest import (
    WebSources,
    build_indexes,
    corpus_size,
    ingest_path,
    ingest_source,
    parser_options,
)
from annotate.jobs.pairs import make_missing_pairs
from annotate.jobs.questions import put_questions, read_questions
from rag.sources.rules import FetchRules

Sources = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH|URL]...", help="Folders, files and web addresses.")
]
Collection = Annotated[
    str | None, typer.Option(help="Name of the collection; by default the folder's or the host's.")
]
IsSitemap = Annotated[bool, typer.Option("--sitemap", help="The addresses are sitemaps.")]
IsCrawl = Annotated[bool, typer.Option("--crawl", help="Follow the links of the addresses (extra: crawl).")]
JsonApis = Annotated[list[Path] | None, typer.Option(help="TOML file that describes a JSON interface.")]
Sites = Annotated[Path | None, typer.Option(help="TOML file with the CSS selectors of sites.")]
ColumnNames = Annotated[
    str | None, typer.Option(help="Columns of tables: text=body,title=name,id=number,date=updated.")
]
Layout = Annotated[bool, typer.Option("--layout", help="Read PDF and Word files by Docling (extra: layout).")]
MaxPages = Annotated[int, typer.Option(min=1, help="Pages of one sitemap or crawl at most.")]
Depth = Annotated[int, typer.Option(min=0, help="Links away from the start of a crawl.")]
Delay = Annotated[float, typer.Option(min=0, help="Seconds between two requests to one host.")]
AllowPrivate = Annotated[bool, typer.Option("--allow-private", help="Fetch from private networks too.")]


def ingest(
    sources: Sources = None,
    workspace: WorkspaceOption = HERE,
    collection: Collection = None,
    sitemap: IsSitemap = False,
    crawl: IsCrawl = False,
    json_api: JsonApis = None,
    sites: Sites = None,
    columns: ColumnNames = None,
    layout: Layout = False,
    max_pages: MaxPages = 1_000,
    depth: Depth = 3,
    delay: Delay = 1.0,
    allow_private: AllowPrivate = False,
    as_json: JsonOption = False,
) -> None:
    """Bring documents in; only what changed is read again.

    What did not change is left alone, and what is gone from a folder goes from the corpus too.
    """
    if sitemap and crawl:
        raise JobError("choose one of --sitemap and --crawl")
    if not sources and not json_api:
        raise JobError("name a folder, a file or an address to bring in, or a --json-api")
    context = open_context(workspace)
    web = WebSources(
        FetchRules(
            allow_private=allow_private,
            delay_seconds=delay,
            max_pages=max_pages,
            cache_folder=str(context.workspace.folder / "pages"),
        ),
        parser_options(columns, sites, layout),
        collection or "",
    )
    urls = [source for source in sources or [] if "://" in source]
    paths = [Path(source) for source in sources or [] if "://" not in source]
    wanted = web.sitemaps(urls) if sitemap else web.crawls(urls, depth) if crawl else web.pages(urls)
    wanted |= web.json_apis(json_api or [])
    reports = {str(path): ingest_path(context, path, collection, Terminal(), web.options) for path in paths}
    for name, source in wanted.items():
        reports[name] = ingest_source(context, f"reading {name}", source, Terminal())
    fingerprint = build_indexes(context, Terminal()) if corpus_size(context)["chunks"] else None
    _show_ingested(reports, corpus_size(context), fingerprint, as_json)


def _show_ingested(
    reports: dict[str, Any], size: dict[str, Any], fingerprint: str | None, as_json: bool
) -> None:
    if as_json:
        print_json({"sources": reports, "corpus": size, "index": fingerprint})
    else:
        for source, report in reports.items():
            counts = ", ".join(f"{report[key]} {key}" for key in ("changed", "unchanged", "removed"))
            out.print(f"{source}: {counts}, {len(report['failed'])} failed", markup=False, soft_wrap=True)
            for failure in report["failed"]:
                line = f"  {failure['document']}: {failure['reason']}"
                out.print(line, style="yellow", markup=False, soft_wrap=True)
        out.print(f"The corpus holds {size['documents']} documents in {size['chunks']} chunks.")
        if size["junk"] or size["duplicates"]:
            out.print(
                f"Left out: {size['junk']} as junk, {size['duplicates']} as near duplicates;"
                " see `pairloop documents list`."
            )
    if size["documents"] == 0:
        raise JobError("no document could be read; the reasons are above")
    read = sum(report[key] for report in reports.values() for key in ("changed", "unchanged", "removed"))
    if not read and any(report["failed"] for report in reports.values()):
        raise JobError("nothing of it could be read; the reasons are above, the corpus is as it was")


def ask(
    question: Annotated[str, typer.Argument(help="A question, in Russian or English.")],
    workspace: WorkspaceOption = HERE,
    contender: Annotated[str, typer.Option(help="Name of the contender that answers.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the documents, by the first contender or another."""
    answer = ask_contender(open_context(workspace), question, Terminal(), contender_name=contender)
    if as_json:
        print_json(answer)
        return
    out.print(answer["text"], markup=False)
    if answer["precomputed"]:
        out.print(f"Made ahead for: {answer['precomputed']['for']}", style="dim", markup=False)
    for flag in answer["flags"]:
        out.print(f"  {flag['kind'].replace('_', ' ')}: {flag['detail']}", style="yellow", markup=False)
    for passage in answer["passages"]:
        found = ", ".join(f"{stage} {rank}" for stage, rank in passage.get("ranks", {}).items())
        place = f"{passage['document']} · {passage['title']}" + (f" ({found})" if found else "")
        out.print(f"\n[{passage['number']}] {place}", style="dim", markup=False)
        out.print("    " + " ".join(passage["text"].split())[:300], style="dim", markup=False)


def pairs(
    workspace: WorkspaceOption = HERE,
    questions: Annotated[Path | None, typer.Option(help="File with a question a line, text or JSON.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Answer at most so many questions now.")] = None,
    choose: Annotated[
        int | None, typer.Option(min=1, help="Answer only so many questions, those that are worth most.")
    ] = None,
    aim: Annotated[
        Literal["design", "best", "gap"],
        typer.Option(
            help="Of more than two contenders compare those who tell most of all (design), of who is best, "
            "or whose answers lie far apart (gap)."
        ),
    ] = "design",
    as_json: JsonOption = False,
) -> None:
    """Let the two contenders answer the questions that lack a pair from them."""
    context = open_context(workspace)
    new = put_questions(context.store, read_questions(questions)) if questions else 0
    made = make_missing_pairs(context, limit, Terminal(), choose=choose, aim=aim)
    if as_json:
        print_json({"new_questions": new} | made)
    else:
        left_out = made["left_out_as_identical"]
        out.print(
            f"{new} new questions, {made['pairs']} new pairs, {left_out} left out because both were the same."
        )
