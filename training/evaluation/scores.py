"""RUN/scores.jsonl: what a model gave both sides of every held-out pair, kept for whoever measures later."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from training.errors import ModelError
from training.rows import PreferenceRow
from training.snapshots.frozen import MANIFEST_FILE, read_manifest

SCORES_FILE = "scores.jsonl"


@dataclass(frozen=True)
class ScoredPair:
    """Hold the scores of one held-out pair and what it is counted by.

    `aspects` maps an aspect to 1 where the assessors found the chosen side better on it, -1 where the other
    one, 0 where neither. `agreement` is how often one assessor agrees with the others on this pair, None with
    fewer than two. `longer` is the chosen side's length less the rejected side's, in characters.
    """

    id: str
    question_id: str
    chosen: float
    rejected: float
    language: str = "en"
    cluster: str = ""
    aspects: dict[str, int] = field(default_factory=dict)
    agreement: float | None = None
    longer: int = 0

    @property
    def gap(self) -> float:
        """Give chosen - rejected."""
        return self.chosen - self.rejected


def write_scores(
    run_dir: Path, rows: Sequence[PreferenceRow], chosen: ArrayLike, rejected: ArrayLike
) -> list[ScoredPair]:
    """Write the scores (n,) of the rows' two sides to RUN/scores.jsonl, and return them as pairs.

    `aspects` and `ceiling` come from the rows' lineage, clusters from it or from the run's snapshot.
    """
    import numpy as np

    sides = np.stack([np.asarray(chosen, np.float64), np.asarray(rejected, np.float64)], axis=1)
    if len(sides) != len(rows):
        raise ValueError(f"{len(rows)} rows and {len(sides)} scored pairs")
    clusters = _clusters(run_dir)
    pairs = [_pair(row, side, clusters) for row, side in zip(rows, sides.tolist(), strict=True)]
    lines = (json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in pairs)
    draft = run_dir / f"{SCORES_FILE}.tmp"
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(run_dir / SCORES_FILE)
    return pairs


def read_scores(run_dir: Path) -> list[ScoredPair]:
    """Read RUN/scores.jsonl; none where there is none. Raises ModelError naming a line that is no pair."""
    file = run_dir / SCORES_FILE
    if not file.exists():
        return []
    pairs = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            pairs.append(ScoredPair(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ModelError(f"{file}:{number}: not a scored pair; measure the run again") from error
    return pairs


def _clusters(run_dir: Path) -> dict[str, str]:
    """Return the clusters of the run's snapshot, none where it lies elsewhere."""
    folders = (run_dir / "snapshot", run_dir)
    found = next((folder for folder in folders if (folder / MANIFEST_FILE).is_file()), None)
    return read_manifest(found).clusters if found else {}


def _pair(row: PreferenceRow, scores: list[float], clusters: dict[str, str]) -> ScoredPair:
    lineage: dict[str, Any] = row.lineage
    cluster = lineage.get("cluster", clusters.get(row.question_id))
    ceiling = lineage.get("ceiling")
    aspects = lineage.get("aspects")
    return ScoredPair(
        id=row.id,
        question_id=row.question_id,
        chosen=scores[0],
        rejected=scores[1],
        language=row.language,
        cluster="" if cluster is None else str(cluster),
        aspects=dict(aspects) if isinstance(aspects, dict) else {},
        agreement=float(ceiling) if isinstance(ceiling, int | float) else None,
        longer=len(row.chosen) - len(row.rejected),
    )
