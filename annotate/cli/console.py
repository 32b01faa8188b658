"""Print for people and for machines: progress bars on standard error, results on standard output."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

if TYPE_CHECKING:
    from annotate.jobs.context import Context
    from annotate.jobs.progress import Progress

# What is printed comes from documents, models and files: brackets and colons in it are no markup.
out = Console(highlight=False, markup=False, emoji=False)
errors = Console(stderr=True, highlight=False, markup=False, emoji=False)

WorkspaceOption = Annotated[
    Path,
    typer.Option("--workspace", "-w", envvar="PAIRLOOP_WORKSPACE", help="Folder of the workspace."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
HERE = Path()


class Terminal:
    """Show progress bars on standard error; where that is no terminal, a line now and then."""

    @contextmanager
    def track(self, label: str) -> Iterator[Progress]:
        """Show a piece of work for as long as the context is open."""
        if not errors.is_terminal:
            with _lines(label) as progress:
                yield progress
            return
        label_column = TextColumn("  {task.description}", markup=False)
        columns = (label_column, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Bars(*columns, console=errors, transient=True) as bars:
            task = bars.add_task(label, total=None)
            yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def _lines(label: str, every_seconds: float = 10.0) -> Iterator[Progress]:
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= every_seconds:
            last = time.monotonic()
            errors.print(f"  {label}: {done} of {total}")

    yield show


def open_context(workspace: Path) -> Context:
    """Open a workspace for a command."""
    from annotate.jobs.context import Context

    return Context.open(workspace)


def print_json(value: Any) -> None:
    """Print a value as JSON; what is not a number is null."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    """Turn reports into what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table for people, a line where there is nothing to put into it."""
    if not rows:
        out.print(f"{title}: none.")
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(show(cell) for cell in row))
    out.print(table)


def show(value: object) -> str:
    """Write a cell: numbers short, nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}" if math.isfinite(value) else "–"
    return str(value)


def interval(figures: dict[str, Any] | None, name: str = "value") -> str:
    """Write a value with its interval and count, as in `0.61 [0.40, 0.80], n = 12`."""
    if not figures or figures.get(name) is None:
        return "not defined"
    low, high = figures.get("ci") or (figures.get("low"), figures.get("high"))
    bounds = "" if low is None and high is None else f" [{show(low)}, {show(high)}]"
    return f"{figures[name]:.3f}{bounds}, n = {figures.get('n', '?')}"
