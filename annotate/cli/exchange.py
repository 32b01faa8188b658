"""Commands `export` and `import`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from annotate.bridges.exports import write_whole
from annotate.bridges.formats import FORMATS, JUDGEMENTS, PREFERENCES, ReadOptions
from annotate.bridges.formats.records import KINDS
from annotate.bridges.label_studio import export_tasks
from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    open_context,
    out,
    print_json,
)
from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.exchange.exporting import Selection
from annotate.jobs.exchange.exporting import export as export_file
from annotate.jobs.exchange.importing import READABLE, ImportSummary, import_file
from annotate.jobs.exchange.intake import IMPORTED
from annotate.reports import report_pairs

LABEL_STUDIO = "label-studio"
SHOWN = 20  # bad rows that are printed; --json prints more
ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--columns", help="Columns of csv, jsonl and datasets, repeated or with commas: OURS or OURS=THEIRS."
    ),
]


SplitOption = Annotated[
    str,
    typer.Option("--split", "--side", help="all, train, validation or test: the frozen split by question."),
]
JudgementsOption = Annotated[
    bool, typer.Option("--judgements", help="Write every judgement instead of the preferences.")
]
QuestionOption = Annotated[
    list[str] | None, typer.Option(help="Only rows of this question, by its key; can be repeated.")
]
AgainstOption = Annotated[
    list[Path] | None,
    typer.Option(help="A frozen test file: refuse rows whose question is in it or nearly; can be repeated."),
]


def export(
    form: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMATS)}.")],
    target: Annotated[
        Path, typer.Argument(help="File to write; a folder for datasets and for tasks of label-studio.")
    ],
    workspace: WorkspaceOption = HERE,
    split: SplitOption = "all",
    judgements: JudgementsOption = False,
    columns: ColumnsOption = None,
    question: QuestionOption = None,
    against: AgainstOption = None,
    validation_share: Annotated[
        float, typer.Option(help="Share of the questions that is held out for validation, beside the test.")
    ] = 0.0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write preferences or judgements, or the pairs as Label Studio tasks."""
    context = open_context(workspace)
    if form == LABEL_STUDIO and not judgements:
        count, what = _export_tasks(context, target, force=force), "tasks and config.xml"
    else:
        fixed = form in FORMATS and PREFERENCES not in FORMATS[form].writes
        count, what = (
            export_file(
                context,
                form,
                target,
                content=JUDGEMENTS if judgements or fixed else PREFERENCES,
                selection=Selection(split, validation_share, tuple(question or ()), tuple(against or ())),
                columns=_pairs(columns, alone=True),
                overwrite=force,
                reporter=Terminal(),
            ),
            "lines",
        )
    if as_json:
        print_json({"target": str(target), "lines": count})
    else:
        out.print(f"{count} {what} are in {target}.", markup=False)


def import_(
    form: Annotated[str, typer.Argument(help=f"One of {', '.join(READABLE)}.")],
    source: Annotated[Path, typer.Argument(help="File to read; for datasets a folder.")],
    workspace: WorkspaceOption = HERE,
    columns: ColumnsOption = None,
    verdict: Annotated[
        list[str] | None,
        typer.Option(help="What the file calls a verdict, as in 1=A_better; can be repeated."),
    ] = None,
    assessor: Annotated[str, typer.Option(help="Who judged, where the rows do not say it.")] = "",
    kind: Annotated[
        str, typer.Option(help=f"{' or '.join(KINDS)}: what the assessors are, where the rows do not say it.")
    ] = "",
    language: Annotated[
        str, typer.Option(help="Language of the questions; by default told by their letters.")
    ] = "",
    campaign: Annotated[
        str, typer.Option(help="Campaign of the pairs that are new; a new one is closed.")
    ] = IMPORTED,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first bad row, with nothing written.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in judgements that were made elsewhere."""
    if kind not in ("", *KINDS):
        raise BridgeError(f"unknown kind {kind}; known: {', '.join(KINDS)}")
    options = ReadOptions(_pairs(columns), _pairs(verdict), assessor, kind, language)
    context = open_context(workspace)
    summary = import_file(
        context, form, source, options, strict=strict, campaign=campaign, reporter=Terminal()
    )
    if as_json:
        print_json(summary)
    else:
        _print(summary)
    if summary.bad and not summary.recorded + summary.known:
        raise BridgeError("nothing was recorded; the reasons are above")


def _print(summary: ImportSummary) -> None:
    out.print(
        f"{summary.recorded} judgements recorded, {summary.known} known already, {summary.bad} refused."
    )
    for reason in summary.reasons[:SHOWN]:
        out.print(f"  {reason}", style="yellow", markup=False, soft_wrap=True)
    if summary.bad > SHOWN:
        out.print(f"  and {summary.bad - SHOWN} more; --json lists up to {len(summary.reasons)} of them")


def _export_tasks(context: Context, target: Path, *, force: bool) -> int:
    """Write the pairs that were chosen for labelling as tasks, without what was said of them."""
    pairs = [report.pair for report in report_pairs(context.store, limit=1_000_000) if report.chosen_by]
    return write_whole(target, partial(export_tasks, pairs), overwrite=force)


def _pairs(given: list[str] | None, *, alone: bool = False) -> dict[str, str]:
    """Read `a=b,c=d`; with `alone` a bare name stands for itself. Raises BridgeError for another form."""
    found: dict[str, str] = {}
    for word in (part.strip() for text in given or () for part in text.split(",")):
        left, equals, right = word.partition("=")
        if not left or not (right if equals else alone):
            raise BridgeError(f"{word!r} is not of the form NAME=OTHER")
        found[left] = right if equals else left
    return found
