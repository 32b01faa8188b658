"""List preferences: what the judgements of a pair come to."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from annotate.access.permissions import Actor, Permission
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.paging import Cursor, Limit, Page, make_page, read_cursor
from annotate.api.problems import NotFound
from annotate.api.schemas.tasks import Verdict
from annotate.reports.listing import PreferenceRow, list_preferences, read_preference

router = APIRouter(prefix="/preferences", tags=["preferences"])
Reader = Annotated[Actor, Depends(require(Permission.READ_PAIRS))]


@router.get("")
def preferences(
    context: InContext, _actor: Reader, cursor: Cursor = "", limit: Limit = 50, verdict: Verdict | None = None
) -> Page[PreferenceRow]:
    """List preferences, those of the newest pairs first."""
    wanted: dict[str, Any] = {"list": "preferences", "verdict": verdict}
    found = list_preferences(
        context.store, before=read_cursor(cursor, wanted), limit=limit + 1, verdict=verdict
    )
    return Page[PreferenceRow].model_validate(make_page(found, limit, wanted))


@router.get("/{pair}")
def preference(
    pair: Annotated[int, Path(ge=1, lt=2**63)], context: InContext, _actor: Reader
) -> PreferenceRow:
    """Show the preference of one pair."""
    found = read_preference(context.store, pair)
    if found is None:
        raise NotFound(f"pair {pair} has no preference")
    return found
