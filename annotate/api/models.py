"""Show the registry of models; promote versions and roll promotions back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from annotate.access.permissions import Actor, Permission
from annotate.actions import models as actions
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.problems import NotFound, missing_is_404
from annotate.api.schemas.runs import Models, PromotionWish, RollbackWish, ShownModel
from annotate.reports import report_model, report_models

router = APIRouter(prefix="/models", tags=["models"])
Reader = Annotated[Actor, Depends(require(Permission.READ_RUNS))]
Promoter = Annotated[Actor, Depends(require(Permission.PROMOTE))]
Fingerprint = Annotated[str, Path(min_length=4, max_length=128, pattern=r"^[A-Za-z0-9._:-]+$")]


@router.get("")
def models(
    context: InContext, _actor: Reader, role: Annotated[str | None, Query(max_length=50)] = None
) -> Models:
    """List the versions, the newest first."""
    found = [one for one in report_models(context.store) if role in (None, one.role)]
    return Models(items=[ShownModel.model_validate(one) for one in found])


@router.get("/champions/{role}")
def champion(
    role: Annotated[str, Path(max_length=50, pattern=r"^[a-z_]+$")], context: InContext, _actor: Reader
) -> ShownModel:
    """Show the champion of a role."""
    for found in report_models(context.store):
        if found.champion and found.role == role:
            return ShownModel.model_validate(found)
    raise NotFound(f"the role {role} has no champion; the default weights serve")


@router.get("/{fingerprint}")
def model(fingerprint: Fingerprint, context: InContext, _actor: Reader) -> ShownModel:
    """Show one version."""
    with missing_is_404():
        return ShownModel.model_validate(report_model(context.store, fingerprint))


@router.post("/rollback")
def rollback(wish: RollbackWish, context: InContext, actor: Promoter) -> ShownModel:
    """Let the champion before the present one stand again."""
    return ShownModel.model_validate(actions.rollback(context, actor, wish.role, wish.reason))


@router.post("/{fingerprint}/promote")
def promote(fingerprint: Fingerprint, wish: PromotionWish, context: InContext, actor: Promoter) -> ShownModel:
    """Make a version the champion of its role."""
    with missing_is_404():
        report_model(context.store, fingerprint)
    return ShownModel.model_validate(actions.promote(context, actor, fingerprint, wish.reason))
