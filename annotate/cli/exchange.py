"""Commands `export` and `import`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from annotate.bridges.exports import FORMS, export_rows
from annotate.bridges.imports import import_judgements, read_judgements
from annotate.bridges.label_studio import export_tasks, read_annotations
from annotate.cli.console import HERE, WorkspaceOption, open_context, out
from annotate.errors import BridgeError
from annotate.jobs.snapshots import frozen_split, preference_rows
from annotate.labelling import refresh_preferences
from annotate.reports import report_pairs

LABEL_STUDIO = "label-studio"
JUDGEMENTS = "judgements"


def export(
    form: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMS)}, {LABEL_STUDIO}.")],
    target: Annotated[Path, typer.Argument(help="File to write; for label-studio a folder.")],
    workspace: WorkspaceOption = HERE,
    side: Annotated[str, typer.Option(help="all, train or test: the frozen split by question.")] = "all",
) -> None:
    """Write preferences, or the pairs as Label Studio tasks."""
    context = open_context(workspace)
    if form == LABEL_STUDIO:
        pairs = [report.pair for report in report_pairs(context.store, limit=1_000_000) if report.chosen_by]
        out.print(f"{export_tasks(pairs, target)} tasks and config.xml are in {target}.", markup=False)
        return
    rows = preference_rows(context)
    if not rows:
        raise BridgeError("no preference names a winner yet; label pairs first")
    if side not in ("all", "train", "test"):
        raise BridgeError(f"unknown side {side}; known: all, train, test")
    chosen = rows if side == "all" else getattr(frozen_split(context, rows), side)
    count = export_rows((asdict(row) for row in chosen), target, form)
    out.print(f"{count} lines are in {target}.", markup=False)


def import_(
    form: Annotated[
        str, typer.Argument(help=f"{JUDGEMENTS} (JSON lines) or {LABEL_STUDIO} (its JSON export).")
    ],
    source: Annotated[Path, typer.Argument(help="File to read.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Take in judgements of people that were made elsewhere."""
    readers = {JUDGEMENTS: read_judgements, LABEL_STUDIO: read_annotations}
    if form not in readers:
        raise BridgeError(f"unknown form {form}; known: {', '.join(readers)}")
    context = open_context(workspace)
    report = import_judgements(
        context.store, readers[form](source), guideline_id=context.guideline.id, channel=f"import:{form}"
    )
    refresh_preferences(context.store)
    out.print(f"{report.recorded} judgements recorded, {len(report.refused)} refused.")
    for reason in report.refused:
        out.print(f"  {reason}", style="yellow", markup=False)
    if not report.recorded and report.refused:
        raise BridgeError("nothing was recorded; the reasons are above")
