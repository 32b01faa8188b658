"""Print measured rows as a table and write them down.

Rows with a target go to `benchmarks/results/NAME.json`, what was counted or compared without one to
`benchmarks/results/beside/NAME.json`.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
BESIDE = RESULTS / "beside"
WORK = Path(__file__).parent / ".work"


def machine() -> str:
    """Describe the machine by architecture, processors and system."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


@dataclass(frozen=True)
class Row:
    """Hold one figure of ours beside a peer's.

    `ours` is None for a demand that was never met, `holds` where there is no target.
    """

    what: str
    ours: float | None
    peer: float | None = None
    ratio: float | None = None
    target: str = ""
    holds: bool | None = None
    machine: str = field(default_factory=machine)
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())


def kept(file: Path, measure: Callable[[], Any]) -> Any:
    """Return what an earlier start measured and wrote to a file, or measure it."""
    if not file.exists():
        result = measure()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(result), "utf-8")
    return json.loads(file.read_text("utf-8"))


def publish(name: str, rows: list[Row], *, write: bool = True) -> None:
    """Print the table and, unless told not to, write it."""
    table = Table(title=f"{name} · {rows[0].machine}", title_justify="left")
    for column in ("what", "ours", "peer", "ratio", "target", "holds"):
        table.add_column(column)
    for row in rows:
        holds = "–" if row.holds is None else "yes" if row.holds else "NO"
        table.add_row(row.what, _show(row.ours), _show(row.peer), _show(row.ratio), row.target, holds)
    Console().print(table)
    if write:
        _write(RESULTS / f"{name}.json", [row for row in rows if row.target])
        _write(BESIDE / f"{name}.json", [row for row in rows if not row.target])


def measured() -> dict[str, list[dict[str, Any]]]:
    """Return what was written down, by benchmark: the rows with a target first."""
    names = sorted({file.stem for folder in (RESULTS, BESIDE) for file in folder.glob("*.json")})
    return {name: [*_read(RESULTS / f"{name}.json"), *_read(BESIDE / f"{name}.json")] for name in names}


def _write(file: Path, rows: list[Row]) -> None:
    """Write rows; without any there is no file."""
    if not rows:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n", "utf-8")


def _read(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text("utf-8"))) if file.exists() else []


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"
