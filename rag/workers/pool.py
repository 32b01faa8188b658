"""Keep several workers busy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, Self, TypeVar

from rag.errors import DocumentError
from rag.workers.worker import Worker

_Worker = TypeVar("_Worker", bound=Worker)
_Result = TypeVar("_Result")


class Pool(Generic[_Worker]):
    """Give work to the first worker that is idle; use as a context manager."""

    def __init__(self, make: Callable[[], _Worker], count: int) -> None:
        self._workers = [make() for _ in range(count)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=self._workers[0].job)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ahead(self) -> int:
        """Return how many tasks keep all workers busy while one result is waited for."""
        return 4 * len(self._workers)

    def submit(self, work: Callable[[_Worker], _Result]) -> Future[_Result | DocumentError]:
        """Have a worker do the work; a DocumentError that it raises is its result."""
        return self._threads.submit(self._run, work)

    def close(self) -> None:
        """Stop all children and forget the work that waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()
        self._threads.shutdown()

    def _run(self, work: Callable[[_Worker], _Result]) -> _Result | DocumentError:
        worker = self._idle.get()
        try:
            return work(worker)
        except DocumentError as error:
            return error
        finally:
            self._idle.put(worker)
