"""Draw the clusters of answers and of passages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.gaps import look_at_texts
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.reports.text_clusters import KINDS, TextCluster, TextClusters, report_text_clusters
from annotate.ui.frame import heading, table
from annotate.ui.markup import plain
from annotate.ui.quality.charts import spread
from annotate.ui.texts import Speech

SHARES = {
    "answers": ("share", "refused", "flagged", "preferred"),
    "passages": ("share", "cited", "behind_preferred"),
}


def draw(context: Context, actor: Actor, speech: Speech) -> None:
    """Draw both kinds, one under the other, each with a button that clusters it."""
    heading(speech("gaps.texts"))
    st.caption(speech("gaps.texts_help"))
    may = actor.may(Permission.MANAGE_CAMPAIGNS) or actor.may(Permission.TRAIN)
    for kind in KINDS:
        found = report_text_clusters(context.store, kind)
        with st.container(horizontal=True, vertical_alignment="center"):
            at = f" · {speech('gaps.clustered', at=speech.moment(found.clustered_at))}" if found else ""
            st.markdown(f"**{speech(f'gaps.texts_{kind}')}**{at}")
            if may and st.button(
                speech("gaps.texts_again"), key=f"cluster-{kind}", icon=":material/refresh:", type="tertiary"
            ):
                _look(context, actor, kind, speech)
        if found is None:
            st.caption(speech("gaps.texts_none", kind=kind))
        else:
            _draw_kind(found, speech)


def _look(context: Context, actor: Actor, kind: str, speech: Speech) -> None:
    try:
        look_at_texts(context, actor, kind)
    except PairloopError as error:
        st.error(plain(str(error)), icon=":material/error:")
    else:
        st.toast(speech("gaps.clustering"), icon=":material/hourglass_empty:")


def _draw_kind(found: TextClusters, speech: Speech) -> None:
    columns: dict[str, Any] = {
        "cluster": st.column_config.TextColumn(speech("gaps.cluster"), width="medium", pinned=True),
        "texts": speech("gaps.texts_count"),
    }
    for name in SHARES[found.kind]:
        columns[name] = st.column_config.NumberColumn(speech(f"figure.{name}"), format="percent")
        columns[f"{name}_95"] = speech("gaps.interval")
    columns["examples"] = st.column_config.TextColumn(speech("gaps.texts_examples"), width="large")
    table([_row(one, found.kind, speech) for one in found.clusters], f"clusters-of-{found.kind}", columns)


def _row(cluster: TextCluster, kind: str, speech: Speech) -> dict[str, Any]:
    row: dict[str, Any] = {
        "cluster": cluster.name or speech("gaps.texts_outliers"),
        "number": cluster.number,
        "texts": cluster.texts,
    }
    for name in SHARES[kind]:
        row |= spread(name, cluster.figures.get(name))
    return row | {"examples": "\n".join(cluster.examples)}
