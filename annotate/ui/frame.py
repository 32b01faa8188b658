"""Give every screen the workspace, the person, the language, and one way to show tables and empty states."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.access.sessions import COOKIE, Entry, read_session
from annotate.actions.account import set_own_language
from annotate.errors import SettingsError
from annotate.jobs.context import Context
from annotate.ui.markup import escape
from annotate.ui.server import WORKSPACE_VARIABLE
from annotate.ui.texts import LANGUAGES, Speech

Row = Mapping[str, Any]


@lru_cache
def open_context(folder: str) -> Context:
    """Open a workspace once for the whole server; no model is loaded."""
    return Context.open(Path(folder))


def current_context() -> Context:
    """Return the workspace of this server; raise SettingsError where none was named."""
    folder = os.environ.get(WORKSPACE_VARIABLE, "")
    if not folder:
        raise SettingsError(f"no workspace: start with `pairloop ui`, or set {WORKSPACE_VARIABLE}")
    return open_context(folder)


def current_entry() -> Entry | None:
    """Return whose session the browser's cookie opens.

    It is asked anew in every run, so that a revoked session or a changed role counts at once.
    """
    return read_session(current_context().store, st.context.cookies.get(COOKIE, ""))


def current_actor() -> Actor:
    """Return who is signed in; for nobody, draw the way to the sign-in page and stop."""
    entry = current_entry()
    if entry is None:
        speech = current_speech()
        _refuse(speech("signed_out"), f'<a href="/sign-in" target="_self">{escape(speech("sign_in"))}</a>')
    return entry.actor


def gate(permission: Permission) -> Actor:
    """Return who is signed in if they may do this; else draw the refusal and stop."""
    actor = current_actor()
    if not actor.may(permission):
        speech = current_speech()
        _refuse(speech("refused"), escape(speech("refused_help", role=speech.name("role", actor.role))))
    return actor


def _refuse(name: str, advice: str) -> NoReturn:
    with st.container(border=True, key="empty", horizontal_alignment="center"):
        st.subheader(name, anchor=False, text_alignment="center")
        st.html(f'<p class="pl-refusal">{advice}</p>')
    st.stop()


def current_speech() -> Speech:
    """Return the language of the account, else of the browser, else of the settings."""
    entry = current_entry()
    wanted = (
        entry.account.language if entry else "",
        (st.context.locale or "")[:2],
        current_context().settings.language,
    )
    return Speech(next(language for language in wanted if language in LANGUAGES))


def who_is_here(actor: Actor, speech: Speech) -> None:
    """Draw who is signed in, and the way out."""
    role = speech.name("role", actor.role)
    st.html(
        f'<div class="pl-who"><p class="pl-name">{escape(actor.name)}</p>'
        f'<p class="pl-quiet">{escape(role)}</p>'
        f'<form method="post" action="/sign-out"><button>{escape(speech("sign_out"))}</button></form></div>'
    )


def choose_language(actor: Actor, speech: Speech) -> None:
    """Draw the language switch; the choice is kept with the account."""
    st.session_state.setdefault("language", speech.language)
    st.selectbox(
        speech("language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="language",
        on_change=lambda: set_own_language(current_context(), actor, st.session_state["language"]),
    )


def title(name: str, intro: str) -> None:
    """Draw the head of a screen."""
    st.html(f'<h1 class="pl-title">{escape(name)}</h1><p class="pl-intro">{escape(intro)}</p>')


def heading(name: str) -> None:
    """Draw the head of a part of a screen."""
    st.html(f'<h2 class="pl-heading">{escape(name)}</h2>')


def empty(name: str, advice: str) -> None:
    """Say that nothing is here yet and which command changes that; `advice` is our own Markdown."""
    with st.container(border=True, key="empty", horizontal_alignment="center"):
        st.subheader(name, anchor=False, text_alignment="center")
        st.markdown(advice, text_alignment="center")


def table(rows: Sequence[Row], name: str, columns: Mapping[str, Any], *, select: bool = False) -> int | None:
    """Draw rows with a CSV of the same; `columns` gives each shown key its label or configuration.

    With `select`, return the number of the row that was chosen, or None.
    """
    options: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row"} if select else {}
    drawn = st.dataframe(
        [dict(row) for row in rows],
        hide_index=True,
        placeholder="—",
        column_order=list(columns),
        column_config=dict(columns),
        key=f"table-{name}",
        **options,
    )
    st.download_button(
        current_speech()("download"),
        to_csv(rows),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        key=f"download-{name}",
    )
    chosen = drawn["selection"]["rows"] if select else []
    return chosen[0] if chosen and chosen[0] < len(rows) else None


def to_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV that spreadsheets open in UTF-8 and do not take for formulas."""
    target = io.StringIO()
    writer = csv.DictWriter(target, fieldnames=list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows({key: _inert(value) for key, value in row.items()} for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
