"""Work through the queue of training runs in the background of a server.

One supervisor serves a workspace, kept by a lock on a file: a second one waits until the first is
gone. Runs are processes that outlive it; the next supervisor adopts those that live, settles those
that ended, and starts again those that died. The most urgent run starts first, as soon as the slots
that it asks for are free; no run overtakes a more urgent one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from filelock import FileLock, Timeout
from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from annotate.errors import JobError, PairloopError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.registration import register_run
from annotate.jobs.triggers import fire_triggers
from annotate.store import ModelVersion, Run, now
from annotate.store.runs import CANCELLED, FAILED, FINISHED, QUEUED, RUNNING

POLL_SECONDS = 0.5
TRIGGER_SECONDS = 5.0
LIMIT_SECONDS = 5.0  # between two looks at limits: a folder's size takes a walk
OWN_GRACE_SECONDS = 3.0  # who cancels a run stops it; after this the supervisor does
LOCK_FILE = "supervisor.lock"

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
                    try_step(queue)
        except Timeout:  # another server or `pairloop worker` supervises this workspace
            stop.wait(poll_seconds)


def try_step(queue: Queue) -> None:
    """Take a step; what goes wrong with it is logged, and it is tried again later."""
    try:
        queue.step()
    except (PairloopError, SQLAlchemyError, OSError):
        log.exception("the queue of training runs could not be looked through; trying again")


class Queue:
    """Know the runs of one workspace, and take each step that is due."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._unfit: set[int] = set()
        self._asked: set[int] = set()
        self._triggers_at = 0.0
        self._limits_at = 0.0

    def step(self) -> None:
        """Settle what ended, register finished models, end what was stopped, start what there is room for."""
        self._look_after_running()
        self._end_stopped()
        for run in self._unregistered():
            self._register(run)
        if time.monotonic() >= self._triggers_at:
            self._triggers_at = time.monotonic() + TRIGGER_SECONDS
            fire_triggers(self._context)
        self._start_waiting()

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing runs or waits."""
        return not self._runs(RUNNING) and not self._runs(QUEUED)

    def _look_after_running(self) -> None:
        is_due = time.monotonic() >= self._limits_at
        if is_due:
            self._limits_at = time.monotonic() + LIMIT_SECONDS
        for run in self._runs(RUNNING):
            if not supervisor.alive(run):
                supervisor.settle(self._store, run.id)
            elif is_due:
                supervisor.keep_limits(self._store, run)

    def _end_stopped(self) -> None:
        """End the processes of runs that were cancelled or passed a limit, whoever forgot to."""
        query = select(Run).where(
            Run.state.in_((CANCELLED, FAILED)), or_(Run.pid.is_not(None), Run.job != "")
        )
        with self._store.reading() as session:
            stopped = list(session.scalars(query))
        for run in stopped:
            launcher, handle = supervisor.launcher_of(run), supervisor.handle_of(run)
            since = (now() - run.finished_at).total_seconds() if run.finished_at else 0.0
            status = launcher.status(handle)
            if status == "over":
                launcher.cancel(handle, force=True)  # whatever the leader left behind
                self._forget(run.id)
            elif status == "running" and since > supervisor.GRACE_SECONDS:
                launcher.cancel(handle, force=True)
            elif status == "running" and since > OWN_GRACE_SECONDS and run.id not in self._asked:
                self._asked.add(run.id)
                launcher.cancel(handle)

    def _forget(self, run_id: int) -> None:
        self._asked.discard(run_id)
        with self._store.writing.begin() as session:
            run = session.get_one(Run, run_id)
            if run.state in (CANCELLED, FAILED):
                run.pid, run.pid_started, run.host, run.job = None, None, "", ""

    def _start_waiting(self) -> None:
        settings = self._context.settings.training
        running = self._runs(RUNNING)
        cpus = settings.cpu_slots - sum(int(run.resources.get("cpus", 1)) for run in running if _is_here(run))
        taken = {number for run in running if _is_here(run) for number in run.resources.get("gpu_ids", ())}
        gpus = [number for number in settings.gpu_ids if number not in taken]
        for run in self._runs(QUEUED):
            needed_cpus, needed_gpus = (
                int(run.resources.get(key, d)) for key, d in (("cpus", 1), ("gpus", 0))
            )
            if not _is_here(run):
                self._start(run, None)
                continue
            if needed_cpus > cpus or needed_gpus > len(gpus):
                return  # whoever waits behind must not overtake
            given, gpus = gpus[:needed_gpus], gpus[needed_gpus:]
            cpus -= needed_cpus
            self._start(run, tuple(given) if settings.gpu_ids else None)

    def _start(self, run: Run, gpu_ids: tuple[int, ...] | None) -> None:
        try:
            supervisor.start_or_give_up(self._store, run.id, gpu_ids)
        except (JobError, OSError) as error:
            supervisor.refuse(self._store, run.id, error)

    def _runs(self, state: str) -> list[Run]:
        query = select(Run).where(Run.state == state).order_by(Run.priority.desc(), Run.id)
        with self._store.reading() as session:
            return list(session.scalars(query))

    def _unregistered(self) -> list[Run]:
        query = (
            select(Run)
            .outerjoin(ModelVersion, ModelVersion.run_id == Run.id)
            .where(Run.state == FINISHED, ModelVersion.id.is_(None), Run.id.not_in(self._unfit))
        )
        with self._store.reading() as session:
            return list(session.scalars(query))

    def _register(self, run: Run) -> None:
        """Register the model of a run, once: equal weights may be registered under another run."""
        self._unfit.add(run.id)
        if "fingerprint" not in run.result:
            return
        try:
            register_run(self._context, run)
        except (PairloopError, OSError, ValueError, KeyError):
            log.exception("the model of run %s could not be registered", run.id)


def _is_here(run: Run) -> bool:
    """Tell whether a run takes slots of this machine: a cluster deals out its own."""
    return run.launcher != "ray"
