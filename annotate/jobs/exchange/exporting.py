"""Export preferences or judgements, one side of the split or all, and nothing that is held out into train."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import JUDGEMENTS, PREFERENCES
from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.exchange.judgements import judgement_rows
from annotate.jobs.exchange.leaks import frozen_questions, guarded, leaking
from annotate.jobs.exchange.splits import (
    SIDES,
    TEST,
    Shares,
    questions_with_winners,
    sides_of_questions,
    stored_questions,
)
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.snapshots import iterate_preference_rows

ALL = "all"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Selection:
    """Say which rows are wanted.

    `split` is a side or `all`; `questions` are the keys of the only questions wanted, if any;
    `against` are frozen test files, none of whose questions may be in the export.
    """

    split: str = ALL
    validation_share: float = 0.0
    questions: Sequence[str] = ()
    against: Sequence[Path] = field(default_factory=tuple)


def export(
    context: Context,
    form: str,
    target: Path,
    *,
    content: str = PREFERENCES,
    selection: Selection | None = None,
    columns: Mapping[str, str] | None = None,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> int:
    """Write the selected rows in a format, whole or not at all; return how many lines were written.

    Raises BridgeError when there is nothing to write, for an unknown format, side or question, and,
    naming the rows, when a question that is held out would get into the file.
    """
    rows = _selected(context, content, selection or Selection())
    with (reporter or Silent()).track(f"exporting {content}") as progress:
        counted = _counted(_some(rows, content), progress)
        return export_rows(counted, target, form, content=content, columns=columns, overwrite=overwrite)


def all_rows(context: Context, content: str) -> Iterator[Row]:
    """Yield every preference that names a winner, or every judgement that counts."""
    if content == JUDGEMENTS:
        yield from judgement_rows(context.store)
    else:
        for row in iterate_preference_rows(context):
            yield vars(row)


def _selected(context: Context, content: str, selection: Selection) -> Iterable[Row]:
    """Return the rows of a selection, guarded against what is held out."""
    if selection.split not in (ALL, *SIDES):
        raise BridgeError(f"unknown side {selection.split}; known: {', '.join((ALL, *SIDES))}")
    rows: Iterable[Row] = all_rows(context, content)
    if selection == Selection():
        return rows
    texts = stored_questions(context.store)
    if unknown := [key for key in selection.questions if key not in texts]:
        raise BridgeError(f"no question {', '.join(unknown)} in this workspace")
    if selection.questions:
        rows = _of_questions(rows, frozenset(selection.questions))
    if selection.split != ALL:
        rows = _of_side(context, rows, texts, selection)
    for path in selection.against:
        leaks = leaking(texts, frozen_questions(path))
        rows = guarded(rows, leaks.__contains__, f"rows whose questions are in {path.name}, or nearly")
    return rows


def _of_side(
    context: Context, rows: Iterable[Row], texts: Mapping[str, str], selection: Selection
) -> Iterable[Row]:
    """Keep the rows of a side; questions that were asked for by name must lie on it or nearer to the test."""
    shares = Shares(context.settings.training.test_share, selection.validation_share)
    sides = sides_of_questions(texts, shares, questions_with_winners(context.store))
    if not selection.questions or selection.split == TEST:
        return (row for row in rows if sides[row["question_id"]] == selection.split)
    held_out = SIDES[SIDES.index(selection.split) + 1 :]
    why = f"asked into {selection.split}, but held out for {' or '.join(held_out)}"
    kept = (row for row in rows if sides[row["question_id"]] in (selection.split, *held_out))
    return guarded(kept, lambda key: sides[key] in held_out, why)


def _of_questions(rows: Iterable[Row], questions: frozenset[str]) -> Iterator[Row]:
    return (row for row in rows if row["question_id"] in questions)


def _some(rows: Iterable[Row], content: str) -> Iterator[Row]:
    """Yield the rows; raise BridgeError when there are none."""
    empty = True
    for row in rows:
        empty = False
        yield row
    if empty:
        raise BridgeError(
            "no judgement to export; label pairs first"
            if content == JUDGEMENTS
            else "no preference names a winner yet, or none on this side; label pairs first"
        )


def _counted(rows: Iterable[Row], progress: Any) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % 1000 == 0:
            progress(number, number)
