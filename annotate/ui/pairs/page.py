"""Draw a page of pairs, each with a button that opens it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.reports import PairPage, PairRow
from annotate.ui.frame import to_csv
from annotate.ui.markup import escape
from annotate.ui.texts import Speech


def draw_page(page: PairPage, speech: Speech) -> None:
    """Draw the pairs of a page, the way to the next and the previous one, and the page as CSV."""
    for row in page.rows:
        with st.container(horizontal=True, vertical_alignment="center", key=f"pair-row-{row.id}"):
            st.html(_line(row, speech))
            st.button(
                speech("pairs.open", pair=row.id),
                key=f"open-{row.id}",
                on_click=show_pair,
                args=(row.id,),
            )
    _draw_paging(page, speech)


def show_pair(number: int | None) -> None:
    """Put a pair into the address, which the screen reads; None is the list."""
    if number is None:
        st.query_params.clear()
    else:
        st.query_params["pair"] = str(number)


def _draw_paging(page: PairPage, speech: Speech) -> None:
    pages: list[int] = st.session_state.setdefault("pair-pages", [])
    with st.container(horizontal=True, vertical_alignment="center", key="pair-paging"):
        if st.button(
            speech("pairs.previous"), disabled=not pages, icon=":material/chevron_left:", key="previous"
        ):
            pages.pop()
            st.rerun()
        st.caption(speech("pairs.page", number=len(pages) + 1))
        last = page.next_before is None
        if st.button(speech("pairs.next"), disabled=last, icon=":material/chevron_right:", key="next"):
            pages.append(page.next_before or 0)
            st.rerun()
        st.download_button(
            speech("download"),
            to_csv([_record(row) for row in page.rows]),
            file_name="pairs.csv",
            mime="text/csv",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
            key="download-pairs",
        )


def _line(row: PairRow, speech: Speech) -> str:
    verdict = f" · {escape(speech.name('verdict', row.verdict))}" if row.verdict else ""
    said = []
    if row.people:
        said.append(speech("pairs.people", count=row.people))
    if row.machines:
        said.append(speech("pairs.machines", count=row.machines))
    if row.cluster:
        said.append(speech.name("cluster", row.cluster))
    said.append(" / ".join(row.contenders))
    return (
        f'<div class="pl-pair-row"><p lang="{escape(row.language)}" dir="auto">{escape(row.question)}</p>'
        f'<p class="pl-pair-facts"><span class="pl-chip pl-pair-{row.state}">'
        f"{escape(speech(f'pairs.state_{row.state}'))}{verdict}</span>"
        f'<span class="pl-chip">{escape(row.language.upper())}</span> {escape(" · ".join(said))}</p></div>'
    )


def _record(row: PairRow) -> dict[str, Any]:
    return {
        "pair": row.id,
        "question": row.question,
        "language": row.language,
        "cluster": row.cluster,
        "first": row.contenders[0],
        "second": row.contenders[1],
        "state": row.state,
        "verdict": row.verdict,
        "uncertainty": row.uncertainty,
        "people": row.people,
        "machines": row.machines,
        "created": row.created_at.isoformat(),
    }
