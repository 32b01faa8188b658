"""Report the clusters of answers and of passages, as the last clustering left them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotate.labelling.agreement import Estimate
from annotate.store import Figures, Store

VERSION = 1
KINDS = ("answers", "passages")


@dataclass(frozen=True)
class TextCluster:
    """Show one cluster: its size, its shares by name with intervals, texts that stand for it.

    Outliers have the number −1 and no name.
    """

    number: int
    name: str
    texts: int
    figures: dict[str, Estimate]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class TextClusters:
    """Hold the clusters of one kind of texts, largest first, outliers last."""

    kind: str
    clusters: tuple[TextCluster, ...]
    texts: int
    clustered_at: datetime


def stored_as(kind: str) -> str:
    """Return the name under which the clusters of a kind are kept."""
    return f"clusters of {kind}"


def report_text_clusters(store: Store, kind: str) -> TextClusters | None:
    """Return the clusters of `answers` or `passages`, or None where they were never clustered."""
    with store.reading() as session:
        found = session.get(Figures, stored_as(kind))
        if found is None or found.value.get("version") != VERSION:
            return None
        rows = found.value["clusters"]
        return TextClusters(kind, tuple(map(_cluster, rows)), int(found.value["texts"]), found.computed_at)


def _cluster(row: dict[str, Any]) -> TextCluster:
    figures = {
        name: Estimate(float(value), float(low), float(high), int(n))
        for name, (value, low, high, n) in row["figures"].items()
    }
    return TextCluster(int(row["number"]), row["name"], int(row["texts"]), figures, tuple(row["examples"]))
