"""Let many search at once while nobody writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class SharedLock:
    """Let in many readers, or one writer alone. A thread must not take it twice."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._readers = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the lock together with other readers."""
        with self._changed:
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock alone; readers that come meanwhile wait."""
        with self._changed:
            self._changed.wait_for(lambda: self._readers == 0)
            yield
