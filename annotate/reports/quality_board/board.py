"""Compute everything that the quality screen shows, in one go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotate.labelling.agreement import Estimate
from annotate.reports.quality import QualityReport, report_quality
from annotate.reports.quality_board.confusions import Confusion, confuse
from annotate.reports.quality_board.gold import Gold, report_gold
from annotate.reports.quality_board.history import Period, Step, follow
from annotate.reports.quality_board.machines import MachineCurve, Prove, draw_curves
from annotate.reports.quality_board.raters import Rater, lean, rate
from annotate.reports.quality_board.votes import read_said
from annotate.store import Store

VERSION = 1


@dataclass(frozen=True)
class Board:
    """Hold the quality report and what goes beyond it: history, raters, confusion, gold, machines.

    `left` says for people and machines how often the answer on the left won.
    """

    quality: QualityReport
    step: Step
    history: tuple[Period, ...]
    raters: tuple[Rater, ...]
    left: dict[str, Estimate | None]
    confusions: tuple[Confusion, ...]
    gold: Gold
    machines: tuple[MachineCurve, ...]
    version: int = VERSION


def compute_board(store: Store, rng: np.random.Generator, prove: Prove) -> Board:
    """Compute the board; with a million judgements that takes tens of seconds.

    `prove` says what share of a machine's audited verdicts would stand at an accuracy.
    """
    quality = report_quality(store, rng)
    with store.reading() as session:
        said = read_said(session)
        gold = report_gold(session)
    step, history = follow(said, rng)
    return Board(
        quality=quality,
        step=step,
        history=history,
        raters=rate(said),
        left=lean(said),
        confusions=confuse(said),
        gold=gold,
        machines=draw_curves(store, rng, prove),
    )
