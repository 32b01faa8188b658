"""Put a tuned policy to the gate in somebody's name."""

from __future__ import annotations

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.errands import start_errand
from annotate.reports import report_models


def evaluate_model(context: Context, actor: Actor, model: int, questions: int | None = None) -> None:
    """Compare a policy with the one in service in a process of its own; the gate promotes it or not.

    `questions` caps the held-out questions. Raises AccessDenied, or JobError for a model that is no
    policy, for the one in service, or while another is being compared.
    """
    actor.demand(Permission.PROMOTE)  # since the gate promotes what it finds better
    found = next((one for one in report_models(context.store) if one.id == model), None)
    if found is None or found.role != "policy" or found.champion:
        raise JobError(f"model {model} is no policy, or in service already; choose another policy")
    with audited(context.store, actor, "model.evaluate", found.fingerprint, questions=questions):
        start_errand(context, "evaluate", {"model": model, "questions": questions}, by=actor.name)
