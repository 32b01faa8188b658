"""Import a file: read it as a stream, record it in batches, say of each bad row where and why.

Each batch is one transaction, so that an import that was cut off goes on when it is started again:
what is recorded already is recognised. A strict import is one transaction, all or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.orm import Session

from annotate.bridges.formats import FORMATS, Entry, Format, ReadOptions, format_named
from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.exchange.incoming import Incoming
from annotate.jobs.exchange.intake import IMPORTED, Source, take_in
from annotate.jobs.progress import Progress, Reporter, Silent
from annotate.labelling import refresh_preferences

BATCH = 500  # judgements a transaction
LISTED = 1000  # bad rows that are listed; beyond that they are counted
PEOPLE = "judgements"  # JSON lines of people's judgements on pairs of this workspace
READABLE = (PEOPLE, *FORMATS)


@dataclass
class ImportSummary:
    """Tell how many judgements were recorded, were there before, or are bad, and why."""

    recorded: int = 0
    known: int = 0
    bad: int = 0
    reasons: list[str] = field(default_factory=list)

    def add_bad(self, reasons: Iterable[str]) -> None:
        """Count bad rows, and list them while the list is short."""
        for reason in reasons:
            self.bad += 1
            if len(self.reasons) < LISTED:
                self.reasons.append(reason)


def import_file(
    context: Context,
    form: str,
    source: Path,
    options: ReadOptions | None = None,
    *,
    strict: bool = False,
    campaign: str = IMPORTED,
    reporter: Reporter | None = None,
) -> ImportSummary:
    """Record the judgements of a file and return what became of them; then refresh the preferences.

    Pairs that are new become tasks of `campaign`, which is made closed if need be. Raises
    BridgeError when the file cannot be read, holds nothing, or, with `strict`, holds one bad row;
    then nothing is recorded.
    """
    reader, options = _reader(form, options or ReadOptions())
    if not source.exists():
        raise BridgeError(f"{source}: no such file")
    if strict:
        _check(reader.read(source, options), source)
    origin = Source(source.name, form, context.guideline.id, campaign)
    summary = ImportSummary()
    batches = _batches(reader.read(source, options), source, summary)
    with (reporter or Silent()).track(f"importing {source.name}") as progress:
        if strict:
            with context.store.writing.begin() as session:
                for items in batches:
                    _take(session, items, origin, summary, progress, strict=True)
        else:
            for items in batches:
                with context.store.writing.begin() as session:
                    _take(session, items, origin, summary, progress)
    if not summary.recorded + summary.known + summary.bad:
        raise BridgeError(f"{source}: no judgement in this file")
    if summary.recorded:
        refresh_preferences(context.store)
    return summary


def _reader(form: str, options: ReadOptions) -> tuple[Format, ReadOptions]:
    if form == PEOPLE:
        return format_named("jsonl"), replace(options, kind=options.kind or "person")
    return format_named(form), options


def _check(entries: Iterable[Entry], source: Path) -> None:
    for entry in entries:
        if entry.record is None:
            raise BridgeError(f"{source}:{entry.line}: {entry.reason}; nothing was recorded")


def _batches(entries: Iterable[Entry], source: Path, summary: ImportSummary) -> Iterator[list[Incoming]]:
    """Yield the judgements in batches; bad rows go to the summary as they come."""
    batch: list[Incoming] = []
    for entry in entries:
        place = f"{source}:{entry.line}"
        if entry.record is None:
            summary.add_bad([f"{place}: {entry.reason}"])
            continue
        batch.append(Incoming(place, entry.line, entry.record))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _take(
    session: Session,
    items: list[Incoming],
    origin: Source,
    summary: ImportSummary,
    progress: Progress,
    *,
    strict: bool = False,
) -> None:
    taken = take_in(session, items, origin)
    if strict and taken.refused:
        raise BridgeError(f"{taken.refused[0]}; nothing was recorded")
    summary.recorded += taken.recorded
    summary.known += taken.known
    summary.add_bad(taken.refused)
    session.expunge_all()  # a strict import is one long transaction
    done = summary.recorded + summary.known + summary.bad
    progress(done, done)
