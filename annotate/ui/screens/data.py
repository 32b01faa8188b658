"""Look at the documents: what became of each and why, what lies in them, whether the indexes fit."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Permission
from annotate.jobs.corpus_report import PAGE, describe_corpus, describe_document, find_documents
from annotate.ui.data.document import draw_document
from annotate.ui.data.indexes import draw_indexes
from annotate.ui.data.listing import choose_documents, choose_page, draw_counts, draw_rows
from annotate.ui.frame import current_context, current_speech, empty, gate, title


def main() -> None:
    """Draw the screen."""
    actor, context, speech = gate(Permission.READ_QUALITY), current_context(), current_speech()
    title(speech("screen.data"), speech("data.intro"))
    report = describe_corpus(context)
    if not report.documents:
        empty(speech("data.empty"), speech("data.empty_help"))
        return
    draw_counts(report, speech)
    with st.expander(speech("indexes.title"), icon=":material/database:"):
        draw_indexes(context, actor, speech)
    wanted = choose_documents(report, speech)
    found = find_documents(context, wanted, limit=0).found
    if not found:
        empty(speech("data.nothing"), speech("data.nothing_help"))
        return
    page = find_documents(context, wanted, PAGE, choose_page(found, speech))
    draw_rows(page.rows, found, speech)
    names = {one.key: f"{one.title or one.key}" for one in page.rows}
    chosen = st.selectbox(
        speech("data.look"), list(names), index=None, key="data-key", placeholder=speech("data.choose"),
        format_func=lambda key: f"{names[key]} · {key}" if names[key] != key else key,
    )  # fmt: skip
    document = describe_document(context, chosen) if chosen is not None else None
    if document is not None:
        draw_document(context, actor, document, speech)


main()
