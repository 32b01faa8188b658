"""Make the rows of the label-efficiency benchmark from its runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from active.simulation import ArmSummary, Curve, compare, summarise
from active.simulation.comparison import Figure
from benchmarks.label_efficiency_arms import MODAL, OURS
from benchmarks.label_efficiency_peer import NAMES
from benchmarks.label_efficiency_runs import VOTE_BATCH, VOTE_BUDGET, VOTING, VOTING_ARMS, Job, Runs
from benchmarks.results import Row

WINNER = "dopt"
AT = (200, 400, 800)
LEVELS = (0.90, 0.95, 0.97, 0.99)
TARGETS = {"in-domain, gold": 0.60, "in-domain, one vote": 0.50}
CLAIMED = ("90 %", "95 %", "99 %", "random@400")
"""Demands at which a setting's target must be met."""
BESIDE_PEERS = "97 %"
VOTE_TARGET = 0.70


def rows_of_setting(setting: str, batch: int, seeds: Sequence[int], runs: Runs, theirs: Runs) -> list[Row]:
    """Return the rows of all arms in one setting with one batch size."""
    arms = curves_of(setting, batch, seeds, runs, theirs)
    full = [runs[Job(setting, "random", batch, seed)].full or 0.0 for seed in seeds]
    at = [count for count in AT if count <= arms["random"][0].labels[-1]]
    found = summarise(arms, full, np.random.default_rng(0), at, LEVELS)
    where = f"{setting}, batches of {batch}"
    rows = [Row(f"{where}: accuracy by all labels of the pool", float(np.mean(full)))]
    for one in found:
        rows += _rows_of_arm(where, setting, one)
    return rows + (_rows_beside_peers(where, found) if setting in TARGETS else [])


def curves_of(
    setting: str, batch: int, seeds: Sequence[int], runs: Runs, theirs: Runs
) -> dict[str, list[Curve]]:
    """Return each arm's curves, one a seed."""
    arms = {arm: [runs[Job(setting, arm, batch, seed)].curve for seed in seeds] for arm in (*OURS, *MODAL)}
    peers = {
        arm: [theirs[Job(setting, arm, batch, seed)].curve for seed in seeds]
        for arm in NAMES
        if all(Job(setting, arm, batch, seed) in theirs for seed in seeds)
    }
    return arms | peers


def voting_curves(seeds: Sequence[int], runs: Runs) -> dict[str, list[Curve]]:
    """Return each voting arm's curves, one a seed, cut to whole votes that all seeds share."""
    found = {arm: [runs[Job(VOTING, arm, VOTE_BATCH, seed)].curve for seed in seeds] for arm in VOTING_ARMS}
    grid = list(range(100, VOTE_BUDGET + 1, VOTE_BATCH))
    return {arm: [_on_grid(curve, grid) for curve in curves] for arm, curves in found.items()}


def rows_of_votes(seeds: Sequence[int], runs: Runs) -> list[Row]:
    """Return how many votes each way of voting needs for the accuracy of five votes on pairs by lot."""
    arms = voting_curves(seeds, runs)
    base = arms["random, 5 votes"]
    rows = []
    for votes in (500, 1000, 2000):
        goals = [float(np.interp(votes, curve.labels, curve.accuracy)) for curve in base]
        for arm, curves in arms.items():
            saved = compare(curves, base, goals, np.random.default_rng(0)).labels
            what = f"votes saved at the accuracy of {votes} votes, five on each pair by lot: {arm}"
            held = saved.value >= VOTE_TARGET and saved.low > 0
            target, holds = ("≥ 0.7", held) if arm == "dopt, until a lead of 2 with the head" else ("", None)
            rows.append(Row(what + _interval(saved), _finite(saved.value), None, None, target, holds))
    return rows


def _rows_of_arm(where: str, setting: str, one: ArmSummary) -> list[Row]:
    rows = [Row(f"{where}: mean accuracy on the way, {one.name}", one.area)]
    if one.name != "random":
        gain = f"{where}: gain in mean accuracy, {one.name}{_interval(one.gain)}, p {one.p:.2g}"
        claimed = one.name == WINNER and setting.startswith("new")
        target, holds = ("not worse", one.gain.high >= 0) if claimed else ("", None)
        rows.append(Row(gain, one.gain.value, None, None, target, holds))
        rows += [_row_of_saving(where, setting, one, demand) for demand in one.saved]
    rows.append(Row(f"{where}: seconds of choosing a batch, {one.name}", one.seconds))
    rows.append(Row(f"{where}: log loss after the last batch, {one.name}", one.nll))
    rows.append(Row(f"{where}: calibration error after the last batch, {one.name}", one.ece))
    return rows


def _row_of_saving(where: str, setting: str, one: ArmSummary, demand: str) -> Row:
    saved = one.saved[demand]
    labels, lot = one.labels[demand], one.base_labels[demand]
    needed = "not reached" if np.isinf(labels) else f"{labels:.0f} labels"
    beside = "not reached" if np.isinf(lot) else f"{lot:.0f}"
    what = f"{where}: labels saved at {demand}, {one.name} ({needed}, the lot {beside}){_interval(saved)}"
    wanted = TARGETS.get(setting)
    if one.name != WINNER or wanted is None or demand not in CLAIMED:
        return Row(what, _finite(saved.value))
    holds = bool(saved.value >= wanted and saved.low > 0)
    return Row(what, _finite(saved.value), None, None, f"≥ {wanted:.1f}", holds)


def _rows_beside_peers(where: str, found: Sequence[ArmSummary]) -> list[Row]:
    """Return how many labels ours needs beside each arm that another library chose."""
    ours = next(one for one in found if one.name == WINNER)
    rows = []
    for one in found:
        mine, theirs = ours.labels[BESIDE_PEERS], one.labels[BESIDE_PEERS]
        if one.name in (*MODAL, *NAMES) and np.isfinite(mine):
            known = theirs if np.isfinite(theirs) else None
            what = f"{where}: labels needed for {BESIDE_PEERS}, {WINNER}; peer: {one.name}"
            rows.append(Row(what, mine, known, known and mine / known))
    return rows


def _interval(figure: Figure) -> str:
    return f" [{figure.low:.2f}, {figure.high:.2f}]" if np.isfinite(figure).all() else ""


def _finite(value: float) -> float | None:
    """Return the value, None for a demand that the arm never met."""
    return value if np.isfinite(value) else None


def _on_grid(curve: Curve, grid: Sequence[int]) -> Curve:
    """Return the curve at given numbers, straight between batches, its last value beyond its end."""

    def at(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(np.interp(grid, curve.labels, values).tolist())

    return Curve(tuple(grid), at(curve.accuracy), at(curve.nll), at(curve.ece), at(curve.seconds))
