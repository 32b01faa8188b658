"""Stop asking a server that fails, and try it again after a while.

closed ── `failures` within `window_seconds` ──▶ open ── `open_seconds` later ──▶ half-open
  ▲                                               ▲                                  │
  └──────────────── the one trial succeeds ───────┼──────────────────────────────────┤
                                                  └─────────── the trial fails ──────┘
Source: M. Nygard, "Release It!", 2007, "Circuit Breaker".
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Literal

from rag.errors import EndpointError

State = Literal["closed", "open", "half-open"]


class CircuitBreaker:
    """Count the failures of one server; safe among threads.

    Ask `check` before a request and tell `succeeded`, `failed` or `abandoned` after it.
    """

    def __init__(
        self,
        failures: int = 5,
        window_seconds: float = 30.0,
        open_seconds: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures, self._window, self._open = failures, window_seconds, open_seconds
        self._clock = clock
        self._failed_at: deque[float] = deque(maxlen=failures)
        self._opened_at: float | None = None
        self._trial = False
        self._lock = Lock()

    @property
    def state(self) -> State:
        """Return whether requests pass, are refused, or one is let through as a trial."""
        with self._lock:
            return self._state()

    def check(self, place: str) -> None:
        """Let a request pass, or raise EndpointError naming the place at once."""
        with self._lock:
            state = self._state()
            if state == "closed":
                return
            if state == "half-open" and not self._trial:
                self._trial = True
                return
            left = max(0.0, self._open - (self._clock() - (self._opened_at or 0.0)))
        raise EndpointError(
            f"{place}: it failed {self._failures} times within {self._window:g} seconds and is left alone; "
            f"try again in {left:.0f} seconds"
        )

    def succeeded(self) -> None:
        """Record an answer of the server; a trial that succeeds closes the circuit."""
        with self._lock:
            if self._trial:
                self._opened_at, self._trial = None, False
                self._failed_at.clear()

    def failed(self) -> None:
        """Record that the server failed; enough failures, or a failed trial, open the circuit."""
        with self._lock:
            now = self._clock()
            self._failed_at.append(now)
            many = len(self._failed_at) == self._failures and now - self._failed_at[0] <= self._window
            if self._trial or (many and self._opened_at is None):
                self._opened_at, self._trial = now, False

    def abandoned(self) -> None:
        """Record that a request ended without telling anything of the server."""
        with self._lock:
            self._trial = False

    def _state(self) -> State:
        if self._opened_at is None:
            return "closed"
        return "open" if self._clock() - self._opened_at < self._open else "half-open"
