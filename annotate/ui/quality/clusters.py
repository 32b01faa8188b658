"""Say the names of clusters in the figures of quality, which know their numbers."""

from __future__ import annotations

from annotate.reports.cluster_names import report_cluster_names
from annotate.ui.frame import current_context
from annotate.ui.texts import Speech


def read_cluster_names(speech: Speech) -> dict[int, str]:
    """Return the names by number in the reader's language; two of one name are told apart by number."""
    found = report_cluster_names(current_context().store)
    said = {number: speech.name("cluster", name) for number, name in found.items()}
    names = list(said.values())
    return {number: name if names.count(name) == 1 else f"{name} ({number})" for number, name in said.items()}
