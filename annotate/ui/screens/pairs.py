"""Find pairs by words, meaning and filters, and follow one from its documents to the models it trained."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Permission
from annotate.ui.frame import current_context, current_speech, empty, gate, title
from annotate.ui.pairs.lineage import draw_lineage
from annotate.ui.pairs.page import draw_page, show_pair
from annotate.ui.pairs.search import draw_search, find


def main() -> None:
    """Draw the list, or the pair that the address names."""
    gate(Permission.READ_PAIRS)
    speech, context = current_speech(), current_context()
    number = st.query_params.get("pair", "")
    if number.isdecimal():
        title(speech("pairs.one", pair=number), speech("pairs.one_intro"))
        icon, name = ":material/arrow_back:", speech("pairs.back")
        st.button(name, icon=icon, type="tertiary", key="back", on_click=show_pair, args=(None,))
        draw_lineage(context, int(number), speech)
        return
    title(speech("screen.pairs"), speech("pairs.intro"))
    wanted = draw_search(context, speech)
    pages: list[int] = st.session_state.get("pair-pages", [])
    with st.spinner(speech("pairs.searching")):
        page, missing = find(context, wanted, pages[-1] if pages else None)
    if missing:
        st.info(speech("pairs.missing", count=missing), icon=":material/hourglass:")
    if page.rows:
        draw_page(page, speech)
    elif wanted.text or wanted.filter != type(wanted.filter)():
        empty(speech("pairs.nothing"), speech("pairs.nothing_help"))
    else:
        empty(speech("pairs.empty"), speech("pairs.empty_help"))


main()
