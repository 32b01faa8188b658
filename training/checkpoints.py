"""Checkpoints a run may resume from."""

import json
import re
import shutil
from pathlib import Path

_INCOMPLETE = "checkpoint-is-incomplete.txt"
_WRITTEN_LAST = "trainer_state.json"


def last_complete_checkpoint(folder: Path) -> Path | None:
    """Give the newest whole checkpoint, and clear away the ones a killed process left half written."""
    whole: dict[int, Path] = {}
    for checkpoint in folder.glob("checkpoint-*"):
        step = re.fullmatch(r"checkpoint-(\d+)", checkpoint.name)
        if step and _is_complete(checkpoint):
            whole[int(step.group(1))] = checkpoint
        elif checkpoint.is_dir():
            shutil.rmtree(checkpoint)
    return whole[max(whole)] if whole else None


def _is_complete(checkpoint: Path) -> bool:
    if (checkpoint / _INCOMPLETE).exists():
        return False
    try:
        json.loads((checkpoint / _WRITTEN_LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
