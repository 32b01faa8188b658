"""Ask the system in somebody's name."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.access.permissions import Actor, Permission
from annotate.jobs.asking import Piece, ask_live
from annotate.jobs.context import Context
from annotate.reports.listing import AskedReport, read_asked

__all__ = ["AskedReport", "Piece", "ask"]


def ask(
    context: Context, actor: Actor, question: str, *, pair: bool = False
) -> Iterator[Piece | AskedReport]:
    """Yield the answer in pieces, or two answers, and at the end the record of it.

    Raises AccessDenied, and at the first piece JobError for an empty question.
    """
    actor.demand(Permission.ASK)
    return _pieces(context, actor, question, pair)


def _pieces(context: Context, actor: Actor, question: str, pair: bool) -> Iterator[Piece | AskedReport]:
    asked_id = yield from ask_live(context, question, actor.account_id, pair=pair)
    found = read_asked(context.store, asked_id, actor.account_id)
    assert found is not None  # noqa: S101 - it was stored a moment ago
    yield found
