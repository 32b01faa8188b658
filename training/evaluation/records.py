"""RUN/evaluation.json: what was measured of a run's model, section by section."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import ModelError
from training.evaluation.calibration import calibrate
from training.evaluation.scores import read_scores
from training.evaluation.slices import accuracy_slices, length_correlation

EVALUATION_FILE = "evaluation.json"
HELD_OUT = "held_out"


def record_evaluation(run_dir: Path, section: str, content: Any) -> None:
    """Write one section of RUN/evaluation.json, whole or not at all; dataclasses become objects, NaN null."""
    found = read_evaluation(run_dir) | {section: _plain(content)}
    draft = run_dir / f"{EVALUATION_FILE}.tmp"
    draft.write_text(
        json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8"
    )
    draft.replace(run_dir / EVALUATION_FILE)


def read_evaluation(run_dir: Path) -> dict[str, Any]:
    """Read RUN/evaluation.json, {} where there is none. Raises ModelError where it is damaged."""
    file = run_dir / EVALUATION_FILE
    if not file.exists():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{file}: not an evaluation, remove it to measure again") from error
    if not isinstance(found, dict):
        raise ModelError(f"{file}: not an evaluation, remove it to measure again")
    return found


def measure_held_out(run_dir: Path, seed: int = 0) -> dict[str, Any] | None:
    """Measure what RUN/scores.jsonl holds and record it: slices, calibration, length; None without scores."""
    pairs = read_scores(run_dir)
    if not pairs:
        return None
    rng = np.random.default_rng(seed)
    found = {
        "slices": [asdict(one) for one in accuracy_slices(pairs, rng)],
        "calibration": asdict(calibrate([p.gap for p in pairs], [p.question_id for p in pairs])),
        "length_correlation": length_correlation(pairs),
    }
    record_evaluation(run_dir, HELD_OUT, found)
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
