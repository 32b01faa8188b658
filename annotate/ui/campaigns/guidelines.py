"""Draw the versions of the guidelines: which applies, what changed, and which one a campaign keeps."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor
from annotate.actions.guidelines import adopt, pin
from annotate.errors import ChangedMeanwhile, LabellingError
from annotate.jobs.context import Context
from annotate.labelling.guideline_changes import LineChange
from annotate.labelling.guidelines import compare_guidelines, find_guideline
from annotate.reports.campaigns import CampaignReport
from annotate.reports.guidelines import VersionReport, report_versions
from annotate.ui.frame import heading, table
from annotate.ui.markup import escape, plain
from annotate.ui.texts import LANGUAGES, Speech

TAGS = {"added": "ins", "removed": "del"}


def draw_guidelines(context: Context, actor: Actor, report: CampaignReport, speech: Speech) -> None:
    """Draw the part."""
    versions = report_versions(context.store)
    if not versions:
        st.info(speech("versions.empty"), icon=":material/info:")
    else:
        _pinned(context, actor, report, versions, speech)
        _table(versions, speech)
    if st.button(
        speech("versions.adopt"),
        key="versions-adopt",
        icon=":material/sync:",
        help=speech("versions.adopt_help"),
    ):
        _adopt(context, actor, versions, speech)
    if len(versions) > 1:
        _compare(context, versions, speech)


def _pinned(
    context: Context, actor: Actor, report: CampaignReport, versions: list[VersionReport], speech: Speech
) -> None:
    names = {"": speech("versions.follow")} | {
        one.content_hash: speech("versions.stay", version=one.id) for one in versions
    }
    current = report.rules.guideline
    names.setdefault(current, current[:12])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            speech("versions.campaign"), list(names), index=list(names).index(current),
            format_func=names.__getitem__, key=f"pin-{report.id}-{current[:8]}",
        )  # fmt: skip
        if st.button(speech("versions.pin"), key="versions-pin", disabled=chosen == current):
            try:
                pin(context, actor, report.name, chosen, report.rules)
            except ChangedMeanwhile:
                st.session_state["campaign-note"] = speech("campaigns.turned_meanwhile")
            else:
                st.session_state["campaign-note"] = speech("rules.saved")
            st.rerun()


def _table(versions: list[VersionReport], speech: Speech) -> None:
    rows = [
        {
            "version": one.id,
            "current": one.current,
            "hash": one.content_hash[:12],
            "adopted": one.adopted_at,
            "files": len(one.files),
            "confirmations": one.confirmations,
            "campaigns": ", ".join(one.campaigns),
        }
        for one in versions
    ]
    table(
        rows,
        "guidelines",
        {
            "version": st.column_config.NumberColumn(speech("versions.version"), width="small"),
            "current": st.column_config.CheckboxColumn(speech("versions.current"), width="small"),
            "hash": speech("versions.hash"),
            "adopted": st.column_config.DatetimeColumn(speech("versions.adopted"), format=speech.moments),
            "files": speech("versions.files"),
            "confirmations": speech("versions.confirmations"),
            "campaigns": speech("versions.kept_by"),
        },
    )


def _adopt(context: Context, actor: Actor, versions: list[VersionReport], speech: Speech) -> None:
    try:
        adopted = adopt(context, actor)
    except LabellingError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    before = next((one.id for one in versions if one.current), None)
    key = "versions.same" if adopted.id == before else "versions.adopted_now"
    st.session_state["campaign-note"] = speech(key, version=adopted.id)
    st.rerun()


def _compare(context: Context, versions: list[VersionReport], speech: Speech) -> None:
    heading(speech("versions.changes"))
    numbers = [one.id for one in versions]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        old = st.selectbox(speech("versions.from"), numbers, index=1, key="compare-old")
        new = st.selectbox(speech("versions.to"), numbers, index=0, key="compare-new")
        language = st.segmented_control(
            speech("versions.language"), list(LANGUAGES), default=speech.language, required=True,
            format_func=LANGUAGES.__getitem__, key="compare-language",
        )  # fmt: skip
    store = context.store
    changes = compare_guidelines(find_guideline(store, str(old)), find_guideline(store, str(new)), language)
    if not changes:
        st.info(speech("versions.no_change"), icon=":material/check:")
    for change in changes:
        st.html(
            f'<p class="pl-eyebrow">{escape(change.name)} · {escape(speech(f"versions.{change.kind}"))}</p>'
        )
        st.html(f'<div class="pl-diff" lang="{language}">{"".join(map(_line, change.lines))}</div>')


def _line(line: LineChange) -> str:
    parts = "".join(
        f"<{TAGS[one.kind]}>{escape(one.text)}</{TAGS[one.kind]}>" if one.kind in TAGS else escape(one.text)
        for one in line.segments
    )
    return f'<p class="pl-line-{line.kind}">{parts or "&nbsp;"}</p>'
