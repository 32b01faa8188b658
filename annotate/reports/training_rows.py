"""Find the training rows that were made of a pair, in the files that each run froze."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.store import ModelVersion, Run

LOOKED_THROUGH = 40  # the latest runs
ROW_FILES = {"train": "train.jsonl", "test": "test.jsonl"}


@dataclass(frozen=True)
class RowLine:
    """Hold a training row made of the pair, with the run it was frozen for and the models of the run."""

    run: int
    kind: str
    state: str
    snapshot: str
    side: str
    weight: float
    margin: float
    models: tuple[str, ...]


def rows_of_pair(session: Session, pair_id: int) -> tuple[RowLine, ...]:
    """Return the rows of a pair in the latest runs, the newest run first."""
    runs = list(session.scalars(select(Run).order_by(Run.id.desc()).limit(LOOKED_THROUGH)))
    models = _models(session, [run.id for run in runs])
    found = []
    for run in runs:
        # A run without a snapshot has not frozen its rows: that it has none must not be kept in mind.
        row = _frozen_row(run.folder, run.snapshot, pair_id) if run.snapshot else None
        if row:
            made = tuple(models.get(run.id, ()))
            found.append(RowLine(run.id, run.kind, run.state, run.snapshot, *row, made))
    return tuple(found)


def _models(session: Session, runs: list[int]) -> dict[int, list[str]]:
    query = select(ModelVersion).where(ModelVersion.run_id.in_(runs))
    models: dict[int, list[str]] = {}
    for version in session.scalars(query):
        models.setdefault(version.run_id or 0, []).append(version.fingerprint)
    return models


@lru_cache(maxsize=4096)
def _frozen_row(folder: str, _snapshot: str, pair_id: int) -> tuple[str, float, float] | None:
    """Return side, weight and margin of a pair's row in a run's files, which never change."""
    mark = f'"id": "pair-{pair_id}"'.encode()
    for side, name in ROW_FILES.items():
        file = Path(folder) / name
        if not file.exists():
            continue
        with file.open("rb") as lines:
            for line in lines:
                if mark in line[:80]:
                    row = json.loads(line)
                    return side, float(row["weight"]), float(row["margin"])
    return None
