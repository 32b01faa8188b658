"""Run one arm of the label-efficiency benchmark on one split, and keep what came out.

A run is one line of JSON; runs that are kept are not run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from active import strategy
from active.simulation import Ask, Ballots, Curve, by_strategy, full_accuracy, learning_curve, voting_curve
from active.strategies.relabel import open_value
from benchmarks.label_efficiency_data import (
    VOTES,
    Pairs,
    Split,
    by_question,
    convincing_arguments,
    held_out_topics,
    in_domain,
    qa_feedback,
)

PROCESSES = 2
START = 20


@dataclass(frozen=True)
class Setting:
    """Say where pool and test come from, who answers, and how far the lot and the others go on labelling."""

    data: str
    split: Callable[[Pairs, int, str], Split]
    oracle: str
    budget: int
    lot_budget: int


SETTINGS = {
    "in-domain, gold": Setting("arguments", in_domain, "gold", 560, 920),
    "in-domain, one vote": Setting("arguments", in_domain, "vote", 720, 920),
    "new topics, gold": Setting("arguments", held_out_topics, "gold", 420, 920),
    "new topics, one vote": Setting("arguments", held_out_topics, "vote", 420, 920),
    "qa_feedback, new questions": Setting("qa", by_question, "gold", 420, 920),
}
VOTING = "votes"
VOTE_BUDGET, VOTE_BATCH = 2000, 40

Askers = Mapping[str, Callable[[], Ask]]


@dataclass(frozen=True)
class Job:
    """Name one run."""

    setting: str
    arm: str
    batch: int
    seed: int

    @property
    def key(self) -> str:
        """Return what tells this run from all others."""
        return f"{self.setting} | {self.arm} | {self.batch} | {self.seed}"


@dataclass(frozen=True)
class Kept:
    """Hold the curve of a run, and the accuracy by the labels of the whole pool where it was asked for."""

    curve: Curve
    full: float | None


_AGAIN = {
    "lead": lambda sums, counts, p: open_value(sums, p),  # noqa: ARG005
    "head": lambda sums, counts, p: open_value(sums, p, head_votes=True),  # noqa: ARG005
}
VOTING_ARMS: dict[str, tuple[str, str, int]] = {
    "random, 5 votes": ("random", "", VOTES),
    "random, until a lead of 2": ("random", "lead", 1),
    "random, 1 vote": ("random", "", 1),
    "dopt, 5 votes": ("dopt", "", VOTES),
    "dopt, until a lead of 2": ("dopt", "lead", 1),
    "dopt, until a lead of 2 with the head": ("dopt", "head", 1),
    "dopt, 1 vote": ("dopt", "", 1),
}
"""Which strategy opens pairs, how relabel asks again, if at all, and the votes asked at once."""


def run(job: Job, data: Path, work: Path, askers: Askers) -> Kept:
    """Run one job."""
    if job.setting == VOTING:
        return _vote(job, data, work)
    setting = SETTINGS[job.setting]
    known = setting.split(_pairs(setting.data, data, work), job.seed, setting.oracle).known
    lot = job.arm == "random"
    curve = learning_curve(
        known,
        askers[job.arm](),
        start=START,
        batch=job.batch,
        budget=setting.lot_budget if lot else setting.budget,
        rng=np.random.default_rng(job.seed),
        standardise=False,
    )
    return Kept(curve, full_accuracy(known, standardise=False) if lot else None)


def _vote(job: Job, data: Path, work: Path) -> Kept:
    name, again, each = VOTING_ARMS[job.arm]
    split = in_domain(_pairs("arguments", data, work), job.seed, "gold")
    curve = voting_curve(
        split.known,
        Ballots(split.votes),
        by_strategy(strategy(name)),
        _AGAIN.get(again),
        each=each,
        start=5 * START,
        batch=job.batch,
        budget=VOTE_BUDGET,
        rng=np.random.default_rng(job.seed),
        standardise=False,
    )
    return Kept(curve, None)


@cache
def _pairs(name: str, data: Path, work: Path) -> Pairs:
    return convincing_arguments(data, work) if name == "arguments" else qa_feedback(data, work)


class Runs:
    """Keep runs in a file of JSON lines; a half-written last line is forgotten."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Kept] = {}
        for line in file.read_text("utf-8").splitlines() if file.exists() else []:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            columns = (tuple(column) for column in found["curve"].values())
            self._known[found["key"]] = Kept(Curve(*columns), found["full"])

    def __contains__(self, job: Job) -> bool:
        return job.key in self._known

    def __getitem__(self, job: Job) -> Kept:
        return self._known[job.key]

    def add(self, job: Job, kept: Kept) -> None:
        """Write a run down."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"key": job.key, "full": kept.full, "curve": asdict(kept.curve)})
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(f"\n{line}")
        self._known[job.key] = kept


def run_all(
    jobs: Iterable[Job], runs: Runs, data: Path, work: Path, askers: str, processes: int = PROCESSES
) -> Iterator[Job]:
    """Run what is not kept yet on so many processes, and yield each job as it ends.

    askers: `module:name` of the Askers, which a process imports for itself.
    """
    waiting = [job for job in jobs if job not in runs]
    with ProcessPoolExecutor(processes, initializer=_one_thread) as pool:
        work_on = partial(_run_in_process, data=data, work=work, askers=askers)
        futures = {pool.submit(work_on, job): job for job in waiting}
        try:
            for done in as_completed(futures):
                runs.add(futures[done], done.result())
                yield futures[done]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one_thread() -> None:
    threadpool_limits(1)


def _run_in_process(job: Job, *, data: Path, work: Path, askers: str) -> Kept:
    from importlib import import_module

    module, name = askers.split(":")
    found: Any = getattr(import_module(module), name)
    kept = run(job, data, work, found)
    curve = kept.curve
    short = [
        tuple(round(value, 6) for value in column)
        for column in (curve.accuracy, curve.nll, curve.ece, curve.seconds)
    ]
    return replace(kept, curve=Curve(curve.labels, *short))
