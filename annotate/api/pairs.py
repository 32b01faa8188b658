"""Show pairs: a list, a search, one with its answers, and all that made it and became of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from annotate.access.permissions import Actor, Permission
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.paging import Cursor, Limit, Page, read_cursor, write_cursor
from annotate.api.problems import NotFound, missing_is_404
from annotate.api.schemas.tasks import Verdict
from annotate.jobs.context import Context
from annotate.jobs.searches import open_search
from annotate.reports.lineage import Lineage, report_lineage
from annotate.reports.listing import PairDetails, read_pair
from annotate.reports.pair_list import (
    PairFilter,
    PairPage,
    PairRow,
    PairState,
    pairs_of_questions,
    report_found_pairs,
    report_pair_page,
)

router = APIRouter(prefix="/pairs", tags=["pairs"])
Reader = Annotated[Actor, Depends(require(Permission.READ_PAIRS))]
PairNumber = Annotated[int, Path(ge=1, lt=2**63)]
Way = Literal["words", "meaning"]


def wanted_pairs(
    language: Annotated[str, Query(max_length=20)] = "",
    cluster: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    state: PairState | None = None,
    contender: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    verdict: Verdict | None = None,
    disputed: Annotated[float, Query(ge=0, le=1, allow_inf_nan=False)] = 0.0,
) -> PairFilter:
    """Read the filter of a list of pairs from a request."""
    return PairFilter(language, cluster, state or "", contender, verdict or "", disputed)


@router.get("")
def pairs(
    context: InContext,
    _actor: Reader,
    wanted: Annotated[PairFilter, Depends(wanted_pairs)],
    cursor: Cursor = "",
    limit: Limit = 50,
    search: Annotated[str, Query(max_length=500, description="Words, or a meaning, to look for.")] = "",
    by: Way = "words",
) -> Page[PairRow]:
    """List pairs, the newest first; those that a search finds, the best first."""
    of = {"list": "pairs", "search": search, "by": by, **asdict(wanted)}
    start = read_cursor(cursor, of)
    if search.strip():
        page = _find(context, search, by, wanted, start or 0, limit)
    else:
        page = report_pair_page(context.store, wanted, before=start, limit=limit)
    after = page.next_before
    return Page[PairRow](items=page.rows, next=write_cursor(after, of) if after else None)


@router.get("/{pair}")
def pair(pair: PairNumber, context: InContext, _actor: Reader) -> PairDetails:
    """Show one pair with both answers, their sources and what made them."""
    found = read_pair(context.store, pair)
    if found is None:
        raise NotFound(f"no pair number {pair}")
    return found


@router.get("/{pair}/lineage")
def lineage(pair: PairNumber, context: InContext, _actor: Reader) -> Lineage:
    """Show all that made a pair and became of it: sources, judgements, preference, training rows."""
    with missing_is_404():
        return report_lineage(context.store, pair)


def _find(context: Context, text: str, by: Way, wanted: PairFilter, start: int, limit: int) -> PairPage:
    search = open_search(context)
    if by == "words":
        ids = search.by_words(text)
    else:
        ids = pairs_of_questions(context.store, search.by_meaning(text))
    return report_found_pairs(context.store, ids, wanted, start=start, limit=limit)
