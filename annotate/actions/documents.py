"""Put documents back and rebuild the indexes in somebody's name."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.errands import start_errand


def put_back(context: Context, actor: Actor, keys: Sequence[str]) -> None:
    """Index documents that were left out, in a process of its own, and build the indexes that fit.

    Raises AccessDenied, or JobError while others are being put back.
    """
    actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "documents.put_back", ", ".join(keys)[:200]):
        start_errand(context, "put_back", {"keys": list(keys)}, by=actor.name)


def check_indexes(context: Context, actor: Actor) -> None:
    """Compare the indexes with the corpus in a process of its own."""
    actor.demand(Permission.TRAIN)
    start_errand(context, "index_state", {}, by=actor.name)


def rebuild_indexes(context: Context, actor: Actor) -> None:
    """Build the indexes anew in a process of its own; the old ones serve until then."""
    actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "indexes.rebuild"):
        start_errand(context, "index_rebuild", {}, by=actor.name)
