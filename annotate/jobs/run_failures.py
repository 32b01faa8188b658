"""Say in one line why a run failed, even where the disk is full and no line could be written."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

RESERVE_FILE, ERROR_FILE = ".reserve", "error.txt"
RESERVE_BYTES = 64 * 1024
FULL_BYTES = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Libraries that write by C++ or Rust tell of a full disk in words only.
_FULL_WORDS = (
    "no space left",
    "disk quota exceeded",
    "file too large",
    "os error 28",
    "os error 122",
    "os error 27",
    "iostream error",  # torch.save
    "pytorchstreamwriter failed writing",
)


def keep_reserve(folder: Path) -> None:
    """Take some disk now, so that it can be given up for the reason of a failure."""
    file = folder / RESERVE_FILE
    if not file.exists():
        file.write_bytes(b"\0" * RESERVE_BYTES)


def write_error(folder: Path, reason: str) -> None:
    """Write the reason of a failure, giving up the reserve where there is no other place for it."""
    try:
        (folder / ERROR_FILE).write_text(reason + "\n", "utf-8")
    except OSError:
        (folder / RESERVE_FILE).unlink(missing_ok=True)
        (folder / ERROR_FILE).write_text(reason + "\n", "utf-8")


def describe(error: BaseException, folder: Path) -> str:
    """Describe a failure on one line; a full disk is called one, whoever met it."""
    if is_disk_full(error) or _free(folder) < FULL_BYTES:
        free = _free(folder) / 1024 / 1024
        return (
            f"DiskFull: {folder}: no space left for the run ({free:.0f} MB free, or a quota): "
            "free some and resume; the last whole checkpoint is kept"
        )
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether an error, or one that it came from, says that there is no space."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if any(words in str(error).lower() for words in _FULL_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _free(folder: Path) -> int:
    """Return the bytes free where the run writes: its folder, or a disk that is mounted inside."""
    places = [folder, *(place for place in folder.glob("*") if place.is_dir())]
    return min((_free_at(place) for place in places), default=FULL_BYTES)


def _free_at(place: Path) -> int:
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return FULL_BYTES
