"""Let a set number of requests be in flight, a set number wait, and refuse the rest early."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from threading import Lock

from rag.errors import EndpointError

_SMOOTHING = 0.2  # weight of the newest request in the mean duration


class WaitingRoom:
    """Admit requests in the order of their coming; threads and coroutines share one room.

    `wait_seconds` is the longest that anybody waits. Who would wait longer, judged by how long
    requests took of late, is refused at once: load is shed before it piles up.
    """

    def __init__(self, in_flight: int = 4, waiting: int = 64, wait_seconds: float = 120.0) -> None:
        self._in_flight, self._waiting, self._wait_seconds = in_flight, waiting, wait_seconds
        self._running = 0
        self._queue: deque[Future[None]] = deque()
        self._mean_seconds = 0.0
        self._lock = Lock()

    @property
    def running(self) -> int:
        """Return how many requests are in flight."""
        return self._running

    @contextmanager
    def place(self, where: str) -> Iterator[None]:
        """Wait for a place and hold it; raise EndpointError when there is none in time."""
        ticket = self._enter(where)
        try:
            ticket.result(timeout=self._wait_seconds)
        except TimeoutError:
            if ticket.cancel():
                raise self._too_late(where) from None
        except BaseException:  # interrupted while waiting
            self._leave_queue(ticket)
            raise
        with self._held():
            yield

    @asynccontextmanager
    async def place_async(self, where: str) -> AsyncIterator[None]:
        """Do as `place` does, without blocking the event loop."""
        ticket = self._enter(where)
        try:
            await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(ticket)), self._wait_seconds)
        except TimeoutError:
            if ticket.cancel():
                raise self._too_late(where) from None
        except BaseException:  # the task was cancelled while it waited
            self._leave_queue(ticket)
            raise
        with self._held():
            yield

    def _enter(self, where: str) -> Future[None]:
        ticket: Future[None] = Future()
        with self._lock:
            self._queue = deque(other for other in self._queue if not other.cancelled())
            if self._running < self._in_flight and not self._queue:
                self._running += 1
                ticket.set_result(None)
                return ticket
            if len(self._queue) >= self._waiting:
                raise EndpointError(f"{where}: {len(self._queue)} requests wait already; try again later")
            expected = (len(self._queue) + 1) / self._in_flight * self._mean_seconds
            if expected > self._wait_seconds:
                raise EndpointError(
                    f"{where}: a place is expected in {expected:.0f} seconds, more than the "
                    f"{self._wait_seconds:g} that may be waited; try again later"
                )
            self._queue.append(ticket)
        return ticket

    @contextmanager
    def _held(self) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self._pass_on(time.monotonic() - started)

    def _pass_on(self, seconds: float | None = None) -> None:
        """Give a place that became free to the next who waits."""
        with self._lock:
            if seconds is not None:
                share = _SMOOTHING if self._mean_seconds else 1.0
                self._mean_seconds += share * (seconds - self._mean_seconds)
            while self._queue:
                ticket = self._queue.popleft()
                if ticket.set_running_or_notify_cancel():
                    ticket.set_result(None)
                    return
            self._running -= 1

    def _leave_queue(self, ticket: Future[None]) -> None:
        if not ticket.cancel():  # the place was given at the same moment
            self._pass_on()

    def _too_late(self, where: str) -> EndpointError:
        return EndpointError(f"{where}: no place within {self._wait_seconds:g} seconds; try again later")
