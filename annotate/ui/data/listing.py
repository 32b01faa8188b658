"""Draw the documents: how many of each state, the search, one page of those found."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.jobs.corpus_report import PAGE
from annotate.reports.documents import STATUSES, CorpusReport, DocumentFilter, DocumentRow
from annotate.ui.frame import table
from annotate.ui.markup import plain
from annotate.ui.texts import LANGUAGES, Speech


def draw_counts(report: CorpusReport, speech: Speech) -> None:
    """Draw what the corpus holds."""
    with st.container(horizontal=True, key="data-counts"):
        for status in STATUSES:
            st.metric(
                speech(f"data.{status}"), speech.number(report.statuses[status]), border=True,
                help=speech(f"data.{status}_help"),
            )  # fmt: skip
        st.metric(speech("data.chunks"), speech.number(report.chunks), border=True)
    languages = ", ".join(
        f"{LANGUAGES.get(name, name)} {speech.number(count)}" for name, count in report.languages.items()
    )
    st.caption(speech("data.languages", languages=plain(languages)))


def choose_documents(report: CorpusReport, speech: Speech) -> DocumentFilter:
    """Draw the search and return what it asks for."""

    def every(name: str) -> str:
        return name or speech("data.all")

    with st.container(horizontal=True, key="data-filters"):
        text = st.text_input(
            speech("data.search"), key="data-text", max_chars=200, placeholder=speech("data.search_hint"),
            icon=":material/search:",
        )  # fmt: skip
        status = st.selectbox(
            speech("data.status"), ["", *STATUSES], key="data-status",
            format_func=lambda one: speech(f"data.{one}") if one else speech("data.all"),
        )  # fmt: skip
        language = st.selectbox(
            speech("data.language"), ["", *report.languages], key="data-language",
            format_func=lambda one: LANGUAGES.get(one, one) if one else speech("data.all"),
        )  # fmt: skip
        collection = st.selectbox(
            speech("data.collection"), ["", *report.collections], key="data-collection", format_func=every
        )
    return DocumentFilter(status, language, collection, text)


def choose_page(found: int, speech: Speech) -> int:
    """Draw the pages where there are several, and return where the chosen one begins."""
    pages = -(-found // PAGE)
    if pages < 2:
        st.session_state.pop("data-page", None)
        return 0
    st.session_state["data-page"] = min(st.session_state.get("data-page", 1), pages)
    page = st.number_input(speech("data.page", pages=pages), min_value=1, max_value=pages, key="data-page")
    return (int(page) - 1) * PAGE


def draw_rows(rows: tuple[DocumentRow, ...], found: int, speech: Speech) -> None:
    """Draw one page of the documents."""
    st.caption(speech("data.found", count=found))
    table(
        [_row(one, speech) for one in rows],
        "documents",
        {
            "key": st.column_config.TextColumn(speech("data.key"), width="medium"),
            "title": st.column_config.TextColumn(speech("data.name"), width="medium"),
            "status": speech("data.status"),
            "reason": st.column_config.TextColumn(speech("data.reason"), width="medium"),
            "language": st.column_config.TextColumn(speech("data.language"), width="small"),
            "chunks": speech("data.chunks"),
            "characters": st.column_config.NumberColumn(speech("data.size"), format="localized"),
            "published": st.column_config.DateColumn(speech("data.published")),
        },
    )


def _row(one: DocumentRow, speech: Speech) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "status": speech(f"data.is_{one.status}"),
        "reason": reason_of(one, speech),
        "language": one.language,
        "collection": one.collection,
        "chunks": one.chunks,
        "characters": one.characters,
        "published": one.published,
        "updated": one.updated_at,
        "source": one.source,
    }


def reason_of(one: DocumentRow, speech: Speech) -> str:
    """Return why a document was left out, or that a person put it back."""
    if one.status == "duplicate" and one.duplicate_of:
        return speech("data.like", document=one.duplicate_of)
    if one.status == "indexed" and one.kept:
        return speech("data.kept")
    return one.reason
