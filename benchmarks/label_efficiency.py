"""Measure how many labels each way of choosing pairs needs, beside choice by lot, modAL and scikit-activeml.

    python -m benchmarks.label_efficiency [--quick] [--seeds 20] [--data ../shared/data] [--peers FOLDER]

Everyone has the same embeddings, the same Bradley-Terry head, the same first 20 pairs of a seed, and a
ridge chosen anew by leave-out validation after every batch. In-domain, a seed draws five topics of
UKPConvArg1Strict and 30 % of their pairs as the test, so that pool and test share the texts; with new topics
or new questions they do not. The oracle is the gold verdict or one vote drawn by lot; the test is gold.
Demands are shares of the accuracy that all labels of the pool give, and the accuracy that the lot reaches
with some number of labels. The lot goes on for 920 labels; a demand that it does not meet by then counts as
920, which flatters it; −1 stands for an arm that never met it. Intervals (95 %) resample the seeds, p-values
are corrected by Holm for the arms of a setting. Interrupt it and start it again: finished runs are kept.
Curves are drawn beside the results.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.progress import track

from benchmarks.label_efficiency_arms import MODAL, OURS
from benchmarks.label_efficiency_data import convincing_arguments, qa_feedback
from benchmarks.label_efficiency_peer import NAMES
from benchmarks.label_efficiency_plots import draw
from benchmarks.label_efficiency_rows import rows_of_setting, rows_of_votes
from benchmarks.label_efficiency_runs import (
    SETTINGS,
    VOTE_BATCH,
    VOTING,
    VOTING_ARMS,
    Job,
    Runs,
    run_all,
)
from benchmarks.peers import PEERS, run_in
from benchmarks.results import BESIDE, WORK, publish

ACTIVEML = ["scikit-activeml==1.0.1"]
BATCHES = (10, 40)
SEEDS, QUICK_SEEDS = 20, 5
RUNS, PEER_RUNS = "runs.jsonl", "peer_runs.jsonl"
_HERE = Path(__file__).parent


def main() -> None:
    """Run what is not yet kept, print and write the rows and the curves."""
    parser = argparse.ArgumentParser(description="Measure the labels that strategies need.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SEEDS} seeds; writes no results")
    parser.add_argument("--seeds", type=int, help=f"splits, {SEEDS} by default")
    parser.add_argument("--fresh", action="store_true", help="forget what was run before")
    parser.add_argument("--data", type=Path, default=_HERE.parents[0] / ".." / "shared" / "data")
    parser.add_argument("--peers", type=Path, default=PEERS, help="where the peers' environments lie")
    options = parser.parse_args()
    if not (options.data / "convincing_arguments").is_dir():
        raise SystemExit(f"no data at {options.data}: name the folder of convincing_arguments with --data")
    work = WORK / "label_efficiency"
    if options.fresh:
        for name in (RUNS, PEER_RUNS):
            (work / name).unlink(missing_ok=True)
    seeds = range(options.seeds or (QUICK_SEEDS if options.quick else SEEDS))
    data = options.data.resolve()
    convincing_arguments(data, work), qa_feedback(data, work)  # the embeddings, before there are processes
    runs = Runs(work / RUNS)
    jobs = our_jobs(seeds)
    waiting = [job for job in jobs if job not in runs]
    done = run_all(waiting, runs, data, work, "benchmarks.label_efficiency_arms:ASKERS")
    list(track(done, "runs", len(waiting)))
    theirs = Runs(_peer(work, data, seeds, options.peers))
    rows = []
    for setting in SETTINGS:
        for batch in BATCHES:
            rows += rows_of_setting(setting, batch, seeds, runs, theirs)
    rows += rows_of_votes(seeds, runs)
    publish("label_efficiency", rows, write=not options.quick)
    pictures = work / "pictures" if options.quick else BESIDE / "label_efficiency"
    draw(pictures, seeds, BATCHES, runs, theirs)


def our_jobs(seeds: Iterable[int]) -> list[Job]:
    """Return every run of our process, the dear ones first, so that both processes end together."""
    arms = (*OURS, *MODAL)
    jobs = [
        Job(setting, arm, batch, seed)
        for seed in seeds
        for batch in BATCHES
        for setting in SETTINGS
        for arm in arms
    ]
    return jobs + [Job(VOTING, arm, VOTE_BATCH, seed) for seed in seeds for arm in VOTING_ARMS]


def peer_jobs(seeds: Iterable[int]) -> list[Job]:
    """Return every run of scikit-activeml's environment."""
    return [Job(s, arm, BATCHES[1], seed) for seed in seeds for s in SETTINGS for arm in NAMES]


def _peer(work: Path, data: Path, seeds: Iterable[int], folder: Path) -> Path:
    jobs, file = work / "peer_jobs.json", work / PEER_RUNS
    jobs.write_text(json.dumps([asdict(job) for job in peer_jobs(seeds)]), "utf-8")
    script = _HERE / "label_efficiency_peer.py"
    run_in("scikit-activeml", ACTIVEML, script, [jobs, data, work, file], folder=folder, borrow=True)
    return file


if __name__ == "__main__":
    main()
