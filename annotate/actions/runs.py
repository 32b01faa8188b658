"""Start, cancel and resume training runs."""

from __future__ import annotations

from dataclasses import asdict
from threading import Thread
from typing import Any

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.run_options import RunOptions
from annotate.jobs.train import request_run
from annotate.reports import RunReport, report_run


def start_run(
    context: Context, actor: Actor, kind: str, values: dict[str, Any], options: RunOptions | None = None
) -> RunReport:
    """Queue a run of a kind with changed keys of its recipe; its own process freezes the rows.

    Raises AccessDenied, JobError for an unknown kind, too few preferences or resources that are not
    there, training.RecipeError for values that the recipe does not take.
    """
    actor.demand(Permission.TRAIN)
    options = options or RunOptions()
    with audited(context.store, actor, "run.start", kind, values=values, options=asdict(options)):
        return report_run(context.store, request_run(context, kind, values, options))


def cancel_run(context: Context, actor: Actor, run_id: int) -> RunReport:
    """Cancel a run at once; its process saves a checkpoint and ends in its own time.

    Raises AccessDenied, JobError when there is no such run or it is over.
    """
    actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "run.cancel", str(run_id)):
        run = supervisor.ask_to_stop(context.store, run_id)
    Thread(target=supervisor.end, args=(run,), name=f"end-run-{run_id}", daemon=True).start()
    return report_run(context.store, run_id)


def resume_run(context: Context, actor: Actor, run_id: int) -> RunReport:
    """Queue a cancelled or failed run again; it goes on from its last checkpoint.

    Raises AccessDenied, JobError when it is in another state or still ending.
    """
    actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "run.resume", str(run_id)):
        supervisor.resume(context.store, run_id)
    return report_run(context.store, run_id)
