"""Keep one limited child process at work, and replace it when it dies, hangs or has done its share."""

from __future__ import annotations

from threading import Lock
from typing import Any, ClassVar, Self

from rag.errors import DocumentError
from rag.workers.child import Child, ChildError, TooSlowError
from rag.workers.limits import Limits


class Worker:
    """Ask one question after another of a recycled child process; use as a context manager.

    A kind of work is a subclass: it names the `module` that the child runs and, for the reasons of
    failures, the `job` that it does.
    """

    module: ClassVar[str]
    job: ClassVar[str]
    tasks_per_child: ClassVar[int] = 200

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._child: Child | None = None
        self._closed = False
        self._changing = Lock()  # a child that starts while another thread closes must not be left over

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, request: bytes) -> list[dict[str, Any]]:
        """Return the replies to a line of JSON; raise DocumentError with the reason why there are none.

        Raises ModelError where what the child lacks is not the document's fault.
        """
        fresh = self._child is None or self._child.tasks >= self.tasks_per_child
        try:
            return self._ask(request)
        except ChildError as error:
            if fresh or self._closed or isinstance(error, TooSlowError):
                raise DocumentError(str(error)) from error
        # The child may have died of an earlier task, or of all it kept of them.
        try:
            return self._ask(request)
        except ChildError as error:
            raise DocumentError(str(error)) from error

    def close(self) -> None:
        """Stop the child; a task that it still does for another thread fails."""
        with self._changing:
            self._closed = True
        self._stop()

    def _ask(self, request: bytes) -> list[dict[str, Any]]:
        if self._child is not None and self._child.tasks >= self.tasks_per_child:
            self._stop()
        if self._closed:
            raise DocumentError(f"the {self.job} was stopped")
        try:
            return self._running().ask(request)
        except DocumentError:
            raise
        except BaseException:
            self._stop()
            raise

    def _running(self) -> Child:
        if self._child is None:
            child = Child(self.module, self.job, self._limits)
            with self._changing:
                if not self._closed:
                    self._child = child
                    return child
            child.stop()
            raise DocumentError(f"the {self.job} was stopped")
        return self._child

    def _stop(self) -> None:
        with self._changing:
            child, self._child = self._child, None
        if child is not None:
            child.stop()
