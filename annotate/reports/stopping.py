"""Report what further labels would buy, as it was last foretold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from annotate.store import Figures, Preference, Store

NAME = "stopping"


@dataclass(frozen=True)
class StoppingReport:
    """Say what `more` labels on top of `labels` would buy, in accuracy from 0 to 1.

    gain with low and high: the rise, None where too few labels foretell anything (`reason` says so); now: the
    accuracy that the labels there are teach; points: (labels, accuracy) of the curve; law: its asymptote,
    scale and exponent; since: preferences that came after it was foretold.
    """

    labels: int
    more: int
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    now: float | None = None
    confidence: float = 0.9
    points: tuple[tuple[int, float], ...] = ()
    law: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    since: int = 0
    computed_at: datetime | None = None

    def __str__(self) -> str:
        if self.gain is None or self.low is None or self.high is None:
            return f"What more labels would buy cannot be told yet: {self.reason}"
        said = (
            f"{self.more} more labels buy about {100 * self.gain:.1f} points of accuracy "
            f"({100 * self.low:.1f} to {100 * self.high:.1f})"
        )
        return said + (f", on top of {self.now:.0%} now" if self.now is not None else "")


def read_stopping(store: Store) -> StoppingReport | None:
    """Return what was last foretold, or None where nothing ever was."""
    with store.reading() as session:
        found = session.get(Figures, NAME)
        if found is None:
            return None
        labels = session.scalar(select(func.count(Preference.id))) or 0
        value: dict[str, Any] = dict(found.value)
        value["points"] = tuple((int(size), float(right)) for size, right in value["points"])
        value |= {"since": max(0, labels - value["labels"]), "computed_at": found.computed_at}
        return StoppingReport(**value)


def write_stopping(store: Store, report: StoppingReport, seconds: float) -> None:
    """Keep a report in place of the last one."""
    value = asdict(report)
    del value["since"], value["computed_at"]
    with store.writing.begin() as session:
        session.merge(Figures(name=NAME, stamp={"labels": report.labels}, value=value, seconds=seconds))
