"""Show how a piece of work stands that runs in a process of its own; the screen stays alive meanwhile."""

from __future__ import annotations

import streamlit as st

from annotate.jobs.errands import Errand, read_errand
from annotate.ui.frame import current_context, current_speech
from annotate.ui.markup import plain

EVERY_SECONDS = 1.0


def show_errand(kind: str) -> Errand:
    """Draw a running errand live, a failed one with its reason; return it for what came of it."""
    errand = read_errand(current_context(), kind)
    if errand.state == "running":
        _live(kind)
    elif errand.state == "failed":
        speech = current_speech()
        st.error(speech("errand.failed", reason=plain(errand.error)), icon=":material/error:")
    return errand


@st.fragment(run_every=EVERY_SECONDS)
def _live(kind: str) -> None:
    errand, speech = read_errand(current_context(), kind), current_speech()
    if errand.state != "running":
        st.rerun()
    name = speech.name("errand", kind)
    counted = speech("errand.counted", done=errand.done, total=errand.total) if errand.total else ""
    share = min(1.0, errand.done / errand.total) if errand.total else 0.0
    st.progress(
        share, text=" · ".join(filter(None, (name, counted, speech("errand.by", name=plain(errand.by)))))
    )
