"""Work through the queue of training runs in the background of a server.

One supervisor serves a workspace, kept by a lock on a file: a second one waits until the first is
gone. Runs are processes that outlive it; the next supervisor adopts those that live, settles those
that ended, and starts again those that died.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from filelock import FileLock, Timeout
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from annotate.errors import PairloopError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.train import register_run
from annotate.store import ModelVersion, Run
from annotate.store.runs import FINISHED, QUEUED, RUNNING

POLL_SECONDS = 0.5
LOCK_FILE = "supervisor.lock"
SLOTS = 1  # runs at a time: two on one CPU would only take longer

log = logging.getLogger(__name__)


@contextmanager
def supervise(context: Context, poll_seconds: float = POLL_SECONDS) -> Iterator[None]:
    """Work through the queue for as long as the context is open; running runs go on afterwards."""
    stop = Event()
    thread = Thread(target=_serve, args=(context, stop, poll_seconds), name="supervisor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def _serve(context: Context, stop: Event, poll_seconds: float) -> None:
    lock = FileLock(context.workspace.folder / LOCK_FILE)
    queue = Queue(context)
    while not stop.is_set():
        try:
            with lock.acquire(blocking=False):
                while not stop.wait(poll_seconds):
                    _step(queue)
        except Timeout:  # another server or `pairloop worker` supervises this workspace
            stop.wait(poll_seconds)


def _step(queue: Queue) -> None:
    try:
        queue.step()
    except (PairloopError, SQLAlchemyError, OSError):
        log.exception("the queue of training runs could not be looked through; trying again")


class Queue:
    """Know the runs of one workspace, and take each step that is due."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._starts: Counter[int] = Counter()
        self._unfit: set[int] = set()

    def step(self) -> None:
        """Settle runs whose process ended, register finished models, start what waits if there is room."""
        for run in self._runs(RUNNING):
            if not supervisor.alive(run):
                supervisor.settle(self._context.store, run.id)
        for run in self._unregistered():
            self._register(run)
        waiting = self._runs(QUEUED)
        for run in waiting[: max(0, SLOTS - len(self._runs(RUNNING)))]:
            self._start(run)

    def _start(self, run: Run) -> None:
        if self._starts[run.id] > supervisor.MAX_STARTS:
            self._starts.pop(run.id)  # a person may resume it
            supervisor.give_up(self._context.store, run.id)
            return
        self._starts[run.id] += 1
        supervisor.start(self._context.store, run.id)

    def _runs(self, state: str) -> list[Run]:
        with self._context.store.reading() as session:
            return list(session.scalars(select(Run).where(Run.state == state).order_by(Run.id)))

    def _unregistered(self) -> list[Run]:
        query = (
            select(Run)
            .outerjoin(ModelVersion, ModelVersion.run_id == Run.id)
            .where(Run.state == FINISHED, ModelVersion.id.is_(None), Run.id.not_in(self._unfit))
        )
        with self._context.store.reading() as session:
            return list(session.scalars(query))

    def _register(self, run: Run) -> None:
        """Register the model of a run, once: equal weights may be registered under another run."""
        self._unfit.add(run.id)
        self._starts.pop(run.id, None)
        if "fingerprint" not in run.result:
            return
        try:
            register_run(self._context, run)
        except (PairloopError, OSError, ValueError):
            log.exception("the model of run %s could not be registered", run.id)
