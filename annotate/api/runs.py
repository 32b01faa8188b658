"""Start, watch and cancel training runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse

from annotate.access.permissions import Actor, Permission
from annotate.actions import runs as actions
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.problems import NotFound, missing_is_404
from annotate.api.schemas.runs import RunProgress, Runs, RunWish, ShownRun
from annotate.jobs.run_options import BY_API, RunOptions
from annotate.reports import RunReport, report_run, report_runs
from annotate.reports.run_files import read_log, read_page, read_steps

router = APIRouter(prefix="/runs", tags=["runs"])
Reader = Annotated[Actor, Depends(require(Permission.READ_RUNS))]
Trainer = Annotated[Actor, Depends(require(Permission.TRAIN))]
RunNumber = Annotated[int, InPath(ge=1, lt=2**63)]


@router.get("")
def runs(context: InContext, _actor: Reader) -> Runs:
    """List the training runs, the newest first."""
    return Runs(items=[ShownRun.model_validate(run) for run in report_runs(context.store)])


@router.post("", status_code=202)
def start(wish: RunWish, context: InContext, actor: Trainer) -> ShownRun:
    """Queue a run on the present preferences; the server's supervisor starts it."""
    options = RunOptions(trigger=BY_API, **wish.model_dump(exclude={"kind", "values"}))
    return ShownRun.model_validate(actions.start_run(context, actor, wish.kind, wish.values, options))


@router.get("/{run}")
def run(run: RunNumber, context: InContext, _actor: Reader) -> ShownRun:
    """Show one run."""
    return ShownRun.model_validate(_find(context, run))


@router.get("/{run}/progress")
def progress(
    run: RunNumber,
    context: InContext,
    _actor: Reader,
    after: Annotated[int, Query(ge=-1, lt=2**53, description="Only steps after this one.")] = -1,
    offset: Annotated[int, Query(ge=0, lt=2**53, description="Where the log was read up to.")] = 0,
) -> RunProgress:
    """Show what a run told since: its steps and its log."""
    found = _find(context, run)
    log = read_log(Path(found.folder), offset)
    steps = [line for line in read_steps(Path(found.folder)) if int(line["step"]) > after]
    return RunProgress(state=found.state, steps=steps, log=log.text, offset=log.offset)


@router.get("/{run}/report", response_class=HTMLResponse, responses={404: {"description": "no report yet"}})
def report(run: RunNumber, context: InContext, _actor: Reader, language: str = "en") -> HTMLResponse:
    """Show the page that a run left: its rows, losses, held-out figures; it brings its own content policy."""
    page = read_page(Path(_find(context, run).folder), language)
    if page is None:
        raise NotFound("the run has left no report yet")
    return HTMLResponse(page)


@router.post("/{run}/cancel", status_code=202)
def cancel(run: RunNumber, context: InContext, actor: Trainer) -> ShownRun:
    """Cancel a run; it saves a checkpoint first."""
    _find(context, run)
    return ShownRun.model_validate(actions.cancel_run(context, actor, run))


@router.post("/{run}/resume", status_code=202)
def resume(run: RunNumber, context: InContext, actor: Trainer) -> ShownRun:
    """Queue a cancelled or failed run again; it goes on from its last checkpoint."""
    _find(context, run)
    return ShownRun.model_validate(actions.resume_run(context, actor, run))


def _find(context: InContext, run: int) -> RunReport:
    with missing_is_404():
        return report_run(context.store, run)
