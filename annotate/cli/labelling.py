"""Commands `select`, `label`, `quality` and `users`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer

from active import STRATEGIES
from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    interval,
    open_context,
    out,
    plain,
    print_json,
    print_table,
)
from annotate.cli.routing import print_plan, print_tallies
from annotate.jobs.context import Context
from annotate.jobs.judges import LABELERS, MACHINES, PANEL, make_budget, panel_names
from annotate.jobs.label import label_by_machine
from annotate.jobs.relabel import RELABEL
from annotate.jobs.route import draw, follow, route, summarise
from annotate.jobs.select import select_pairs
from annotate.jobs.stopping import foretell
from annotate.labelers.llm import Budget, Caps
from annotate.labelling import list_assessors, register, set_active
from annotate.labelling.campaigns import DEFAULT
from annotate.reports import report_progress, report_quality
from annotate.reports.stopping import read_stopping

ByOption = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        "--assessor",
        help=f"Machine assessors: {', '.join(MACHINES)}, llm-judge:MODEL, {PANEL}; by default "
        f"{', '.join(LABELERS)}.",
    ),
]
RouteOption = Annotated[
    bool, typer.Option("--route", help="Show which pairs machines could label well enough, and the saving.")
]
AccuracyOption = Annotated[
    float | None, typer.Option(min=0.5, max=1.0, help="With --route: what a machine's label must reach.")
]
AuditOption = Annotated[
    int, typer.Option(min=0, help="With --route: first move so many waiting pairs, by lot, to the audit.")
]

users_app = typer.Typer(help="List, add and stop assessors.", no_args_is_help=True)


def select(
    workspace: WorkspaceOption = HERE,
    count: Annotated[int | None, typer.Option(min=1, help="Pairs in the batch.")] = None,
    strategy: Annotated[str | None, typer.Option(help=f"One of {', '.join(STRATEGIES)}.")] = None,
    campaign: Annotated[str | None, typer.Option(help="The campaign they are for.")] = None,
    forecast: Annotated[
        bool, typer.Option("--forecast/--no-forecast", help="Say what these labels will probably buy.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Choose the pairs that are worth a label and make tasks of them."""
    context = open_context(workspace)
    summary = select_pairs(context, count, strategy, campaign=campaign)
    foretold = foretell(context, max(1, summary["selected"])) if forecast else None
    if as_json:
        print_json(summary | {"stopping": foretold})
        return
    if summary["strategy"] == RELABEL:
        out.print(f"{summary['selected']} tasks want one more person: their verdict is still open.")
    else:
        out.print(
            f"{summary['selected']} pairs chosen by {summary['strategy']}, "
            f"{summary['audit']} of them by lot for the audit."
        )
    for shortage in summary["shortages"]:
        out.print(f"Too few pairs for a quota: {shortage}", markup=False)
    if foretold and foretold.gain is not None:
        out.print(f"{foretold}.")


def label(
    workspace: WorkspaceOption = HERE,
    by: ByOption = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many pairs for each.")] = None,
    routed: RouteOption = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --route: do it, and spend.")] = False,
    accuracy: AccuracyOption = None,
    audit: AuditOption = 0,
    campaign: Annotated[str, typer.Option(help="With --route: the campaign.")] = DEFAULT,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Most calls of language models.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Most tokens, read and written.")] = None,
    max_cost: Annotated[float | None, typer.Option(min=0.0, help="Most money, by the prices set.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Let machine assessors judge the waiting pairs; people do so in `pairloop ui`."""
    context = open_context(workspace)
    budget = make_budget(context, Caps(max_calls, max_tokens, max_cost))
    if routed:
        drawn = draw(context, audit, campaign) if audit else 0
        _route(context, by, accuracy, campaign, budget, yes=yes, drawn=drawn, as_json=as_json)
        return
    _label(context, by or LABELERS, limit, budget, as_json=as_json)


def _label(
    context: Context, wanted: Sequence[str], limit: int | None, budget: Budget, *, as_json: bool
) -> None:
    names = [one for name in wanted for one in (panel_names(context) if name == PANEL else [name])]
    judged = [label_by_machine(context, name, limit, Terminal(), budget=budget) for name in names]
    progress = report_progress(context.store)
    if as_json:
        print_json({"labelers": judged, "preferences": progress.preferences})
        return
    print_tallies(judged)
    out.print(f"{progress.preferences} preferences; {progress.waiting_for_people} pairs wait for people.")


def _route(
    context: Context,
    names: list[str] | None,
    accuracy: float | None,
    campaign: str,
    budget: Budget,
    *,
    yes: bool,
    drawn: int,
    as_json: bool,
) -> None:
    planned = route(context, names, accuracy, campaign)
    summary = summarise(planned) | {"drawn_for_audit": drawn}
    done = follow(context, planned, budget, Terminal()) if yes else None
    if as_json:
        print_json(summary | {"done": done})
        return
    print_plan(summary)
    if done is None:
        out.print("Nothing was asked or closed yet: add --yes to do it.")
        return
    print_tallies(done["labelers"])
    out.print(
        f"{done['closed_to_people']} pairs stand as machines labelled them; "
        f"{done['left_to_people']} are left to people."
    )


def quality(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Show how far the assessors agree and can be trusted."""
    context = open_context(workspace)
    report = report_quality(context.store, np.random.default_rng(context.settings.seed))
    foretold = read_stopping(context.store)
    if foretold is None or foretold.since:
        foretold = foretell(context, foretold.more if foretold else context.settings.selection.batch)
    if as_json:
        print_json(plain(report) | {"stopping": foretold})
        return
    out.print(f"Krippendorff's α (ordinal): {interval(plain(report.alpha))}")
    out.print(f"  people only: {interval(plain(report.alpha_people))}")
    out.print(f"Equal outcomes: {interval(plain(report.percent))}")
    print_table(
        "Assessors",
        ("assessor", "kind", "judgements", "reliability", "agrees with others", "chose the left"),
        [
            (
                a.name,
                a.kind,
                a.judgements,
                a.reliability,
                interval(plain(a.agreement_with_others)),
                a.left_share,
            )
            for a in report.assessors
        ],
    )
    out.print(f"{foretold}.")


@users_app.command("list")
def list_users(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """List the assessors, people and machines."""
    found = list_assessors(open_context(workspace).store)
    if as_json:
        print_json(found)
    else:
        rows = [(a.name, a.kind, ", ".join(a.languages), "yes" if a.active else "no") for a in found]
        print_table("Assessors", ("name", "kind", "languages", "active"), rows)


@users_app.command("add")
def add_user(
    name: str,
    workspace: WorkspaceOption = HERE,
    language: Annotated[list[str] | None, typer.Option(help="Languages; by default both.")] = None,
) -> None:
    """Register a person who labels."""
    added = register(open_context(workspace).store, name, "person", language or ("en", "ru"))
    out.print(f"{added.name} may label in {', '.join(added.languages)}.", markup=False)


@users_app.command("stop")
def stop_user(name: str, workspace: WorkspaceOption = HERE) -> None:
    """Hand out no more tasks to an assessor; the judgements stay."""
    set_active(open_context(workspace).store, name, active=False)
    out.print(f"{name} gets no more tasks.", markup=False)
