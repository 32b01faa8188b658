"""Say clusters, gaps and figures in words."""

from __future__ import annotations

from annotate.reports.gap_map import MapCluster, MapGap
from annotate.ui.texts import Speech

OUTLIERS = -1
COUNTED = ("reward", "drift")  # figures that are no shares


def cluster_name(cluster: MapCluster, speech: Speech) -> str:
    """Return the name of a cluster."""
    return speech("gaps.outliers") if cluster.number == OUTLIERS else cluster.name


def worst(cluster: MapCluster) -> str:
    """Return the kind of the gravest gap, or `none`."""
    return cluster.gaps[0].kind if cluster.gaps else "none"


def what_to_do(gap: MapGap, speech: Speech) -> str:
    """Return what closes a gap, with how many labels and questions that takes."""
    told = [speech.name("action", gap.action)]
    if gap.questions:
        told.append(speech("gaps.wanted_questions", count=gap.questions))
    if gap.labels_needed:
        told.append(speech("gaps.wanted", count=gap.labels_needed))
    return " · ".join(told)
