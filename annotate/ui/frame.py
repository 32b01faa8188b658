"""Give every screen the workspace, the language, and one way to show tables and empty states."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from annotate.errors import SettingsError
from annotate.jobs.context import Context
from annotate.ui.markup import escape
from annotate.ui.server import WORKSPACE_VARIABLE
from annotate.ui.texts import LANGUAGES, Speech

Row = Mapping[str, Any]


@st.cache_resource(show_spinner=False)
def open_context(folder: str) -> Context:
    """Open a workspace once for the whole server; no model is loaded."""
    return Context.open(Path(folder))


def current_context() -> Context:
    """Return the workspace of this server; raise SettingsError where none was named."""
    folder = os.environ.get(WORKSPACE_VARIABLE, "")
    if not folder:
        raise SettingsError(f"no workspace: start with `pairloop ui`, or set {WORKSPACE_VARIABLE}")
    return open_context(folder)


def choose_language(default: str) -> None:
    """Draw the language switch."""
    st.session_state.setdefault("language", default)
    st.selectbox(
        Speech(st.session_state["language"])("language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="language",
    )


def current_speech() -> Speech:
    """Return the reader's language."""
    return Speech(st.session_state.get("language", "en"))


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


def table(rows: Sequence[Row], name: str, columns: Mapping[str, Any]) -> None:
    """Draw rows with a CSV of the same; `columns` gives each shown key its label or configuration."""
    st.dataframe(
        [dict(row) for row in rows],
        hide_index=True,
        placeholder="—",
        column_order=list(columns),
        column_config=dict(columns),
        key=f"table-{name}",
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


def to_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV that spreadsheets open in UTF-8 and do not take for formulas."""
    target = io.StringIO()
    writer = csv.DictWriter(target, fieldnames=list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows({key: _inert(value) for key, value in row.items()} for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
