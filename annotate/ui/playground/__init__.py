"""Draw a question on its way: how passages were found, what was decided, what was answered."""

from __future__ import annotations

from functools import lru_cache

from annotate.jobs.context import Context
from annotate.jobs.playground import Playground


@lru_cache(maxsize=4)
def open_playground(context: Context) -> Playground:
    """Return the one playground of a workspace in this server, so that questions take turns."""
    return Playground(context)
