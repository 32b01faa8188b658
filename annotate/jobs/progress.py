"""Say how jobs report their progress: a label, and a function from done and total."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Progress = Callable[[int, int], None]


class Reporter(Protocol):
    """Show the progress of one piece of work after another."""

    def track(self, label: str) -> AbstractContextManager[Progress]:
        """Show a piece of work for as long as the context is open."""
        ...


class Silent:
    """Show nothing."""

    def track(self, label: str) -> AbstractContextManager[Progress]:  # noqa: ARG002 - nothing is shown
        """Return a function that does nothing."""
        return nullcontext(lambda _done, _total: None)
