"""Commands `worker` and `triggers`: work through the queue, and fill it without anybody's hand."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from annotate.cli.console import HERE, JsonOption, WorkspaceOption, open_context, out, print_json, print_table

WORKER_POLL_SECONDS = 0.5


def worker(
    workspace: WorkspaceOption = HERE,
    once: Annotated[bool, typer.Option("--once", help="Stop when the queue is empty.")] = False,
) -> None:
    """Run the queued training runs, the most urgent first; start again those that died."""
    from filelock import FileLock, Timeout

    from annotate.errors import JobError
    from annotate.jobs.supervising import LOCK_FILE, Queue, try_step
    from annotate.reports import report_runs

    context = open_context(workspace)
    queue, told = Queue(context), {run.id: run.state for run in report_runs(context.store)}
    try:
        with FileLock(context.workspace.folder / LOCK_FILE).acquire(blocking=False):
            while True:
                try_step(queue)
                for run in reversed(report_runs(context.store)):
                    if told.get(run.id) != run.state:
                        told[run.id] = run.state
                        out.print(
                            f"Run {run.id} ({run.kind}): {run.state} {run.error}".rstrip(), markup=False
                        )
                if once and queue.is_idle:
                    try_step(queue)  # registers what has just finished
                    return
                time.sleep(WORKER_POLL_SECONDS)
    except Timeout:
        raise JobError(
            f"{context.workspace.folder}: a server or another worker runs the queue of this workspace already"
        ) from None


def triggers(
    name: Annotated[str | None, typer.Argument(help="Name of a trigger to make, change or stop.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="What it trains: makes or changes it.")] = None,
    preferences: Annotated[
        int | None, typer.Option("--preferences", help="After so many new preferences.")
    ] = None,
    hours: Annotated[float | None, typer.Option("--hours", help="Every so many hours.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key of the recipe: --set max_steps=20")
    ] = None,
    priority: Annotated[int, typer.Option("--priority", help="The higher, the earlier.")] = 0,
    stop: Annotated[bool, typer.Option("--stop", help="Stop it.")] = False,
    now: Annotated[bool, typer.Option("--now", help="Start its run now.")] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the trainings that start by themselves; make, change, stop or start one."""
    from annotate.cli.models import parse_changes
    from annotate.errors import JobError
    from annotate.jobs.run_options import RunOptions
    from annotate.jobs.triggers import TriggerWish, fire, list_triggers, put_trigger, stop_trigger

    context = open_context(workspace)
    if name is None and (kind or stop or now):
        raise JobError("name the trigger: pairloop triggers NAME ...")
    if name is not None and kind is not None:
        seconds = None if hours is None else round(hours * 3600)
        options = RunOptions(priority=priority)
        put_trigger(context, TriggerWish(name, kind, preferences, seconds, parse_changes(changes), options))
    if name is not None and stop:
        stop_trigger(context.store, name)
    if name is not None and now:
        fire(context, name)
    found = [each for each in list_triggers(context.store) if name in (None, each.name)]
    if name is not None and not found:
        raise JobError(f"no trigger called {name}; make one with --kind")
    if as_json:
        print_json(found)
        return
    rows = [
        (
            each.name,
            each.kind,
            each.every_preferences,
            None if each.every_seconds is None else round(each.every_seconds / 3600, 2),
            each.new_preferences,
            "active" if each.active else "stopped",
            each.run_id,
            each.error,
        )
        for each in found
    ]
    columns = ("trigger", "trains", "preferences", "hours", "new", "state", "last run", "error")
    print_table("Triggers", columns, rows)
