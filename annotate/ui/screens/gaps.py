"""Show what people ask about, what is lacking where, and let it be steered to."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.gaps import look_for_gaps
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.jobs.errands import read_errand
from annotate.reports.gap_costs import report_label_cost
from annotate.reports.gap_map import GapMap, report_gap_map
from annotate.ui.frame import current_context, current_speech, empty, gate, heading, title
from annotate.ui.gaps import atlas, cluster, ranking, requesting, texts
from annotate.ui.gaps.words import cluster_name
from annotate.ui.markup import plain
from annotate.ui.texts import Speech

ERRAND = "gaps"
LOOK_SECONDS = 2.0  # how often a running clustering is looked at


def main() -> None:
    """Draw the screen."""
    actor, context, speech = gate(Permission.READ_QUALITY), current_context(), current_speech()
    title(speech("screen.gaps"), speech("gaps.intro"))
    gaps = report_gap_map(context.store)
    _state(gaps, context, actor, speech)
    if not gaps.clusters:
        empty(speech("gaps.empty"), speech("gaps.empty_help"))
        return
    cost = report_label_cost(context.store, context.settings.judge.person_price)
    _counts(gaps, speech)
    ranking.draw(gaps, cost, speech)
    heading(speech("gaps.map"))
    chosen = _choose(gaps, speech)
    cluster.draw(next(one for one in gaps.clusters if one.number == chosen), context, actor, speech)
    ranking.draw_clusters(gaps, speech)
    requesting.draw(context, actor, speech)
    texts.draw(context, actor, speech)


def _counts(gaps: GapMap, speech: Speech) -> None:
    found = [gap for one in gaps.clusters for gap in one.gaps]
    with st.container(horizontal=True, key="gap-counts"):
        st.metric(speech("gaps.clusters"), sum(one.number >= 0 for one in gaps.clusters), border=True)
        st.metric(speech("gaps.gaps"), len(found), border=True)
        st.metric(speech("gaps.labels_needed"), sum(gap.labels_needed for gap in found), border=True)


def _choose(gaps: GapMap, speech: Speech) -> int:
    """Let the reader choose a cluster, on the map or, with the keyboard, in the list."""
    names = {one.number: cluster_name(one, speech) for one in gaps.clusters}
    if st.session_state.get("cluster") not in names:
        st.session_state["cluster"] = gaps.clusters[0].number
    if gaps.points:
        clicked = atlas.draw(gaps, st.session_state["cluster"], speech)
        if clicked in names and clicked != st.session_state["cluster"]:
            st.session_state["cluster"] = clicked
            st.rerun()
    else:
        st.info(speech("gaps.no_map"), icon=":material/map:")
    label = speech("gaps.cluster")
    return int(st.selectbox(label, list(names), format_func=names.__getitem__, key="cluster", width=420))


def _state(gaps: GapMap, context: Context, actor: Actor, speech: Speech) -> None:
    """Say when the questions were clustered, and let them be clustered anew."""
    may = actor.may(Permission.MANAGE_CAMPAIGNS) or actor.may(Permission.TRAIN)

    @st.fragment(run_every=LOOK_SECONDS if read_errand(context, ERRAND).state == "running" else None)
    def watch() -> None:
        errand = read_errand(context, ERRAND)
        running = errand.state == "running"
        if st.session_state.get("clustering") and not running:
            st.session_state["clustering"] = False
            st.rerun()
        st.session_state["clustering"] = running
        with st.container(horizontal=True, vertical_alignment="center", key="figures"):
            told = speech("gaps.clustered", at=speech.moment(gaps.clustered_at)) if gaps.clustered_at else ""
            st.caption(f"{told} · {speech('gaps.clustering')}" if running else told)
            if may and st.button(
                speech("gaps.cluster_again"), icon=":material/refresh:", type="tertiary", disabled=running
            ):
                try:
                    look_for_gaps(context, actor)
                except PairloopError as error:
                    st.error(plain(str(error)), icon=":material/error:")
                else:
                    st.session_state["clustering"] = True
                    st.rerun()
        if errand.state == "failed":
            st.error(plain(errand.error), icon=":material/error:")

    watch()


main()
