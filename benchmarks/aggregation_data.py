"""Read and draw the votes that the aggregation benchmark works on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from annotate.labelling.aggregation import Vote, Votes
from annotate.labelling.verdicts import VERDICTS

_NAMED = {"a1": "A_better", "a2": "B_better", "equal": "tie", "1": "A_better", "2": "B_better", "0": "tie"}
_THRESHOLDS = np.array([-1.0, 0.0, 0.0, 0.0, -1.0, -2.0])  # of VERDICTS
_GRADES = np.array([2.0, 1.0, 0.0, -1.0, -2.0, 0.0])


def read_lines(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a gzipped file of JSON lines."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_arguments(folder: Path) -> tuple[list[Vote], dict[int, str], set[int]]:
    """Return the votes of UKPConvArg1, the gold verdicts by pair, and the pairs of its clean part."""
    pairs = read_lines(folder / "convincing_arguments" / "pairs.jsonl.gz")
    votes = [
        Vote(number, vote["worker"], _NAMED[vote["value"]])
        for number, pair in enumerate(pairs)
        for vote in pair["votes"]
        if vote["value"] in _NAMED
    ]
    gold = {number: _NAMED[pair["gold"]] for number, pair in enumerate(pairs) if pair["gold"]}
    return votes, gold, {number for number, pair in enumerate(pairs) if pair["strict"]}


def read_pandalm(folder: Path) -> tuple[list[Vote], list[Vote]]:
    """Return the votes of PandaLM's three people and of its two judges."""
    lines = read_lines(folder / "pandalm" / "testset-v1.jsonl.gz")
    people = [
        Vote(line["idx"], f"person {number}", _NAMED[str(line[f"annotator{number}"])])
        for line in lines
        for number in (1, 2, 3)
    ]
    machines = [
        Vote(line["idx"], name, _NAMED[str(line[column])])
        for name, column in (("gpt-3.5-turbo", "gpt_result"), ("pandalm-7b", "pandalm_result"))
        for line in read_lines(folder / "pandalm" / f"{name}-testset-v1.jsonl.gz")
        if str(line[column]) in _NAMED
    ]
    return people, machines


def hold_out(votes: Iterable[Vote], rng: np.random.Generator, keep: int) -> tuple[list[Vote], list[Vote]]:
    """Return up to `keep` votes of each item, and another one of each that has more."""
    by_item: dict[int, list[Vote]] = {}
    for vote in votes:
        by_item.setdefault(vote.item, []).append(vote)
    kept, held = [], []
    for given in by_item.values():
        first, *rest = [given[at] for at in rng.permutation(len(given))]
        if rest:
            held.append(first)
            kept += rest[:keep]
    return kept, held


def draw_votes(items: int, each: int, assessors: int, rng: np.random.Generator) -> tuple[Votes, Any]:
    """Draw votes by the ordinal model, and return them with the true differences of the items (items,)."""
    rows = np.repeat(np.arange(items), each)
    by = rng.integers(assessors, size=items * each)
    differences = rng.normal(size=items)
    swapped = rng.random(items * each) < 0.5
    bias = rng.normal(0.0, 0.4, assessors)[by] * np.where(swapped, -1, 1)
    perceived = rng.normal(1.5, 0.5, assessors)[by] * differences[rows] + bias
    logits = _GRADES * perceived[:, None] + _THRESHOLDS
    verdicts = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    assert len(VERDICTS) == logits.shape[1]  # noqa: S101 - the thresholds are theirs
    return Votes(rows, by, tuple(f"{n:05}" for n in range(assessors)), verdicts, swapped), differences
