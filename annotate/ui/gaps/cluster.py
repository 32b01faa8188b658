"""Draw one cluster: what is known of it, its questions, and what can be done about it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.reports.cluster_questions import PAGE, ClusterQuestion, QuestionPage, report_cluster_questions
from annotate.reports.gap_map import MapCluster
from annotate.ui.frame import heading, table
from annotate.ui.gaps import quota, requesting
from annotate.ui.gaps.words import COUNTED, cluster_name, what_to_do
from annotate.ui.markup import escape
from annotate.ui.quality.charts import intervals, show, spread
from annotate.ui.texts import Speech


def draw(cluster: MapCluster, context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the cluster."""
    st.html(_head(cluster, speech))
    _figures(cluster, speech)
    page = _questions(cluster, context, speech)
    _near_duplicates(cluster, speech)
    if not actor.may(Permission.MANAGE_CAMPAIGNS):
        return
    with st.container(horizontal=True, key="gap-actions"):
        with st.container(border=True, width="stretch", key="gap-quota"):
            quota.draw(cluster, page.untasked, context, actor, speech)
        with st.container(border=True, width="stretch", key="gap-request"):
            requesting.ask(cluster, page.questions, context, actor, speech)


def _head(cluster: MapCluster, speech: Speech) -> str:
    facts = [
        speech("gaps.questions", count=cluster.questions),
        speech("gaps.of_traffic", share=speech.percent(cluster.traffic_share)),
        speech("gaps.of_labels", share=speech.percent(cluster.label_share)),
        speech("gaps.waiting_tasks", count=cluster.waiting),
    ]
    words = "".join(f"<span>{escape(word)}</span>" for word in cluster.keywords)
    fine = f'<p class="pl-fine">{escape(speech("gaps.none"))}</p>'
    lacking = "".join(
        f'<div class="pl-gap"><b>{escape(speech.name("gap", gap.kind))}</b>'
        f'<span class="pl-meter" title="{escape(speech("gaps.severity", value=f"{gap.severity:.2f}"))}">'
        f'<i style="width:{min(1.0, max(0.0, gap.severity)):.0%}"></i></span>'
        f"<small>{gap.severity:.2f}</small><span>{escape(what_to_do(gap, speech))}</span></div>"
        for gap in cluster.gaps
    )
    name = escape(cluster_name(cluster, speech))
    return (
        f'<section class="pl-cluster"><header><h2 class="pl-heading">{name}</h2>'
        f'<span class="pl-words">{words}</span></header><p class="pl-quiet">{escape(" · ".join(facts))}</p>'
        f"{lacking or fine}</section>"
    )


def _figures(cluster: MapCluster, speech: Speech) -> None:
    rows: list[dict[str, Any]] = [
        {"figure": speech(f"figure.{name}"), **spread("share", estimate)}
        for name, estimate in cluster.figures.items()
        if estimate is not None and name not in COUNTED
    ]
    chart = intervals(
        rows, "figure", "share",
        title=speech("gaps.share"), describe=speech("gaps.figures_chart"), percent=True,
    ) if rows else None  # fmt: skip
    if chart is not None:
        show(chart, f"figures-{cluster.number}")


def _questions(cluster: MapCluster, context: Context, speech: Speech) -> QuestionPage:
    heading(speech("gaps.its_questions"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            speech("gaps.search"), key=f"search-{cluster.number}", icon=":material/search:", width=320
        )
        pages = max(1, -(-cluster.questions // PAGE))
        at = 1
        if pages > 1:
            at = st.number_input(
                speech("gaps.page", pages=pages), 1, pages, key=f"page-{cluster.number}", width=160
            )
    page = report_cluster_questions(context.store, cluster.number, (int(at) - 1) * PAGE, PAGE, wanted)
    st.caption(speech("gaps.found", count=page.total))
    table(
        [_question(question, speech) for question in page.questions],
        "cluster-questions",
        {
            "question": st.column_config.TextColumn(speech("gaps.question"), width="large"),
            "language": st.column_config.TextColumn(speech("gaps.language"), width="small"),
            "sources": st.column_config.TextColumn(speech("gaps.sources"), width="small"),
            "pairs": st.column_config.NumberColumn(speech("gaps.pairs"), width="small"),
            "tasks": st.column_config.NumberColumn(speech("gaps.tasks"), width="small"),
            "preferences": st.column_config.NumberColumn(speech("gaps.judged"), width="small"),
        },
    )
    return page


def _near_duplicates(cluster: MapCluster, speech: Speech) -> None:
    if not cluster.near_duplicates:
        return
    with st.expander(speech("gaps.near_duplicates", count=cluster.near_duplicate_groups)):
        st.caption(speech("gaps.help_near_duplicates"))
        table(
            [{"count": len(group), "questions": "\n".join(group)} for group in cluster.near_duplicates],
            f"near-duplicates-{cluster.number}",
            {
                "count": st.column_config.NumberColumn(speech("gaps.size"), width="small"),
                "questions": st.column_config.TextColumn(speech("gaps.its_questions"), width="large"),
            },
        )


def _question(question: ClusterQuestion, speech: Speech) -> dict[str, Any]:
    sources = "unknown" if question.supported is None else "found" if question.supported else "missing"
    return {
        "id": question.id,
        "question": question.text,
        "language": question.language,
        "sources": speech(f"gaps.sources_{'refused' if question.refused else sources}"),
        "pairs": question.pairs,
        "tasks": question.tasks,
        "preferences": question.preferences,
    }
