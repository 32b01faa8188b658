"""Read what a run leaves in its folder: progress, log, decoded samples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAST_BYTES = 4096  # of a progress file; a line has some 200
LOG_BYTES = 64 * 1024
PROGRESS_FILE, LOG_FILE, SAMPLES_FILE = "progress.jsonl", "run.log", "samples.json"
PAGES = {"en": "report.html", "ru": "report.ru.html"}


@dataclass(frozen=True)
class LogPart:
    """Hold whole lines of a log, and the offset in bytes from which to read on."""

    text: str
    offset: int


def read_progress(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a run's progress file; a line cut short by a crash is left out."""
    return _lines(_tail(folder / PROGRESS_FILE))


def read_last_progress(folder: Path) -> dict[str, Any]:
    """Return the last line of a run's progress file, or nothing, without reading the whole file."""
    lines = _lines(_tail(folder / PROGRESS_FILE, LAST_BYTES))
    return lines[-1] if lines else {}


def read_steps(folder: Path) -> list[dict[str, Any]]:
    """Return one line for each step of a run, in order.

    After a resume the steps since the checkpoint are there twice: the later line counts.
    """
    steps = {int(line["step"]): line for line in read_progress(folder) if "step" in line and "loss" in line}
    return [steps[step] for step in sorted(steps)]


def read_log(folder: Path, offset: int = 0) -> LogPart:
    """Return the whole lines that a run logged since an offset, of a long log the last of them."""
    file = folder / LOG_FILE
    if not file.exists():
        return LogPart("", 0)
    with file.open("rb") as log:
        size = log.seek(0, 2)
        start = max(min(offset, size), size - LOG_BYTES)
        log.seek(start)
        content = log.read(size - start)
    if start > offset:  # begins in the middle of a line
        content = content[content.find(b"\n") + 1 :]
    end = content.rfind(b"\n") + 1
    return LogPart(content[:end].decode("utf-8", "replace"), size - (len(content) - end))


def read_last_line(file: Path) -> str:
    """Return the last line of a text file that holds anything, or nothing."""
    lines = _tail(file, LAST_BYTES).decode("utf-8", "replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def read_samples(folder: Path) -> list[dict[str, str]]:
    """Return the first training pairs as the model reads them, special tokens included; none is fine."""
    try:
        samples: list[dict[str, str]] = json.loads((folder / SAMPLES_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return samples


def _tail(file: Path, size: int | None = None) -> bytes:
    if not file.exists():
        return b""
    if size is None:
        return file.read_bytes()
    with file.open("rb") as source:
        source.seek(max(0, source.seek(0, 2) - size))
        return source.read()


def _lines(content: bytes) -> list[dict[str, Any]]:
    lines = []
    for line in content.split(b"\n"):
        try:
            found = json.loads(line)
        except ValueError:  # not JSON, or not even whole letters
            continue
        if isinstance(found, dict):
            lines.append(found)
    return lines


def find_page(folder: Path, language: str) -> Path | None:
    """Return the page that a run left about itself in a language, or in English; None where there is none."""
    pages = [folder / PAGES[each] for each in (language, "en") if each in PAGES]
    return next((page for page in pages if page.is_file()), None)


def read_page(folder: Path, language: str) -> str | None:
    """Return what stands on the page of a run in a language, or in English; None where there is none."""
    page = find_page(folder, language)
    return page.read_text("utf-8") if page else None
