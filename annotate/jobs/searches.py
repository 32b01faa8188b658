"""Keep the one search of each workspace that this process serves: its vectors stay in memory."""

from __future__ import annotations

from functools import lru_cache

from annotate.jobs.context import Context
from annotate.jobs.pair_search import PairSearch


@lru_cache(maxsize=4)
def open_search(context: Context) -> PairSearch:
    """Return the search of a workspace, opened once."""
    return PairSearch(context)
