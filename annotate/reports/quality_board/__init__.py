"""Report everything that the quality screen shows; computed by a job, stored, and read at once."""

from annotate.reports.quality_board.board import Board, compute_board
from annotate.reports.quality_board.confusions import CONSENSUS, Confusion
from annotate.reports.quality_board.gold import Gold, GoldRecord, HardTask, Miss
from annotate.reports.quality_board.history import Period
from annotate.reports.quality_board.live import Live, Standing, report_live
from annotate.reports.quality_board.machines import Bin, MachineCurve, Scope
from annotate.reports.quality_board.raters import EDGES, Pace, Rater
from annotate.reports.quality_board.stored import (
    StoredBoard,
    count_judgements,
    read_board,
    stamp,
    write_board,
)

__all__ = [
    "CONSENSUS",
    "EDGES",
    "Bin",
    "Board",
    "Confusion",
    "Gold",
    "GoldRecord",
    "HardTask",
    "Live",
    "MachineCurve",
    "Miss",
    "Pace",
    "Period",
    "Rater",
    "Scope",
    "Standing",
    "StoredBoard",
    "compute_board",
    "count_judgements",
    "read_board",
    "report_live",
    "stamp",
    "write_board",
]
