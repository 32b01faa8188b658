"""Commands `gold`: tasks whose verdict is known, and what follows from the answers to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from annotate.access.permissions import operator
from annotate.actions import gold as actions
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
from annotate.labelling.assessors import find_assessor
from annotate.labelling.controls.gold import Known
from annotate.labelling.controls.gold_rules import apply_gold_rules, lift_acts
from annotate.reports.controls import report_control_tasks, report_controls

CampaignOption = Annotated[str, typer.Option(help="Name of the campaign.")]
ByOption = Annotated[str, typer.Option("--by", help="Name of the person who does it.")]

app = typer.Typer(help="Keep tasks whose verdict is known: gold, training, exam.", no_args_is_help=True)


@app.command("add")
def add_gold(
    pair: int,
    verdict: Annotated[list[str], typer.Option(help="An accepted verdict; repeat for several.")],
    why: Annotated[str, typer.Option(help="Why it is right.")],
    workspace: WorkspaceOption = HERE,
    pool: Annotated[str, typer.Option(help="gold, training or exam.")] = "gold",
    campaign: CampaignOption = "default",
    place: Annotated[str, typer.Option(help="Place in the guidelines: errors#Hallucination.")] = "",
    unsafe: Annotated[str, typer.Option(help="The side, A or B, that must not be preferred.")] = "",
) -> None:
    """Make a pair a task whose verdict is known."""
    known = Known(tuple(verdict), why, guideline=place, unsafe=unsafe)
    made = actions.add_gold(open_context(workspace), operator(), pair, known, pool=pool, campaign=campaign)
    out.print(f"Task {made} is in the {pool} pool.")


@app.command("make")
def make_gold_tasks(
    count: Annotated[int, typer.Argument(min=1)],
    workspace: WorkspaceOption = HERE,
    kind: Annotated[list[str] | None, typer.Option(help="A corruption; by default all of them.")] = None,
    pool: Annotated[str, typer.Option(help="gold, training or exam.")] = "gold",
    campaign: CampaignOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Make worse twins of good stored answers, checked to be worse."""
    from annotate.jobs.gold import make_gold
    from annotate.labelling.controls.corruption import KINDS

    summary = make_gold(
        open_context(workspace),
        count,
        kinds=kind or tuple(KINDS),
        campaign=campaign,
        pool=pool,
        reporter=Terminal(),
    )
    if as_json:
        print_json(summary)
        return
    print_table(f"Tasks for the {pool} pool", ("corruption", "made"), list(summary["made"].items()))
    out.print(f"{summary['good']} of {summary['looked_at']} answers are good enough to be corrupted.")
    if summary["nothing_for"]:
        out.print(f"No answer could be used for {', '.join(summary['nothing_for'])}.")


@app.command("list")
def list_gold(
    workspace: WorkspaceOption = HERE, campaign: CampaignOption = "default", as_json: JsonOption = False
) -> None:
    """List the tasks whose verdict is known."""
    tasks = report_control_tasks(open_context(workspace).store, campaign)
    if as_json:
        print_json(tasks)
        return
    rows = [
        (
            t.task_id,
            t.pair_id,
            t.pool,
            t.language,
            " / ".join(t.verdicts),
            t.made_by,
            f"{t.right:g} of {t.answers}",
        )
        for t in tasks
    ]
    print_table("Known verdicts", ("task", "pair", "pool", "language", "verdict", "made by", "right"), rows)


@app.command("results")
def gold_results(
    workspace: WorkspaceOption = HERE, campaign: CampaignOption = "default", as_json: JsonOption = False
) -> None:
    """Show how right each assessor was, with the interval, and what the rules did."""
    found = report_controls(open_context(workspace).store, campaign)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.assessor,
            one.gold.accuracy if one.gold else None,
            f"[{one.gold.low:.2f}, {one.gold.high:.2f}]" if one.gold else None,
            one.gold.n if one.gold else 0,
            ", ".join(act.act for act in one.acts),
            len([signal for signal in one.signals if not signal.settled_at]),
            one.state,
        )
        for one in found
    ]
    columns = ("assessor", "right", "95 %", "gold tasks", "acts", "open signals", "state")
    print_table("Controls", columns, rows)


@app.command("correct")
def correct_gold(
    task: int,
    verdict: Annotated[list[str], typer.Option(help="An accepted verdict; repeat for several.")],
    why: Annotated[str, typer.Option(help="Why it is right.")],
    by: ByOption,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Correct a known verdict that was disputed; the results are reckoned anew."""
    actions.correct_gold(open_context(workspace), replace(operator(), name=by), task, verdict, why)
    out.print(f"Task {task} now accepts {', '.join(verdict)}.")


@app.command("apply")
def apply_rules(workspace: WorkspaceOption = HERE, campaign: CampaignOption = "default") -> None:
    """Let the campaign's gold rules act on the answers so far."""
    acts = apply_gold_rules(open_context(workspace).store, campaign)
    out.print(f"{len(acts)} acts: {', '.join(act.act for act in acts) or 'nothing to do'}.")


@app.command("lift")
def lift(
    assessor: str,
    why: Annotated[str, typer.Option(help="The reason.")],
    by: ByOption,
    workspace: WorkspaceOption = HERE,
    restore: Annotated[bool, typer.Option(help="Let the dropped judgements count again.")] = False,
) -> None:
    """Let an assessor work again whom the gold rules stopped."""
    store = open_context(workspace).store
    lift_acts(store, find_assessor(store, assessor).id, by, why, restore=restore)
    out.print(f"{assessor} may work again.", markup=False)
