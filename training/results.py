"""The result of a finished run, kept as RUN/result.json. Its presence is what makes a run finished."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from training.errors import ModelError
from training.metrics import Interval

RESULT_FILE = "result.json"


@dataclass(frozen=True)
class Outcome:
    """Hold what a kind reports of its training; `runs.train` turns it into a Result."""

    steps: int
    first_loss: float
    last_loss: float
    metrics: dict[str, Interval]
    dropped_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """Hold one finished run.

    `rows` counts train, test and dropped; losses are means over pairs without weights; `model` is relative to
    the run folder; fingerprints are sha256 of weights; `seconds` is the wall time of the last attempt.
    """

    kind: str
    rows: dict[str, int]
    dropped_ids: list[str]
    steps: int
    first_loss: float
    last_loss: float
    metrics: dict[str, Interval]
    model: str
    fingerprint: str
    base_fingerprint: str
    snapshot: str
    seconds: float
    peak_memory_mb: float

    def __str__(self) -> str:
        figures = "; ".join(f"{name} {interval}" for name, interval in self.metrics.items())
        return (
            f"{self.kind}: {self.steps} steps in {self.seconds:.0f} s, "
            f"loss {self.first_loss:.4f} -> {self.last_loss:.4f}" + (f"; {figures}" if figures else "")
        )


def write_result(run_dir: Path, result: Result) -> None:
    """Write RUN/result.json at once or not at all."""
    text = json.dumps(_without_nan(asdict(result)), indent=2, ensure_ascii=False, allow_nan=False)
    draft = run_dir / f"{RESULT_FILE}.tmp"
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(run_dir / RESULT_FILE)


def read_result(run_dir: Path) -> Result | None:
    """Give the stored result of a finished run, or None. Raises ModelError where the file is damaged."""
    path = run_dir / RESULT_FILE
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        record["metrics"] = {name: _interval(figures) for name, figures in record["metrics"].items()}
        return Result(**record)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: not a result file, remove it to train again") from error


def _interval(figures: dict[str, Any]) -> Interval:
    known: dict[str, Any] = {name: math.nan if figure is None else figure for name, figure in figures.items()}
    return Interval(**known)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no NaN
    return value
