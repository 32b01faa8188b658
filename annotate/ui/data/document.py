"""Draw one document: its state, its chunks, its text, what became of it in answers, the way back in."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.documents import put_back
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.reports.documents import ChunkRow, DocumentReport
from annotate.ui.data.listing import reason_of
from annotate.ui.errand_line import show_errand
from annotate.ui.frame import heading, table
from annotate.ui.markup import escape, plain
from annotate.ui.texts import LANGUAGES, Speech

LEFT_OUT = ("junk", "duplicate")
SHOWN_CHARACTERS = 20_000


def draw_document(context: Context, actor: Actor, report: DocumentReport, speech: Speech) -> None:
    """Draw a document."""
    row = report.row
    with st.container(border=True, key="data-document"):
        st.html(_head(report, speech))
        if row.status in LEFT_OUT:
            _put_back(context, actor, row.key, speech)
        if report.duplicates:
            names = ", ".join(report.duplicates)
            st.caption(speech("data.stands_for", count=len(report.duplicates), keys=plain(names)))
        if report.flags:
            _flags(report, speech)
        part = st.segmented_control(
            speech("data.part"), ["chunks", "text"], default="chunks", required=True, key="data-part",
            format_func=lambda one: speech(f"data.{one}"), label_visibility="collapsed",
        )  # fmt: skip
        if part == "text":
            _text(report, speech)
        else:
            _chunks(report, speech)


def _head(report: DocumentReport, speech: Speech) -> str:
    row = report.row
    facts = [
        LANGUAGES.get(row.language, row.language),
        speech("data.chunk_count", count=row.chunks),
        speech("data.characters", number=speech.number(row.characters)),
        speech("data.answers", count=report.answers),
    ]
    if row.published:
        facts.append(speech.day(row.published))
    reason, state = reason_of(row, speech), escape(speech(f"data.is_{row.status}"))
    why = f'<p class="pl-document-why">{escape(reason)}</p>' if reason else ""
    source = f'<p class="pl-quiet">{escape(row.source)}</p>' if row.source else ""
    return (
        f'<div class="pl-document"><header><b>{escape(row.title or row.key)}</b>'
        f'<span class="pl-campaign-state pl-document-{escape(row.status)}">{state}</span></header>'
        f"<code>{escape(row.key)}</code>{why}"
        f'<p class="pl-quiet">{escape(" · ".join(facts))}</p>{source}</div>'
    )


def _put_back(context: Context, actor: Actor, key: str, speech: Speech) -> None:
    errand = show_errand("put_back")
    if not actor.may(Permission.TRAIN):
        st.caption(speech("data.put_back_who"))
        return
    if errand.state != "running" and st.button(
        speech("data.put_back"),
        key="data-put-back",
        icon=":material/undo:",
        help=speech("data.put_back_help"),
    ):
        try:
            put_back(context, actor, [key])
        except JobError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.rerun()


def _flags(report: DocumentReport, speech: Speech) -> None:
    heading(speech("data.flags"))
    rows = [
        {"at": one["at"], "task": one["task"], "reason": speech.name("flag", one["reason"])}
        for one in report.flags
    ]
    table(
        rows,
        "document-flags",
        {
            "at": st.column_config.DatetimeColumn(speech("data.at"), format=speech.moments),
            "task": speech("data.task"),
            "reason": st.column_config.TextColumn(speech("data.reason"), width="large"),
        },
    )


def _chunks(report: DocumentReport, speech: Speech) -> None:
    if not report.chunks:
        st.info(speech("data.no_chunks"), icon=":material/info:")
        return
    st.html(f'<div class="pl-chunks">{"".join(_chunk(one, speech) for one in report.chunks)}</div>')
    if report.row.chunks > len(report.chunks):
        st.caption(speech("data.more_chunks", shown=len(report.chunks), count=report.row.chunks))


def _chunk(one: ChunkRow, speech: Speech) -> str:
    words = "".join(f"<span>{escape(word)}</span>" for word in one.keywords)
    place = escape(speech("data.place", start=one.start, end=one.end))
    return (
        f'<section><header><span class="pl-number">{one.position + 1}</span><b>{escape(one.headings)}</b>'
        f"<small>{place}</small></header>"
        f'<p dir="auto" lang="{escape(one.language)}">{escape(one.text)}</p>'
        f'<div class="pl-words">{words}</div></section>'
    )


def _text(report: DocumentReport, speech: Speech) -> None:
    st.html(f'<div class="pl-document-text" dir="auto">{escape(report.text[:SHOWN_CHARACTERS])}</div>')
    if len(report.text) > SHOWN_CHARACTERS:
        st.caption(speech("data.cut", shown=speech.number(SHOWN_CHARACTERS)))
