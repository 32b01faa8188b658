"""Put what the benchmarks measured into the README, between `<!-- figures -->` and `<!-- /figures -->`.

python -m benchmarks.readme
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.results import measured

README = Path(__file__).parents[1] / "README.md"
OPEN, CLOSE = "<!-- figures -->", "<!-- /figures -->"
WHOLE = ("judges",)  # of these every row is shown


def figures() -> str:
    """Return a table for every benchmark: the rows with a target or a peer, of some all."""
    return "\n".join(_table(name, rows) for name, rows in measured().items())


def with_figures(readme: str) -> str:
    """Return the README with the figures as they are now."""
    before, _, rest = readme.partition(OPEN)
    _, _, after = rest.partition(CLOSE)
    return f"{before}{OPEN}\n{figures()}{CLOSE}{after}"


def _table(name: str, rows: list[dict[str, Any]]) -> str:
    shown = [row for row in rows if name in WHOLE or row["target"] or row["peer"] is not None]
    lines = [
        f"`python -m benchmarks.{name}` ({rows[0]['machine']}, {rows[0]['date']}):",
        "",
        "| what | ours | peer | ratio | target | holds |",
        "|---|---:|---:|---:|---|---|",
        *(_line(row) for row in shown),
        "",
    ]
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    holds = "–" if row["holds"] is None else "yes" if row["holds"] else "**no**"
    numbers = (_show(row[name]) for name in ("ours", "peer", "ratio"))
    return f"| {' | '.join([row['what'], *numbers, row['target'] or '–', holds])} |"


def _show(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    README.write_text(with_figures(README.read_text("utf-8")), "utf-8")
