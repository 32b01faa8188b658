"""Measure aggregation: speed and memory beside crowd-kit, and accuracy on votes of real people.

    python -m benchmarks.aggregation [--quick] [--data ../shared/data] [--peers FOLDER]

Speed: 100,000 pairs with 5 votes each, drawn by an ordinal model from 1,000 assessors, aggregated in a
process of its own. Beside crowd-kit both sides do the same number of rounds over the same votes; to the end
means that our method stops by itself. Accuracy: UKPConvArg1 (5 votes a pair) and PandaLM (3 people, 2
judges). The gold labels of UKPConvArg1 were made from these very votes by MACE, so that agreeing with
them says how like MACE a method is; what says how right it is, is the vote of a person that it was not
shown: does the answer win that the method holds for the better one (`side`), and how surprised is it
(`log-loss`, in nats)? The figures are means over splits. Interrupt it and start it again: finished runs
are kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from annotate.labelling.aggregation import METHODS, Aggregation, Vote, aggregate
from annotate.labelling.verdicts import outcome
from benchmarks.aggregation_data import draw_votes, hold_out, read_arguments, read_pandalm
from benchmarks.peers import PEERS, run_in
from benchmarks.results import WORK, Row, kept, publish

CROWDKIT = "crowd-kit==1.4.2"
LIMIT_SECONDS = 30.0
ROUNDS = 20
SHARED = ("majority", "one_coin", "dawid_skene", "mace")
_HERE = Path(__file__).parent


def main() -> None:
    """Run what is not yet measured, print and write the rows."""
    parser = argparse.ArgumentParser(description="Measure aggregation beside crowd-kit.")
    parser.add_argument("--quick", action="store_true", help="2,000 pairs, one split; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--data", type=Path, default=_HERE.parents[0] / ".." / "shared" / "data")
    parser.add_argument("--peers", type=Path, default=PEERS, help="where the peers' environments lie")
    options = parser.parse_args()
    if not (options.data / "convincing_arguments").is_dir():
        raise SystemExit(f"no data at {options.data}: name the folder of convincing_arguments with --data")
    work = WORK / ("aggregation-quick" if options.quick else "aggregation")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    size, splits = (2_000, 1) if options.quick else (100_000, 5)
    rows = [*_speed(work, size, options.peers), *_gold(work, options.data)]
    rows += _held_out(work, options.data, splits)
    publish("aggregation", rows, write=not options.quick)


def _speed(work: Path, size: int, peers: Path) -> list[Row]:
    file = work / "votes.npz"
    votes, differences = draw_votes(size, 5, max(size // 100, 20), np.random.default_rng(7))
    np.savez(
        file,
        items=votes.items,
        assessors=votes.assessors,
        outcomes=votes.outcomes,
        verdicts=votes.verdicts,
        swapped=votes.swapped,
    )
    rows = []
    for name in track([*SHARED, "bradley_terry"], description="speed"):
        alone = kept(work / f"{name}.json", partial(_ours, work, file, name, 0))
        seconds, what = alone["seconds"], f"{size:,} pairs × 5 votes, {name}"
        rows.append(Row(f"seconds to the end, {what}", seconds, None, None, "< 30", seconds < LIMIT_SECONDS))
        rows.append(Row(f"peak MB of the process, {what}", alone["peak_mb"]))
        side = _side(work / f"{name}-0.npz", differences)
        if name not in SHARED:
            rows.append(Row(f"share of pairs with the right side, {what}", side))
            continue
        mine = kept(work / f"{name}-rounds.json", partial(_ours, work, file, name, ROUNDS))
        peer = kept(work / f"{name}-peer.json", partial(_theirs, work, file, name, peers))
        theirs = _side(work / f"{name}-peer.npz", differences)
        rate, other = size / mine["seconds"], size / peer["seconds"]
        rows.append(Row(f"pairs a second in {ROUNDS} rounds, {what}, crowd-kit", rate, other, rate / other))
        rows.append(
            Row(f"share of pairs with the right side, {what}, crowd-kit", side, theirs, side / theirs)
        )
    return rows


def _ours(work: Path, file: Path, name: str, rounds: int) -> Any:
    arguments = [str(file), name, str(rounds), str(work / f"{name}-{rounds}.npz")]
    command = [sys.executable, "-m", "benchmarks.aggregation_ours", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_HERE.parent)
    return json.loads(done.stdout.splitlines()[-1])


def _theirs(work: Path, file: Path, name: str, peers: Path) -> Any:
    arguments: list[str | Path | float] = [file, name, ROUNDS, work / f"{name}-peer.npz"]
    script = _HERE / "aggregation_peer.py"
    return run_in("crowd-kit", [CROWDKIT], script, arguments, folder=peers, borrow=True)


def _side(file: Path, differences: Any) -> float:
    found = np.load(file)
    first = found["posteriors"][:, 0] > found["posteriors"][:, 1]
    return float(np.mean(first == (differences[found["items"]] > 0)))


def _gold(work: Path, data: Path) -> list[Row]:
    """Compare with the gold labels, which MACE made from these votes."""
    votes, gold, clean = read_arguments(data)
    right = [outcome(vote.verdict) == outcome(gold[vote.item]) for vote in votes if vote.item in gold]
    single, rows = float(np.mean(right)), []
    for name in METHODS:
        found = kept(work / f"gold-{name}.json", partial(_against_gold, votes, gold, clean, name))
        what = f"UKPConvArg1, share equal to gold (MACE's), {name}; peer: a single vote"
        rows.append(Row(what, found["all"], single, found["all"] / single))
        rows.append(Row(f"UKPConvArg1, the same in the clean part, {name}", found["clean"]))
    return rows


def _against_gold(votes: list[Vote], gold: dict[int, str], clean: set[int], name: str) -> dict[str, float]:
    found = _outcomes(aggregate(votes, METHODS[name]))
    right = {item: found[item] == outcome(verdict) for item, verdict in gold.items()}
    return {
        "all": float(np.mean(list(right.values()))),
        "clean": float(np.mean([right[item] for item in clean])),
    }


def _held_out(work: Path, data: Path, splits: int) -> list[Row]:
    """Compare with a vote of each pair that the method did not see."""
    votes = read_arguments(data)[0]
    people, machines = read_pandalm(data)
    settings: list[tuple[str, list[Vote], int, list[Vote]]]
    settings = [(f"UKPConvArg1, {keep} votes", votes, keep, []) for keep in (1, 2, 4)]
    settings += [
        ("PandaLM, 2 people", people, 2, []),
        ("PandaLM, 2 people and 2 judges", people, 2, machines),
    ]
    rows = []
    for what, given, keep, more in track(settings, description="held-out votes"):
        for name in METHODS:
            runs = [
                kept(
                    work / f"held-{what}-{name}-{seed}.json".replace(" ", "_"),
                    partial(_on_split, given, keep, more, name, seed),
                )
                for seed in range(splits)
            ]
            rows += [
                Row(
                    f"{what}: {figure} on a held-out vote, {name}", float(np.mean([run[key] for run in runs]))
                )
                for key, figure in (("right", "accuracy"), ("side", "side"), ("loss", "log-loss of the side"))
            ]
    return rows


def _on_split(given: list[Vote], keep: int, more: list[Vote], name: str, seed: int) -> dict[str, float]:
    kept_votes, held = hold_out(given, np.random.default_rng(seed), keep)
    return _surprise([*kept_votes, *more], held, name)


def _surprise(given: list[Vote], held: list[Vote], name: str) -> dict[str, float]:
    found = aggregate(given, METHODS[name])
    outcomes = _outcomes(found)
    place = {item: at for at, item in enumerate(found.item_ids.tolist())}
    sided = [vote for vote in held if outcome(vote.verdict) in ("first", "second")]
    shares = found.posteriors[[place[vote.item] for vote in sided]]
    first = shares[:, 0] + shares[:, 2:].sum(axis=1) / 2  # neither winning says nothing of the side
    chosen = np.where([outcome(vote.verdict) == "first" for vote in sided], first, 1 - first)
    return {
        "right": float(np.mean([outcomes[vote.item] == outcome(vote.verdict) for vote in held])),
        "side": float(np.mean(np.where(np.abs(chosen - 0.5) < 1e-9, 0.5, chosen > 0.5))),
        "loss": float(-np.mean(np.log(0.01 + 0.98 * chosen))),  # certainty costs 4.6 nats, not all
    }


def _outcomes(found: Aggregation) -> dict[int, str]:
    verdicts = map(outcome, found.verdicts.tolist())
    return dict(zip(found.item_ids.tolist(), verdicts, strict=True))


if __name__ == "__main__":
    main()
