"""Measure the screens: from key to next pair, with thirty at work, the first screen, reports, a long run.

    python -m benchmarks.ui [--quick] [--fresh] [--soak [MINUTES]]

A real server (uvicorn, one process) serves a workspace on SQLite; one person works in real Chromium by keys
alone, the others by the same desk protocol from one process of their own. Everything runs on this machine:
server, browser and the other assessors share its processors. `--soak` adds the long run (60 minutes).
Interrupt it and start it again: what is finished is kept.
"""

from __future__ import annotations

import argparse
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.label_studio_server import installed
from benchmarks.large_ledger import fill_large
from benchmarks.ledger_peer import measure_label_studio
from benchmarks.ledger_writers import make_ledger
from benchmarks.results import WORK, Row, kept, publish
from benchmarks.ui_assessors import read_tally, start_assessors
from benchmarks.ui_browser import LABEL, QUESTION, chromium, time_first_screen, time_keys
from benchmarks.ui_reports import time_reports
from benchmarks.ui_soak import measure_soak, soak_rows
from benchmarks.ui_workspace import enter, make_workspace, served

ALONE_MS, TOGETHER_MS = 100.0, 300.0
FIRST_SCREEN_SECONDS, QUERY_MS = 2.0, 500.0
ASSESSORS = 30
THINK_SECONDS = 6.0  # median; few people are so quick with two answers and their passages
STARTING_SECONDS = 8.0  # until the others are at work


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description="Measure the screens.")
    parser.add_argument("--quick", action="store_true", help="small sizes; writes no results")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--soak", type=float, nargs="?", const=60.0, metavar="MINUTES", help="the long run")
    options = parser.parse_args()
    work = WORK / ("ui-quick" if options.quick else "ui")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    minutes = 1.0 if options.quick and options.soak else options.soak
    rows = [*_keys(work, options.quick), *_beside(work, options.quick), *_large(work, options.quick)]
    if minutes:
        measure = partial(measure_soak, work / "soak", ASSESSORS, minutes)
        rows += soak_rows(kept(work / f"soak-{minutes:g}.json", measure), minutes)
    publish("ui", rows, write=not options.quick)


def _keys(work: Path, quick: bool) -> list[Row]:
    found = kept(work / "keys.json", partial(_measure_keys, work / "keys", 12 if quick else 60))
    alone = found["alone"]
    rows = [
        _target("p95 ms from key to next pair in Chromium, one person", alone["p95"], ALONE_MS),
        Row("p50 ms of the same", alone["p50"]),
    ]
    for name, shown in (("thinking", f"{THINK_SECONDS:g} s thinking (median)"), ("hardest", "no pause")):
        one = found[name]
        rows += [
            _beside_others(f"the same beside {ASSESSORS - 1} assessors, {shown}", one["keys"]["p95"], name),
            Row(f"p50 ms of the same, {shown}", one["keys"]["p50"]),
            Row(f"verdicts/s of the {ASSESSORS - 1}, {shown}", one["others"]["per_second"]),
            Row(f"p95 ms of their `judge` (submit and next), {shown}", one["others"]["p95"]),
        ]
    return rows


def _beside_others(what: str, ours: float, name: str) -> Row:
    """Hold people at work to the target; nobody judges without a pause, so that row only shows the limit."""
    return _target(what, ours, TOGETHER_MS) if name == "thinking" else Row(what, ours)


def _measure_keys(folder: Path, keys: int) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    database, names = make_workspace(folder, ASSESSORS)
    make_ledger(database, 100_000)
    cookies = enter(database, names)
    found: dict[str, Any] = {}
    with served(folder, database) as server, chromium() as browser:
        time_keys(browser, server.address, cookies[0], 3)  # the first visit builds the card
        found["alone"] = _quantiles(time_keys(browser, server.address, cookies[0], keys))
        for name, think in (("thinking", THINK_SECONDS), ("hardest", 0.0)):
            # The browser needs about two seconds a key; the others go on until it is done.
            seconds = STARTING_SECONDS + 2 * keys
            others = start_assessors(server.address, cookies[1:], seconds, think)
            time.sleep(STARTING_SECONDS)
            took = time_keys(browser, server.address, cookies[0], keys)
            found[name] = {"keys": _quantiles(took), "others": read_tally(others) | {"recorded": None}}
    return found


def _beside(work: Path, quick: bool) -> list[Row]:
    if not installed():
        print("Label Studio is not installed; python -m benchmarks.label_studio_server installs it")
        return []
    tasks, cycles = (500, 10) if quick else (10_000, 60)
    theirs = kept(
        work / "label-studio.json", partial(measure_label_studio, work / "label-studio", tasks, cycles)
    )
    ours = kept(work / "one.json", partial(_measure_one, work / "one", tasks, cycles))
    return [
        Row(
            f"p95 ms of submit + next over HTTP, one client, {tasks:,} tasks; Label Studio 1.23.2 the same",
            ours["p95"],
            theirs["p95"],
            theirs["p95"] / ours["p95"],
        )
    ]


def _measure_one(folder: Path, tasks: int, cycles: int) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    database, names = make_workspace(folder, 1)
    make_ledger(database, tasks)
    cookies = enter(database, names)
    with served(folder, database) as server:
        read_tally(start_assessors(server.address, cookies, 1.0, 0.0))  # the first request opens much
        return read_tally(start_assessors(server.address, cookies, max(2.0, cycles / 10), 0.0))


def _large(work: Path, quick: bool) -> list[Row]:
    tasks, judgements = (2_000, 20_000) if quick else (100_000, 1_000_000)
    found = kept(work / "large.json", partial(_measure_large, work / "large", tasks, judgements))
    size = f"{tasks:,} tasks and {judgements:,} judgements"
    first, slowest = found["screens"], found["reports"][0]
    screen = max(first["label"])
    return [
        Row(
            f"slowest of {len(first['label'])} first screens in a new profile (labelling), seconds, {size}",
            screen, FIRST_SCREEN_SECONDS, screen / FIRST_SCREEN_SECONDS,
            f"< {FIRST_SCREEN_SECONDS:g} s", screen < FIRST_SCREEN_SECONDS,
        ),
        Row("the same, of a lead (campaigns)", max(first["campaigns"])),
        _target(
            f"slowest report, all its queries and rows, ms ({slowest['name']}), {size}",
            slowest["whole_ms"], QUERY_MS,
        ),
    ]  # fmt: skip


def _measure_large(folder: Path, tasks: int, judgements: int) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    database, _ = make_workspace(folder, 0)
    fill_large(database, tasks, judgements)
    [person] = enter(database, ["somebody"])
    [lead] = enter(database, ["the lead"], "lead")
    with served(folder, database) as server, chromium() as browser:
        screens = {
            "label": partial(time_first_screen, browser, server.address, LABEL, person, QUESTION),
            "campaigns": partial(
                time_first_screen, browser, server.address, "/campaigns", lead, "[data-testid=stMetric]"
            ),
        }
        seen = {name: [measure() for _ in range(6)][1:] for name, measure in screens.items()}
    reports = [vars(one) for one in time_reports(database)]
    return {"screens": seen, "reports": reports}


def _quantiles(took: list[float]) -> dict[str, float]:
    return {"p50": float(np.quantile(took, 0.5)), "p95": float(np.quantile(took, 0.95)), "n": len(took)}


def _target(what: str, value: float, target: float) -> Row:
    return Row(what, value, target, value / target, f"< {target:g} ms", value < target)


if __name__ == "__main__":
    main()
