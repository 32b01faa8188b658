"""Snapshots: the only door by which rows come into a run. Frozen, hashed, guarded, chosen, described."""

from training.snapshots.balance import balance_lines, describe_rows
from training.snapshots.freezing import Freezing, freeze_guarded, guard
from training.snapshots.frozen import (
    Manifest,
    Origin,
    Snapshot,
    freeze,
    is_frozen,
    open_snapshot,
    read_manifest,
)
from training.snapshots.leaks import FrozenTest, Leak, find_leaks, refuse_leaks
from training.snapshots.nearness import Embed, Near, find_near
from training.snapshots.selection import Selection, select_rows

__all__ = [
    "Embed",
    "Freezing",
    "FrozenTest",
    "Leak",
    "Manifest",
    "Near",
    "Origin",
    "Selection",
    "Snapshot",
    "balance_lines",
    "describe_rows",
    "find_leaks",
    "find_near",
    "freeze",
    "freeze_guarded",
    "guard",
    "is_frozen",
    "open_snapshot",
    "read_manifest",
    "refuse_leaks",
    "select_rows",
]
