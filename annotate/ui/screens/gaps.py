"""Show the clusters of questions and what each one lacks."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.reports import ClusterCoverage, report_coverage
from annotate.ui.frame import current_context, current_speech, empty, heading, table, title
from annotate.ui.markup import escape
from annotate.ui.texts import Speech

SHARES = ("retrieval_support", "refusal_rate", "disagreement", "quality", "traffic_share")
OUTLIERS = -1


def main() -> None:
    """Draw the screen."""
    speech = current_speech()
    clusters = report_coverage(current_context().store)
    title(speech("screen.gaps"), speech("gaps.intro"))
    if not clusters:
        empty(speech("gaps.empty"), speech("gaps.empty_help"))
        return
    gaps = [gap for cluster in clusters for gap in cluster.gaps]
    wanted = sum(int(gap.get("labels_needed", 0)) for gap in gaps)
    with st.container(horizontal=True, key="gap-counts"):
        st.metric(speech("gaps.clusters"), len(clusters), border=True)
        st.metric(speech("gaps.gaps"), len(gaps), border=True)
        st.metric(speech("gaps.labels_needed"), wanted, border=True)
    for cluster in clusters:
        with st.container(border=True):
            st.html(_cluster(cluster, speech))
    _show_table(clusters, speech)


def _name(cluster: ClusterCoverage, speech: Speech) -> str:
    return speech("gaps.outliers") if cluster.number == OUTLIERS else cluster.name


def _cluster(cluster: ClusterCoverage, speech: Speech) -> str:
    facts = [speech("gaps.questions", count=cluster.questions), *_figures(cluster, speech)]
    words = "".join(f"<span>{escape(word)}</span>" for word in cluster.keywords)
    fine = f'<p class="pl-fine">{escape(speech("gaps.none"))}</p>'
    gaps = "".join(_gap(gap, speech) for gap in cluster.gaps) or fine
    examples = "".join(f"<li>{escape(example)}</li>" for example in cluster.examples)
    if examples:
        examples = (
            f"<details><summary>{escape(speech('gaps.examples'))}</summary><ul>{examples}</ul></details>"
        )
    return (
        f'<div class="pl-cluster"><header><b>{escape(_name(cluster, speech))}</b>'
        f'<span class="pl-words">{words}</span></header><p class="pl-quiet">{escape(" · ".join(facts))}</p>'
        f"{gaps}{examples}</div>"
    )


def _figures(cluster: ClusterCoverage, speech: Speech) -> list[str]:
    facts = []
    for name, value in cluster.figures.items():
        if isinstance(value, int | float) and name != "queries":
            shown = f"{value:.0%}" if name in SHARES else f"{value:g}"
            facts.append(f"{speech.name('figure', name)}: {shown}")
    return facts


def _gap(gap: dict[str, Any], speech: Speech) -> str:
    severity = min(1.0, max(0.0, float(gap["severity"])))
    wanted = int(gap.get("labels_needed", 0))
    action = speech.name("action", str(gap["action"]))
    if wanted:
        action += f" · {speech('gaps.wanted', count=wanted)}"
    hint = escape(speech("gaps.severity", value=f"{severity:.2f}"))
    return (
        f'<div class="pl-gap"><b>{escape(speech.name("gap", str(gap["kind"])))}</b>'
        f'<span class="pl-meter" title="{hint}"><i style="width:{severity:.0%}"></i></span>'
        f"<small>{severity:.2f}</small><span>{escape(action)}</span></div>"
    )


def _show_table(clusters: list[ClusterCoverage], speech: Speech) -> None:
    heading(speech("gaps.table"))
    rows = [
        {
            "cluster": _name(cluster, speech),
            "questions": cluster.questions,
            "gap": speech.name("gap", str(gap["kind"])) if gap else "",
            "severity": float(gap["severity"]) if gap else None,
            "action": speech.name("action", str(gap["action"])) if gap else "",
            "labels_needed": int(gap.get("labels_needed", 0)) if gap else 0,
        }
        for cluster in clusters
        for gap in (cluster.gaps or ({},))
    ]
    table(
        rows,
        "gaps",
        {
            "cluster": st.column_config.TextColumn(speech("gaps.cluster"), width="medium"),
            "questions": speech("gaps.size"),
            "gap": speech("gaps.kind"),
            "severity": st.column_config.ProgressColumn(
                speech("gaps.severity_column"), min_value=0.0, max_value=1.0, format="%.2f"
            ),
            "action": st.column_config.TextColumn(speech("gaps.action"), width="medium"),
            "labels_needed": speech("gaps.labels_needed"),
        },
    )


main()
