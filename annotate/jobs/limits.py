"""Limits of a run: how long it may work in all its attempts, and how much disk its folder may take."""

from __future__ import annotations

import os
from pathlib import Path

from annotate.store import Run, now

MEGABYTE = 1024 * 1024


def passed_limit(run: Run) -> str:
    """Return which limit a running run passed and what to do about it, or nothing."""
    seconds, megabytes = run.limits.get("seconds"), run.limits.get("megabytes")
    if seconds is not None and spent_seconds(run) > seconds:
        return f"stopped at its time limit of {seconds} s; its checkpoint is kept: raise the limit and resume"
    if megabytes is not None and (taken := folder_size(Path(run.folder)) / MEGABYTE) > megabytes:
        return (
            f"stopped at its disk limit of {megabytes} MB: its folder holds {taken:.0f} MB; "
            "raise the limit or save less often, and resume"
        )
    return ""


def spent_seconds(run: Run) -> float:
    """Return how long a running run has worked, in all its attempts."""
    present = (now() - run.started_at).total_seconds() if run.started_at else 0.0
    return run.spent_seconds + present


def folder_size(folder: Path) -> int:
    """Return the bytes of all files of a folder; what vanishes meanwhile counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:
                continue
    return total
