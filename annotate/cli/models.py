"""Commands `train`, `runs`, `models` and `worker`."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer
import yaml
from filelock import FileLock, Timeout

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
from annotate.jobs.context import Context
from annotate.jobs.supervising import LOCK_FILE
from annotate.jobs.train import ROLES, finish_run, queue_run
from annotate.jobs.train import train as train_now
from annotate.reports import report_models, report_run, report_runs

WORKER_POLL_SECONDS = 2.0


def train(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")],
    workspace: WorkspaceOption = HERE,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key of the recipe: --set max_steps=20")
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help="Only put it in the queue of `pairloop worker`.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a reward head, a reward model or the policy on the preferences."""
    context = open_context(workspace)
    if queue:
        out.print(
            f"Run {queue_run(context, kind, _changes(changes), Terminal())} waits for `pairloop worker`."
        )
        return
    result = train_now(context, kind, _changes(changes), Terminal())
    if as_json:
        print_json(result)
        return
    rows = result["rows"]
    out.print(f"Run {result['run']} finished in {result['seconds']:.0f} s: model {result['model_number']}, "
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
    as_json: JsonOption = False,
) -> None:
    """List the training runs, show one, or cancel one."""
    context = open_context(workspace)
    if cancel:
        if number is None:
            raise JobError("name the run to cancel: pairloop runs NUMBER --cancel")
        supervisor.cancel(context.store, number)
    if number is not None:
        report = report_run(context.store, number)
        if as_json:
            print_json(report)
        else:
            out.print(f"Run {report.id} ({report.kind}): {report.state} {report.error}", markup=False)
            out.print(f"  folder {report.folder}", markup=False)
            for name, figures in report.result.get("metrics", {}).items():
                out.print(f"  held-out {name}: {interval(figures)}")
        return
    found = report_runs(context.store)
    if as_json:
        print_json(found)
    else:
        rows = [(r.id, r.kind, r.state, f"{r.created_at:%Y-%m-%d %H:%M}", r.error) for r in found]
        print_table("Runs", ("run", "kind", "state", "created", "error"), rows)


def models(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """List the model versions, the champions and the decisions of the gate."""
    found = report_models(open_context(workspace).store)
    if as_json:
        print_json(found)
        return
    rows = [
        (m.id, m.role, "champion" if m.champion else "", m.fingerprint[:12], m.run_id, m.decision)
        for m in found
    ]
    print_table("Models", ("model", "role", "", "weights", "run", "decision of the gate"), rows)


def worker(
    workspace: WorkspaceOption = HERE,
    once: Annotated[bool, typer.Option("--once", help="Stop when the queue is empty.")] = False,
) -> None:
    """Run the queued training runs one by one; start again those that died."""
    context = open_context(workspace)
    try:
        with FileLock(context.workspace.folder / LOCK_FILE).acquire(blocking=False):
            while _work_through(context) or not once:
                pass
    except Timeout:
        raise JobError(
            f"{context.workspace.folder}: a server or another worker runs the queue of this workspace already"
        ) from None


def _work_through(context: Context) -> bool:
    """Run what waits and return True, or wait a moment and return False."""
    waiting = supervisor.recover(context.store)
    for run_id in waiting:
        try:
            with Terminal().track(f"run {run_id}") as progress:
                result = finish_run(context, run_id, progress)
            out.print(f"Run {run_id} finished: model {result['model_number']}")
        except JobError as error:
            out.print(str(error), style="yellow", markup=False)
    if not waiting:
        time.sleep(WORKER_POLL_SECONDS)
    return bool(waiting)


def _changes(changes: list[str] | None) -> dict[str, Any]:
    parsed = {}
    for change in changes or []:
        key, equals, value = change.partition("=")
        if not equals:
            raise JobError(f"--set {show(change)}: expected KEY=VALUE")
        parsed[key.strip()] = yaml.safe_load(value)
    return parsed
