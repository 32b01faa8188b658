"""Let machine assessors label: reserve, judge, submit, like anybody else."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import func, select

from annotate.errors import JobError, LabellingError, NothingToLabel
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_answers
from annotate.jobs.progress import Reporter, Silent
from annotate.labelers import HeuristicLabeler, Labeler, LlmLabeler
from annotate.labelling import (
    AssessorView,
    Submission,
    refresh_preferences,
    register,
    reserve,
    submit,
)
from annotate.store import Assignment, Task
from annotate.store.ledger import HELD, SKIPPED

BATCH = 8  # pairs judged between two commits
LABELERS = ("heuristic", "llm-judge")


def make_labeler(context: Context, name: str) -> Labeler:
    """Return a machine assessor by name; raise JobError when there is none of that name."""
    if name == "heuristic":
        return HeuristicLabeler(lambda texts: embed_answers(context, texts), context.embedder.fingerprint)
    if name == "llm-judge":
        return LlmLabeler(context.generator(context.settings.judge.model), name)
    raise JobError(f"no machine assessor named {name}; known: {', '.join(LABELERS)}")


def label_by_machine(
    context: Context, name: str, limit: int | None = None, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Judge the tasks that wait for this machine; return its name and how many it judged.

    Each batch is reserved, judged and submitted before the next, so that little is lost when
    the work is cut off; a batch that was reserved but not submitted is taken up again.
    """
    labeler = make_labeler(context, name)
    assessor = _register(context, labeler)
    done = 0
    with (reporter or Silent()).track(f"{name} judges") as progress:
        while limit is None or done < limit:
            try:
                size = BATCH if limit is None else min(BATCH, limit - done)
                held = reserve(
                    context.store,
                    assessor.id,
                    count=size,
                    lease_seconds=context.settings.labelling.lease_seconds,
                    seed=context.settings.seed,
                )
            except NothingToLabel:
                break
            for assignment, found in zip(
                held, labeler.judge([assignment.pair for assignment in held]), strict=True
            ):
                submission = Submission(
                    client_key=f"machine:{assessor.name}:{assignment.id}",
                    verdict=found.verdict,
                    guideline_id=context.guideline.id,
                    channel="machine",
                    aspects=found.aspects,
                    tags=found.tags,
                    confidence=found.confidence,
                    details=found.details,
                )
                submit(context.store, assignment.id, assessor.id, submission)
            done += len(held)
            progress(done, max(done, _waiting(context, assessor, done, limit)))
    refresh_preferences(context.store)
    return {"assessor": assessor.name, "judged": done}


def _register(context: Context, labeler: Labeler) -> AssessorView:
    """Register the machine; one whose settings changed is another assessor, under another name."""
    try:
        return register(context.store, labeler.name, "machine", fingerprint=labeler.fingerprint)
    except LabellingError:
        digest = hashlib.sha256(labeler.fingerprint.encode()).hexdigest()[:6]
        return register(context.store, f"{labeler.name}-{digest}", "machine", fingerprint=labeler.fingerprint)


def _waiting(context: Context, assessor: AssessorView, done: int, limit: int | None) -> int:
    with context.store.reading() as session:
        tasks = session.scalar(select(func.count(Task.id))) or 0
        seen = session.scalar(
            select(func.count(Assignment.id)).where(
                Assignment.assessor_id == assessor.id, Assignment.state.in_((*HELD, SKIPPED))
            )
        )
    open_tasks = done + tasks - (seen or 0)
    return min(open_tasks, limit) if limit else open_tasks
