"""RUN/progress.jsonl: what a run is doing, one JSON object a line, appended and flushed at once."""

import json
import math
import time
from pathlib import Path


class ProgressLog:
    """Append to a progress file; a reader may tail it by offset while the run goes on.

    Lines are `{"event": "stage", "stage": ...}` or `{"event": "step", "step", "total", "loss", "seconds",
    ...}`, all with `time` (Unix seconds). After a resume the steps since the checkpoint appear again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def stage(self, stage: str, **figures: str | float | int) -> None:
        """Note that the run entered a stage, with whatever figures belong to it."""
        self._append({"event": "stage", "stage": stage, **figures})

    def step(self, step: int, total: int, loss: float, seconds: float, **figures: float) -> None:
        """Note one optimiser step; `seconds` is the time since training began in this process."""
        self._append(
            {
                "event": "step",
                "step": step,
                "total": total,
                "loss": loss,
                "seconds": round(seconds, 3),
                **figures,
            }
        )

    def _append(self, record: dict[str, str | float | int]) -> None:
        finite = {k: v for k, v in record.items() if not isinstance(v, float) or math.isfinite(v)}
        line = json.dumps({"time": round(time.time(), 3), **finite}, ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
