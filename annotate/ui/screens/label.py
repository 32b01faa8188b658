"""Label pairs: what stands between a person and the pairs, then the card, which works by itself."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Permission
from annotate.ui.card import draw_card
from annotate.ui.entry import admit
from annotate.ui.frame import current_context, current_speech, gate


def main() -> None:
    """Draw the screen; the card asks for a new run only when something stands between again."""
    actor = gate(Permission.LABEL)
    context, speech = current_context(), current_speech()
    if not admit(context, actor, speech):
        return
    if draw_card(speech, who=str(actor.account_id)):
        st.rerun()


main()
