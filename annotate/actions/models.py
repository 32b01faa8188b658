"""Promote models and roll promotions back."""

from __future__ import annotations

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.models import promote_version, roll_back
from annotate.reports import ModelReport, report_model


def promote(context: Context, actor: Actor, fingerprint: str, reason: str = "") -> ModelReport:
    """Make a version the champion of its role, whatever the gate said of it; `reason` says why.

    Raises AccessDenied, JobError when there is no such version, it is the champion already or its
    files are gone.
    """
    actor.demand(Permission.PROMOTE)
    with audited(context.store, actor, "model.promote", fingerprint, reason=reason):
        promote_version(context.store, fingerprint, by=actor.name, reason=reason)
    return report_model(context.store, fingerprint)


def rollback(context: Context, actor: Actor, role: str, reason: str = "") -> ModelReport:
    """Make the champion before the present one the champion of the role again.

    Raises AccessDenied, JobError when there was none before it or its files are gone.
    """
    actor.demand(Permission.PROMOTE)
    with audited(context.store, actor, "model.rollback", role, reason=reason):
        fingerprint = roll_back(context.store, role, by=actor.name, reason=reason)
    return report_model(context.store, fingerprint)
