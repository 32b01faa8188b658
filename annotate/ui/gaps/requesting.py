"""Draw the form that asks for documents, and the list of what was asked for."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.gaps import request_documents, settle_request
from annotate.errors import PairloopError
from annotate.jobs.context import Context
from annotate.reports.cluster_questions import ClusterQuestion
from annotate.reports.document_requests import RequestView, report_document_requests
from annotate.reports.gap_map import MapCluster
from annotate.ui.frame import heading, table
from annotate.ui.markup import plain
from annotate.ui.texts import Speech

USUAL = 10  # questions without sources that a request names unless told otherwise


def ask(
    cluster: MapCluster, questions: Sequence[ClusterQuestion], context: Context, actor: Actor, speech: Speech
) -> None:
    """Draw the form."""
    st.markdown(f"**{speech('gaps.request')}**")
    st.caption(speech("gaps.request_help"))
    texts = {question.id: question.text for question in questions}
    lacking = [one.id for one in questions if one.refused or one.supported is False]
    with st.form(f"request-{cluster.number}", border=False, clear_on_submit=True):
        chosen = st.multiselect(
            speech("gaps.request_questions"), list(texts), (lacking or list(texts))[:USUAL],
            format_func=texts.__getitem__, key=f"request-questions-{cluster.number}",
        )  # fmt: skip
        note = st.text_area(
            speech("gaps.request_note"), max_chars=1000, height=80, key=f"request-note-{cluster.number}"
        )
        pressed = st.form_submit_button(speech("gaps.request_button"), type="primary")
    if pressed:
        try:
            request_documents(context, actor, cluster.number, chosen, note)
        except PairloopError as error:
            st.error(plain(str(error)), icon=":material/error:")
        else:
            st.toast(speech("gaps.requested"), icon=":material/check:")
            st.rerun()


def draw(context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the requests, with the open ones to be closed."""
    found = report_document_requests(context.store, settled=True)
    if not found:
        return
    heading(speech("gaps.requests"))
    table(
        [
            {
                "number": one.id,
                "cluster": one.name,
                "questions": "\n".join(one.questions),
                "note": one.note,
                "state": speech(f"gaps.request_{one.state}"),
                "requested_by": one.requested_by,
                "created": one.created_at,
                "settled_by": one.settled_by,
                "settled": one.settled_at,
            }
            for one in found
        ],
        "document-requests",
        {
            "number": st.column_config.NumberColumn("№", width="small"),
            "state": st.column_config.TextColumn(speech("gaps.request_state"), width="small"),
            "cluster": st.column_config.TextColumn(speech("gaps.cluster"), width="medium"),
            "questions": st.column_config.TextColumn(speech("gaps.request_questions"), width="large"),
            "note": st.column_config.TextColumn(speech("gaps.request_note"), width="medium"),
            "requested_by": speech("gaps.request_by"),
            "created": st.column_config.DatetimeColumn(speech("gaps.request_at"), format="localized"),
        },
    )
    waiting = [one for one in found if one.state == "open"]
    if waiting and (actor.may(Permission.MANAGE_CAMPAIGNS) or actor.may(Permission.TRAIN)):
        _settle(waiting, context, actor, speech)


def _settle(waiting: Sequence[RequestView], context: Context, actor: Actor, speech: Speech) -> None:
    names = {one.id: f"№ {one.id} · {one.name}" for one in waiting}
    row = st.form("settle-request").container(horizontal=True, vertical_alignment="bottom")
    with row:
        label = speech("gaps.request_close")
        request = st.selectbox(label, list(names), format_func=names.__getitem__, key="request-to-close")
        done = st.form_submit_button(speech("gaps.request_mark_done"))
        dropped = st.form_submit_button(speech("gaps.request_mark_dropped"))
    if (done or dropped) and request is not None:
        try:
            settle_request(context, actor, request, "done" if done else "dropped")
        except PairloopError as error:
            st.error(plain(str(error)), icon=":material/error:")
        else:
            st.rerun()
