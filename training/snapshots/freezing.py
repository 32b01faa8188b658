"""Freeze rows by one set of options: choose, guard against every frozen test, write the snapshot."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from training.rows import Row
from training.snapshots.frozen import Origin, Snapshot, freeze
from training.snapshots.leaks import FrozenTest, find_leaks, refuse_leaks
from training.snapshots.nearness import Embed
from training.snapshots.selection import Selection, select_rows

R = TypeVar("R", bound=Row)


class Freezing(BaseModel):
    """Say how rows are frozen: what happens to leaks, and which of the rest are kept (None: all)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    leaks: Literal["refuse", "leave_out"] = "refuse"
    selection: Selection | None = None


def guard(
    train: Sequence[R],
    *,
    options: Freezing | None = None,
    frozen_tests: Sequence[FrozenTest] = (),
    embed: Embed | None = None,
) -> tuple[list[R], Origin]:
    """Return the rows that may be trained on and are chosen to be, and what a manifest says of that.

    Raises LeakError naming the rows that are in a frozen test (unless `options` leave them out), RowsError
    where the selection keeps none.
    """
    options = options or Freezing()
    leaks = find_leaks(train, frozen_tests, embed)
    if options.leaks == "refuse":
        refuse_leaks(leaks)
    leaking = {leak.row for leak in leaks}
    kept = [one for one in train if one.id not in leaking]
    left_out: dict[str, Sequence[str]] = {"leaks": sorted(leaking)} if leaking else {}
    split: dict[str, Any] = {}
    if options.selection is not None and kept:
        chosen = select_rows(kept, options.selection, embed)
        names = {one.id for one in chosen}
        left_out["selection"] = [one.id for one in kept if one.id not in names]
        split["selection"] = options.selection.model_dump()
        kept = chosen
    ways = ["exact", "words", *(["meaning"] if embed else [])]
    guarded = [{"test": one.name, "texts": len(one.texts), "by": ways} for one in frozen_tests]
    return kept, Origin(split, guarded, left_out)


def freeze_guarded(
    folder: Path,
    row: type[R],
    train: Sequence[R],
    test: Sequence[R],
    *,
    options: Freezing | None = None,
    frozen_tests: Sequence[FrozenTest] = (),
    embed: Embed | None = None,
) -> Snapshot[R]:
    """Write a snapshot whose train rows are in no frozen test, its own test side included.

    Raises as `guard` and `freeze` do.
    """
    tests = [*([FrozenTest.of_rows("this run's test", test)] if test else []), *frozen_tests]
    kept, origin = guard(train, options=options, frozen_tests=tests, embed=embed)
    split = {"by": "question", **origin.split}
    return freeze(folder, row, kept, test, Origin(split, origin.guarded, origin.left_out))
