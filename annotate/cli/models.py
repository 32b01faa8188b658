"""Commands `train`, `runs` and `models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from annotate.cli.console import (
    HERE,
    JsonOption,
    Terminal,
    WorkspaceOption,
    interval,
    open_context,
    out,
    print_json,
    print_table,
    show,
)
from annotate.errors import JobError
from annotate.jobs import supervisor
from annotate.jobs.dry_run import dry_run
from annotate.jobs.models import fingerprint_of, promote_version, roll_back
from annotate.jobs.registration import gate_model
from annotate.jobs.run_options import BY_HAND, RunOptions
from annotate.jobs.train import queue_run
from annotate.jobs.train import train as train_now
from annotate.jobs.workspace_recipes import known_kinds
from annotate.reports import read_log, report_models, report_run, report_runs
from annotate.reports.run_files import find_page


def train(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(known_kinds())}.")],
    workspace: WorkspaceOption = HERE,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key of the recipe: --set max_steps=20")
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help="Only put it in the queue of the server or `pairloop worker`.")
    ] = False,
    priority: Annotated[int, typer.Option("--priority", help="The higher, the earlier.")] = 0,
    cpus: Annotated[int, typer.Option("--cpus", help="CPU slots that it takes.")] = 1,
    gpus: Annotated[int | None, typer.Option("--gpus", help="GPUs of gpu_ids that it takes.")] = None,
    seconds: Annotated[
        int | None, typer.Option("--seconds", help="Limit of time; its checkpoint is kept.")
    ] = None,
    megabytes: Annotated[int | None, typer.Option("--megabytes", help="Limit of disk.")] = None,
    launcher: Annotated[str, typer.Option("--launcher", help="local, accelerate or ray.")] = "local",
    rows_from: Annotated[
        int | None, typer.Option("--rows-from", help="Train on the rows a run made.")
    ] = None,
    leave_out_leaks: Annotated[
        bool, typer.Option("--leave-out-leaks", help="Leave out rows that are in a frozen test, or nearly.")
    ] = False,
    test_from: Annotated[
        str, typer.Option("--test-from", help="Test on what was judged since a day, too.")
    ] = "",
    by_rewards: Annotated[
        bool, typer.Option("--by-rewards", help="Reranker: rows from the rewards of the answers that cite.")
    ] = False,
    keep_share: Annotated[
        float, typer.Option("--keep-share", help="Share of the sure rows that is kept, by --keep-by.")
    ] = 1.0,
    keep_by: Annotated[
        str, typer.Option("--keep-by", help="facility_location, k_centre (both varied) or quality.")
    ] = "facility_location",
    least_posterior: Annotated[
        float, typer.Option("--least-posterior", help="Leave out labels less probable than this.")
    ] = 0.0,
    least_agreement: Annotated[
        float, typer.Option("--least-agreement", help="Leave out labels with a lesser share of votes.")
    ] = 0.0,
    only_show: Annotated[
        bool, typer.Option("--dry-run", help="Only show the rows it would have, and how they are read.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a model of any kind on what the workspace holds."""
    context = open_context(workspace)
    options = RunOptions(
        priority=priority,
        cpus=cpus,
        gpus=gpus,
        limit_seconds=seconds,
        limit_megabytes=megabytes,
        launcher=launcher,
        trigger=BY_HAND,
        rows_from=rows_from,
        leave_out_leaks=leave_out_leaks,
        test_from=test_from,
        by_rewards=by_rewards,
        selection=_selection(keep_share, keep_by, least_posterior, least_agreement),
    )
    if only_show:
        _show_rows(dry_run(context, kind, parse_changes(changes), Terminal(), options), as_json=as_json)
        return
    if queue:
        number = queue_run(context, kind, parse_changes(changes), Terminal(), options)
        out.print(f"Run {number} waits for the server or `pairloop worker`.")
        return
    result = train_now(context, kind, parse_changes(changes), Terminal(), options)
    if as_json:
        print_json(result)
        return
    rows, number = result["rows"], result["model_number"]
    made = f"model {number}" if number is not None else "rows"
    out.print(f"Run {result['run']} finished in {result['seconds']:.0f} s: {made}, "
              f"{rows['train']} rows for training, {rows['test']} held out.")  # fmt: skip
    out.print(f"  loss {result['first_loss']:.4f} → {result['last_loss']:.4f} in {result['steps']} steps")
    for name, figures in result["metrics"].items():
        out.print(f"  held-out {name}: {interval(figures)}")


def runs(
    number: Annotated[int | None, typer.Argument(help="Show one run.")] = None,
    workspace: WorkspaceOption = HERE,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Stop the run; it saves a checkpoint first.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Queue a stopped or failed run again, from its checkpoint.")
    ] = False,
    log: Annotated[bool, typer.Option("--log", help="Show the end of its log.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the training runs; show, cancel or resume one."""
    context = open_context(workspace)
    if number is None and (cancel or resume or log):
        raise JobError("name the run: pairloop runs NUMBER --cancel")
    if number is not None and cancel:
        supervisor.cancel(context.store, number)
    if number is not None and resume:
        supervisor.resume(context.store, number)
    if number is not None:
        report = report_run(context.store, number)
        if as_json:
            print_json(report)
        else:
            out.print(f"Run {report.id} ({report.kind}): {report.state} {report.error}", markup=False)
            out.print(f"  folder {report.folder}", markup=False)
            if page := find_page(Path(report.folder), context.settings.language):
                out.print(f"  report {page}", markup=False)
            for name, figures in report.result.get("metrics", {}).items():
                out.print(f"  held-out {name}: {interval(figures)}")
            if log:
                out.print(read_log(Path(report.folder)).text, markup=False, highlight=False)
        return
    found = report_runs(context.store)
    if as_json:
        print_json(found)
    else:
        rows = [
            (r.id, r.kind, r.state, r.priority, r.trigger, f"{r.created_at:%Y-%m-%d %H:%M}", r.error)
            for r in found
        ]
        columns = ("run", "kind", "state", "priority", "started by", "created", "error")
        print_table("Runs", columns, rows)


def models(
    number: Annotated[int | None, typer.Argument(help="A version to put to the gate or to promote.")] = None,
    workspace: WorkspaceOption = HERE,
    gate: Annotated[bool, typer.Option("--gate", help="Compare a reward model with its champion.")] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Make it the champion, whatever the gate said.")
    ] = False,
    rollback: Annotated[
        str | None, typer.Option("--rollback", help="Take back the last promotion of a role.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the model versions, the champions and the decisions of the gate; promote one, or go back."""
    store = (context := open_context(workspace)).store
    if number is None and (gate or promote):
        raise JobError("name the version: pairloop models NUMBER --gate")
    if number is not None and gate:
        gate_model(context, number)
    if number is not None and promote:
        promote_version(store, fingerprint_of(store, number), by="the command line", reason=reason)
    if rollback:
        roll_back(store, rollback, by="the command line", reason=reason)
    found = [each for each in report_models(store) if number in (None, each.id)]
    if as_json:
        print_json(found)
        return
    rows = [
        (m.id, m.role, "champion" if m.champion else "", m.fingerprint[:12], m.run_id, m.decision)
        for m in found
    ]
    print_table("Models", ("model", "role", "", "weights", "run", "decision of the gate"), rows)


def _show_rows(found: dict[str, Any], *, as_json: bool) -> None:
    """Show how many rows a run would have, their balance, how they are read, and why others are left out."""
    from training.dry_run import dry_run_lines

    if as_json:
        print_json(found.pop("balance") | found)
        return
    lines = [f"left out, {why}: {len(ids)}" for why, ids in found["left_out"].items()]
    out.print("\n".join([*dry_run_lines(found), *lines]), markup=False, highlight=False)


def _selection(share: float, by: str, least_posterior: float, least_agreement: float) -> dict[str, Any]:
    """Return which rows are kept, empty where all of them are."""
    if share == 1 and not least_posterior and not least_agreement:
        return {}
    return {
        "share": share,
        "by": by,
        "least_posterior": least_posterior,
        "least_agreement": least_agreement,
    }


def parse_changes(changes: list[str] | None) -> dict[str, Any]:
    """Return the changed keys of a recipe, from texts such as `max_steps=20`; raise JobError for others."""
    parsed = {}
    for change in changes or []:
        key, equals, value = change.partition("=")
        if not equals:
            raise JobError(f"--set {show(change)}: expected KEY=VALUE")
        parsed[key.strip()] = yaml.safe_load(value)
    return parsed
