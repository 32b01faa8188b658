"""Read the board as it was last computed, and tell how much has happened since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.reports.quality_board.board import VERSION, Board
from annotate.store import Event, Figures, Judgement, Preference, Store

NAME = "quality"
_BOARD: TypeAdapter[Board] = TypeAdapter(Board)


@dataclass(frozen=True)
class StoredBoard:
    """Hold a board with the moment of its computing, how long that took, and what has come since."""

    board: Board
    computed_at: datetime
    seconds: float
    judgements_since: int
    fresh: bool


def read_board(store: Store) -> StoredBoard | None:
    """Return the board as stored, or None where none was ever computed (or by another version)."""
    with store.reading() as session:
        found = session.get(Figures, NAME)
        if found is None or found.value.get("version") != VERSION:
            return None
        known = int(found.stamp.get("judgement", 0))
        since = session.scalar(select(func.count(Judgement.id)).where(Judgement.id > known)) or 0
        return StoredBoard(
            _BOARD.validate_python(found.value),
            found.computed_at,
            found.seconds,
            since,
            found.stamp == stamp(session),
        )


def write_board(store: Store, board: Board, computed_from: dict[str, int], seconds: float) -> None:
    """Keep a board in place of the last one."""
    value = _BOARD.dump_python(board, mode="json")
    with store.writing.begin() as session:
        session.merge(Figures(name=NAME, stamp=computed_from, value=value, seconds=seconds))


def stamp(session: Session) -> dict[str, int]:
    """Name the state of the ledger: every change of it adds a judgement, an event or a preference."""
    columns = {"judgement": Judgement.id, "event": Event.id, "preference": Preference.id}
    return {name: session.scalar(select(func.max(column))) or 0 for name, column in columns.items()}


def count_judgements(store: Store) -> int:
    """Return about how many judgements there are, at once."""
    with store.reading() as session:
        return session.scalar(select(func.max(Judgement.id))) or 0
