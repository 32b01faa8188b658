"""Draw the gaps of all clusters, those that hurt most traffic first, with what closing them costs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.reports.gap_costs import LabelCost
from annotate.reports.gap_map import GapMap, MapCluster, MapGap
from annotate.ui.frame import heading, table
from annotate.ui.gaps.words import cluster_name
from annotate.ui.quality.charts import spread
from annotate.ui.texts import Speech


def draw(gaps: GapMap, cost: LabelCost, speech: Speech) -> None:
    """Draw the gaps."""
    heading(speech("gaps.ranking"))
    ranked = sorted(
        ((gap, cluster) for cluster in gaps.clusters for gap in cluster.gaps),
        key=lambda one: (-one[0].impact, -one[0].severity),
    )
    if not ranked:
        st.success(speech("gaps.no_gaps"), icon=":material/check:")
    else:
        table([_gap(gap, cluster, cost, speech) for gap, cluster in ranked], "gaps", _gap_columns(speech))
        st.caption(speech("gaps.cost_help", count=cost.judgements, price=speech.number(cost.price, 2)))


def draw_clusters(gaps: GapMap, speech: Speech) -> None:
    """Draw what is known of each cluster."""
    heading(speech("gaps.table"))
    table([_cluster(cluster, speech) for cluster in gaps.clusters], "clusters", _cluster_columns(speech))


def _gap(gap: MapGap, cluster: MapCluster, cost: LabelCost, speech: Speech) -> dict[str, Any]:
    seconds = cost.time(gap.labels_needed)
    return {
        "cluster": cluster_name(cluster, speech),
        "number": cluster.number,
        "gap": speech.name("gap", gap.kind),
        "severity": gap.severity,
        "impact": gap.impact,
        **spread("measured", gap.measured),
        "action": speech.name("action", gap.action),
        "to_answer": gap.questions or None,
        "labels_needed": gap.labels_needed or None,
        "price": cost.money(gap.labels_needed) if gap.labels_needed else None,
        "hours": round(seconds / 3600, 1) if seconds and gap.labels_needed else None,
    }


def _gap_columns(speech: Speech) -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "cluster": text(speech("gaps.cluster"), width="medium", pinned=True),
        "gap": speech("gaps.kind"),
        "severity": st.column_config.ProgressColumn(
            speech("gaps.severity_column"), help=speech("gaps.severity_help"),
            min_value=0.0, max_value=1.0, format="%.2f",
        ),
        "action": text(speech("gaps.action"), width="medium"),
        "to_answer": number(speech("gaps.to_answer"), help=speech("gaps.to_answer_help")),
        "labels_needed": speech("gaps.labels_needed"),
        "price": number(speech("gaps.price"), format="%.2f"),
        "hours": number(speech("gaps.hours"), format="%.1f"),
        "impact": number(speech("gaps.impact"), help=speech("gaps.impact_help"), format="%.3f"),
        "measured": number(speech("gaps.measured"), help=speech("gaps.measured_help"), format="percent"),
        "measured_95": text(speech("gaps.interval")),
    }  # fmt: skip


def _cluster(cluster: MapCluster, speech: Speech) -> dict[str, Any]:
    row: dict[str, Any] = {
        "cluster": cluster_name(cluster, speech),
        "number": cluster.number,
        "questions": cluster.questions,
        "traffic_share": cluster.traffic_share,
        "asked": cluster.asked,
        "near_duplicates": cluster.near_duplicate_groups,
        "labels": cluster.labels,
        "label_share": cluster.label_share,
        "waiting": cluster.waiting,
        "quota": ", ".join(_shares(cluster)),
    }
    for name, estimate in cluster.figures.items():
        if estimate is not None or name not in row:
            row |= spread(name, estimate, 3)
    return row


def _shares(cluster: MapCluster) -> list[str]:
    return [f"{one.campaign} {one.share:.0%}" for one in cluster.quotas if one.share is not None]


def _cluster_columns(speech: Speech) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "cluster": st.column_config.TextColumn(speech("gaps.cluster"), width="medium", pinned=True),
        "questions": speech("gaps.size"),
        "traffic_share": number(speech("figure.traffic_share"), format="percent"),
        "label_share": number(speech("figure.label_share"), format="percent"),
    }
    for name in ("retrieval_support", "refusal_rate", "disagreement", "judge_gap", "quality"):
        columns[name] = number(speech(f"figure.{name}"), help=speech(f"gaps.help_{name}"), format="percent")
    return columns | {
        "reward": number(speech("figure.reward"), help=speech("gaps.help_reward"), format="%.2f"),
        "drift": number(speech("figure.drift"), help=speech("gaps.help_drift"), format="percent"),
        "drift_95": speech("gaps.drift_interval"),
        "asked": number(speech("figure.asked"), help=speech("gaps.help_asked")),
        "near_duplicates": number(
            speech("gaps.near_duplicate_groups"), help=speech("gaps.help_near_duplicates")
        ),
        "waiting": speech("gaps.waiting"),
        "quota": speech("gaps.quota"),
    }
