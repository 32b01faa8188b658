"""Draw whether the indexes fit the corpus, and the buttons that check and rebuild them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.documents import check_indexes, rebuild_indexes
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.errands import Errand
from annotate.ui.errand_line import show_errand
from annotate.ui.markup import plain
from annotate.ui.texts import Speech


def draw_indexes(context: Context, actor: Actor, speech: Speech) -> None:
    """Draw the part."""
    st.caption(speech("indexes.help"))
    rebuilt, checked = show_errand("index_rebuild"), show_errand("index_state")
    done = [one for one in (rebuilt, checked) if one.state == "done" and one.at is not None]
    if done:
        _state(max(done, key=lambda one: str(one.at)), speech)
    if not actor.may(Permission.TRAIN):
        return
    busy = "running" in (rebuilt.state, checked.state)
    with st.container(horizontal=True):
        if st.button(speech("indexes.check"), key="index-check", icon=":material/fact_check:", disabled=busy):
            _do(lambda: check_indexes(context, actor))
        if st.button(speech("indexes.rebuild"), key="index-rebuild", icon=":material/build:", disabled=busy):
            _do(lambda: rebuild_indexes(context, actor))


def _do(act: Callable[[], None]) -> None:
    try:
        act()
    except JobError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def _state(errand: Errand, speech: Speech) -> None:
    found = errand.result or {}
    if found.get("fits"):
        st.success(
            speech(
                "indexes.fit", vectors=speech.number(found["vectors"]), words=speech.number(found["words"]),
                megabytes=speech.number(found["bytes"] / 1e6, 1), fingerprint=found["fingerprint"],
            ),
            icon=":material/check_circle:",
        )  # fmt: skip
    elif found.get("error"):
        st.error(speech("indexes.broken", reason=plain(str(found["error"]))), icon=":material/error:")
    elif not found.get("chunks"):
        st.info(speech("indexes.none"), icon=":material/info:")
    else:
        st.warning(speech("indexes.stale", count=found["chunks"]), icon=":material/sync_problem:")
    if errand.at is not None:
        st.caption(speech("indexes.at", at=speech.moment(errand.at), name=plain(errand.by)))
