"""List judgements, with what each says and whether it counts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from annotate.access.permissions import Actor, Permission
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.paging import Cursor, Limit, Page, make_page, read_cursor
from annotate.reports.listing import JudgementRow, list_judgements

router = APIRouter(prefix="/judgements", tags=["judgements"])
Reader = Annotated[Actor, Depends(require(Permission.READ_PAIRS))]


@router.get("")
def judgements(
    context: InContext,
    _actor: Reader,
    cursor: Cursor = "",
    limit: Limit = 50,
    pair: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    assessor: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[JudgementRow]:
    """List judgements, the newest first, in the order of the stored pair."""
    wanted: dict[str, Any] = {"list": "judgements", "pair": pair, "assessor": assessor}
    found = list_judgements(
        context.store, before=read_cursor(cursor, wanted), limit=limit + 1, pair=pair, assessor=assessor
    )
    return Page[JudgementRow].model_validate(make_page(found, limit, wanted))
