"""Checkpoints a run may resume from: whole ones only."""

import json
import re
import shutil
import struct
import zipfile
from pathlib import Path

_INCOMPLETE = "checkpoint-is-incomplete.txt"
_WRITTEN_LAST = "trainer_state.json"


def last_complete_checkpoint(folder: Path) -> Path | None:
    """Give the newest whole checkpoint, and clear away half written and damaged ones.

    A run that loses its newest checkpoint goes on from the one before it, or begins anew: the same seed leads
    to the same weights.
    """
    whole: dict[int, Path] = {}
    for checkpoint in folder.glob("checkpoint-*"):
        step = re.fullmatch(r"checkpoint-(\d+)", checkpoint.name)
        if step and not find_damage(checkpoint):
            whole[int(step.group(1))] = checkpoint
        elif checkpoint.is_dir():
            shutil.rmtree(checkpoint)
    return whole[max(whole)] if whole else None


def find_damage(checkpoint: Path) -> str:
    """Say which file of a checkpoint is missing, cut short or damaged; empty where all are whole.

    Weights are checked by the lengths they declare, other tensors by their checksums; nothing is unpickled.
    """
    if (checkpoint / _INCOMPLETE).exists():
        return _INCOMPLETE
    try:
        json.loads((checkpoint / _WRITTEN_LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _WRITTEN_LAST
    for file in sorted(checkpoint.rglob("*.safetensors")):
        if not _is_whole_safetensors(file):
            return file.name
    for file in sorted([*checkpoint.rglob("*.pt"), *checkpoint.rglob("*.pth")]):
        if not _is_whole_archive(file):
            return file.name
    return ""


def _is_whole_safetensors(file: Path) -> bool:
    """Tell whether a file is as long as its header says (safetensors: u64 length, JSON header, data)."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > file.stat().st_size:
                return False
            header = json.loads(stream.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        return bool(file.stat().st_size == 8 + length + max(ends, default=0))
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False


def _is_whole_archive(file: Path) -> bool:
    """Tell whether the checksums of a file of torch are right; it is a zip archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.testzip() is None
    except (OSError, ValueError, zipfile.BadZipFile):
        return False
