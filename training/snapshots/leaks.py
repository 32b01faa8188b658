"""Keep what is tested on out of what is trained on: every frozen test, by words and by meaning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from training.errors import LeakError
from training.rows import Row
from training.snapshots.nearness import Embed, Near, find_near

NAMED = 10  # rows in a refusal


@dataclass(frozen=True)
class FrozenTest:
    """Hold the texts of one frozen test by their ids; `name` says where it lies."""

    name: str
    texts: Mapping[str, str]

    @classmethod
    def of_rows(cls, name: str, rows: Iterable[Row]) -> "FrozenTest":
        """Make a frozen test of rows."""
        return cls(name, {row.id: row.subject for row in rows})


@dataclass(frozen=True)
class Leak:
    """Say that a row to train on is also in a test, or nearly."""

    row: str
    test: str
    near: Near

    def __str__(self) -> str:
        found = (
            "the same" if self.near.way == "exact" else f"alike by {self.near.way} {self.near.likeness:.2f}"
        )
        return f"{self.row} ({self.test} {self.near.other}, {found})"


def find_leaks(rows: Sequence[Row], tests: Sequence[FrozenTest], embed: Embed | None = None) -> list[Leak]:
    """Return the rows that are in a frozen test, or nearly, in the order of the rows; each is named once.

    `embed` (texts -> unit vectors) also finds those that say the same in other words.
    """
    subjects = {row.id: row.subject for row in rows}
    distinct = dict.fromkeys(subjects.values())
    leaks: dict[str, Leak] = {}
    for test in tests:
        near = {one.one: one for one in find_near({text: text for text in distinct}, test.texts, embed)}
        for row, subject in subjects.items():
            if subject in near and row not in leaks:
                leaks[row] = Leak(row, test.name, near[subject])
    return [leaks[row.id] for row in rows if row.id in leaks]


def refuse_leaks(leaks: Sequence[Leak]) -> None:
    """Raise LeakError naming the rows where there are any."""
    if not leaks:
        return
    named = ", ".join(str(leak) for leak in leaks[:NAMED])
    more = f" and {len(leaks) - NAMED} more" if len(leaks) > NAMED else ""
    raise LeakError(
        f"{len(leaks)} rows to train on are in a frozen test, or nearly: {named}{more}; "
        "leave them out (leaks: leave_out) or take another test",
        [leak.row for leak in leaks],
    )
