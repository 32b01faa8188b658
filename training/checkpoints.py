"""Checkpoints a run may resume from: whole ones only."""

import json
import re
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from training.fingerprints import file_fingerprint

SEAL_FILE = "seal.json"
_WRITTEN_LAST = "trainer_state.json"


def seal(checkpoint: Path) -> None:
    """Write the sha256 of each file of a checkpoint into it; from now on any change is damage."""
    draft = checkpoint / f"{SEAL_FILE}.tmp"
    files = sorted(file for file in checkpoint.rglob("*") if file.is_file())
    digests = {
        file.relative_to(checkpoint).as_posix(): file_fingerprint(file)
        for file in files
        if file.name not in (SEAL_FILE, draft.name)
    }
    draft.write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")
    draft.replace(checkpoint / SEAL_FILE)


def last_complete_checkpoint(folder: Path, tell: Callable[[Path, str], None] | None = None) -> Path | None:
    """Give the newest whole checkpoint, and clear away damaged and half written ones that are newer.

    `tell` hears of each that is cleared away, and which file of it is damaged. A run that loses its newest
    checkpoint goes on from the one before it, or begins anew: the same seed leads to the same weights.
    """
    for checkpoint in sorted(folder.glob("checkpoint-*"), key=_step_of, reverse=True):
        if _step_of(checkpoint) < 0:
            continue
        damaged = find_damage(checkpoint)
        if not damaged:
            return checkpoint
        if tell is not None:
            tell(checkpoint, damaged)
        shutil.rmtree(checkpoint)
    return None


def find_damage(checkpoint: Path) -> str:
    """Say which file of a checkpoint is missing, cut short or changed; empty where all are whole.

    One without a seal was written by an earlier release, or just before a kill: there weights are checked by
    the lengths they declare, other tensors by their checksums. Nothing is unpickled.
    """
    try:
        json.loads((checkpoint / _WRITTEN_LAST).read_text(encoding="utf-8"))
        sealed = (checkpoint / SEAL_FILE).exists()
    except (OSError, ValueError):
        return _WRITTEN_LAST
    return _find_change(checkpoint) if sealed else _find_torn(checkpoint)


def _find_change(checkpoint: Path) -> str:
    """Say which file is not the one that was sealed."""
    try:
        digests: dict[str, str] = dict(json.loads((checkpoint / SEAL_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return SEAL_FILE
    for name, digest in digests.items():
        try:
            if file_fingerprint(checkpoint / name) != digest:
                return name
        except OSError:
            return name
    return ""


def _find_torn(checkpoint: Path) -> str:
    """Say which file of tensors is not whole by its own account."""
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


def _step_of(checkpoint: Path) -> int:
    found = re.fullmatch(r"checkpoint-(\d+)", checkpoint.name)
    return int(found[1]) if found and checkpoint.is_dir() else -1
