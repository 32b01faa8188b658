"""Draw the form that makes a cluster a quota of a campaign."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.gaps import make_quota
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.labelling.campaigns import DEFAULT, list_campaigns
from annotate.reports.gap_map import MapCluster, Quota
from annotate.ui.gaps.words import cluster_name
from annotate.ui.markup import plain
from annotate.ui.texts import Speech

USUAL_SHARE = 50  # per cent


def draw(cluster: MapCluster, untasked: int, context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the form."""
    st.markdown(f"**{speech('gaps.make_quota')}**")
    st.caption(speech("gaps.quota_help"))
    if untasked:
        st.caption(speech("gaps.untasked", count=untasked))
    names = [one.name for one in list_campaigns(context.store) if one.state != "closed"] or [DEFAULT]
    campaign = st.selectbox(speech("gaps.campaign"), names, key=f"quota-campaign-{cluster.number}")
    now = next((one for one in cluster.quotas if one.campaign == campaign), Quota(campaign, None, None))
    key = f"{cluster.number}-{campaign}"
    with st.form(f"quota-{key}", border=False):
        share = st.slider(
            speech("gaps.quota_share"),
            0,
            100,
            _per_cent(now.share),
            5,
            format="%d %%",
            key=f"quota-share-{key}",
        )
        count = st.number_input(
            speech("gaps.quota_count"), 1, None, now.count, help=speech("gaps.quota_count_help"),
            key=f"quota-count-{key}",
        )  # fmt: skip
        with st.container(horizontal=True):
            made = st.form_submit_button(speech("gaps.quota_button"), type="primary")
            lifted = st.form_submit_button(speech("gaps.quota_lift")) if cluster.quotas else False
    if made:
        _set(cluster, context, actor, speech, campaign, share / 100, None if count is None else int(count))
    elif lifted:
        _set(cluster, context, actor, speech, campaign, None, None)


def _per_cent(share: float | None) -> int:
    return USUAL_SHARE if share is None else round(100 * share)


def _set(
    cluster: MapCluster,
    context: Context,
    actor: Actor,
    speech: Speech,
    campaign: str,
    share: float | None,
    count: int | None,
) -> None:
    try:
        make_quota(context, actor, campaign, cluster.number, share=share, count=count)
    except PairloopError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    told = "gaps.quota_lifted" if share is None else "gaps.quota_made"
    name = cluster_name(cluster, speech)
    st.toast(
        plain(speech(told, name=name, campaign=campaign, share=f"{share or 0:.0%}")), icon=":material/check:"
    )
    st.rerun()
