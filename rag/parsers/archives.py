"""Open zip archives that strangers made."""

from __future__ import annotations

import zipfile
from pathlib import Path

from rag.errors import DocumentError

MAX_ENTRIES = 10_000
MAX_BYTES = 256 << 20
MAX_RATIO = 100
# Word's XML shrinks some twenty times; what is small unpacked may shrink as it likes.
RATIO_FREE_BYTES = 8 << 20
_ENCRYPTED = 0x1


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip archive after a look at its sizes; reading an entry never gives more than it declares.

    Raises DocumentError where it is broken, encrypted or a bomb.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError(f"broken or truncated file: {error}") from error
    try:
        _check(archive.infolist())
    except DocumentError:
        archive.close()
        raise
    return archive


def _check(entries: list[zipfile.ZipInfo]) -> None:
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise DocumentError(f"{len(entries):,} files inside, more than the {MAX_ENTRIES:,} allowed")
    if size > MAX_BYTES:
        raise DocumentError(
            f"{size >> 20:,} MB inside when unpacked, more than the {MAX_BYTES >> 20} allowed"
        )
    if size > RATIO_FREE_BYTES and size > MAX_RATIO * packed:
        raise DocumentError(f"unpacks to more than {MAX_RATIO} times its size, as bombs do")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise DocumentError("encrypted: a password is needed")
