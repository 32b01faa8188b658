"""Commands `review`, `signals` and `guideline`: second looks, signs of careless work, what applies."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.console import (
    HERE,
    JsonOption,
    WorkspaceOption,
    open_context,
    out,
    print_json,
    print_table,
)
from annotate.cli.gold import ByOption, CampaignOption
from annotate.labelling.assessors import find_assessor
from annotate.labelling.controls.notes import add_note
from annotate.labelling.controls.reviews import decide, open_reviews, reopen
from annotate.labelling.controls.signals import find_signals, list_signals, settle_signal
from annotate.labelling.guidelines import (
    compare_guidelines,
    confirm_guideline,
    find_guideline,
    list_guidelines,
    pending_changes,
)
from annotate.reports.reviews import report_reviews

review_app = typer.Typer(help="Give disputed tasks a second look.", no_args_is_help=True)
signals_app = typer.Typer(help="See and settle the signs of careless work.", no_args_is_help=True)
guideline_app = typer.Typer(
    help="See the guidelines' versions, changes, confirmations.", no_args_is_help=True
)


@review_app.command("open")
def look_over_work(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Look over the work: refresh the preferences, open reviews, raise signals, apply the gold rules."""
    from annotate.jobs.review import look_over

    summary = look_over(open_context(workspace))
    if as_json:
        print_json(summary)
    else:
        out.print(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in summary.items()) + ".")


@review_app.command("list")
def list_reviews(
    workspace: WorkspaceOption = HERE,
    state: Annotated[str, typer.Option(help="open, decided or all.")] = "open",
    as_json: JsonOption = False,
) -> None:
    """Look for tasks that need a second look, and list the reviews."""
    store = open_context(workspace).store
    open_reviews(store)
    found = report_reviews(store, None if state == "all" else state)
    if as_json:
        print_json(found)
        return
    rows = [
        (r.id, r.task_id, r.reason, " ".join(o.verdict for o in r.opinions), r.state, r.verdict, len(r.notes))
        for r in found
    ]
    print_table("Reviews", ("review", "task", "reason", "verdicts", "state", "decided", "notes"), rows)


@review_app.command("decide")
def decide_review(
    review: int,
    verdict: str,
    note: Annotated[str, typer.Option(help="A short explanation.")],
    by: ByOption,
    workspace: WorkspaceOption = HERE,
    force: Annotated[bool, typer.Option(help="Decide although you judged the task.")] = False,
) -> None:
    """Give a review its final verdict, about the pair in its stored order."""
    store = open_context(workspace).store
    decide(store, review, find_assessor(store, by).id, verdict, note, forced=force)
    out.print(f"Review {review} is decided: {verdict}.")


@review_app.command("reopen")
def reopen_review(
    review: int,
    why: Annotated[str, typer.Option(help="The reason.")],
    by: ByOption,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Open a decided review again."""
    store = open_context(workspace).store
    reopen(store, review, find_assessor(store, by).id, why)
    out.print(f"Review {review} is open again.")


@review_app.command("note")
def note_on_task(task: int, text: str, by: ByOption, workspace: WorkspaceOption = HERE) -> None:
    """Add a remark to the discussion of a task."""
    store = open_context(workspace).store
    add_note(store, task, find_assessor(store, by).id, text)
    out.print(f"Noted on task {task}.")


@signals_app.command("list")
def show_signals(
    workspace: WorkspaceOption = HERE,
    settled: Annotated[bool, typer.Option(help="Show those that were settled as well.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look for signs of careless work and list them; nothing acts by itself."""
    store = open_context(workspace).store
    find_signals(store)
    found = list_signals(store, settled=settled)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            s.id,
            s.assessor,
            s.kind,
            s.strength,
            ", ".join(f"{k}: {v}" for k, v in s.evidence.items()),
            s.settled_by,
        )
        for s in found
    ]
    print_table("Signals", ("signal", "assessor", "kind", "strength", "evidence", "settled"), rows)


@signals_app.command("settle")
def settle(
    signal: int,
    resolution: Annotated[str, typer.Option(help="What came of it.")],
    by: ByOption,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Close a signal that somebody looked at."""
    settle_signal(open_context(workspace).store, signal, by, resolution)
    out.print(f"Signal {signal} is settled.")


@guideline_app.command("list")
def show_versions(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """List the versions of the guidelines; the current one is read from its folder first."""
    context = open_context(workspace)
    current = context.guideline
    found = list_guidelines(context.store)
    if as_json:
        print_json([{"id": v.id, "hash": v.content_hash, "current": v.id == current.id} for v in found])
        return
    rows = [(v.id, v.content_hash[:12], len(v.texts), "yes" if v.id == current.id else "") for v in found]
    print_table("Guidelines", ("version", "hash", "files", "current"), rows)


@guideline_app.command("show")
def show_guideline(
    name: str, workspace: WorkspaceOption = HERE, language: Annotated[str, typer.Option()] = "en"
) -> None:
    """Print one file of the current guidelines: aspects, citations, errors ..."""
    texts = open_context(workspace).guideline.in_language(language)
    if name not in texts:
        raise typer.BadParameter(f"no such file; known: {', '.join(texts)}")
    out.print(texts[name], markup=False)


@guideline_app.command("diff")
def diff_guidelines(
    old: str,
    new: Annotated[str, typer.Argument(help="By default the current version.")] = "",
    workspace: WorkspaceOption = HERE,
    language: Annotated[str | None, typer.Option(help="Only this language.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what changed between two versions, by number or hash."""
    context = open_context(workspace)
    to = find_guideline(context.store, new) if new else context.guideline
    changes = compare_guidelines(find_guideline(context.store, old), to, language)
    if as_json:
        print_json(changes)
        return
    for change in changes:
        out.print(f"{change.language}/{change.name}: {change.kind}", style="bold", markup=False)
        for line in change.lines:
            for part in line.segments:
                style = {"added": "green", "removed": "red strike"}.get(part.kind, "")
                sign = {"added": "+", "removed": "-"}.get(part.kind, "")
                out.print(f"{sign}{part.text}{sign}", style=style, end="", markup=False)
            out.print()
    if not changes:
        out.print("Nothing changed.")


@guideline_app.command("confirm")
def confirm(assessor: str, workspace: WorkspaceOption = HERE, campaign: CampaignOption = "default") -> None:
    """Record that an assessor has read the version in force."""
    context = open_context(workspace)
    _ = context.guideline  # adopted first, so that what is in the folder is what is confirmed
    number = find_assessor(context.store, assessor).id
    pending = pending_changes(context.store, number, None if campaign == "default" else campaign)
    if pending is None:
        out.print("Nothing to confirm.")
        return
    confirm_guideline(context.store, number, pending.current.id)
    out.print(f"{assessor} has confirmed version {pending.current.content_hash[:12]}.", markup=False)
