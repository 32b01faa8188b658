"""Show one's own account: password, the browsers signed in, and API tokens."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Actor
from annotate.access.sessions import Entry
from annotate.actions.account import end_other_sessions, end_own_session, issue_own_token, revoke_own_token
from annotate.reports.users import OwnAccount, report_own_account
from annotate.ui.frame import (
    current_actor,
    current_context,
    current_entry,
    current_speech,
    heading,
    table,
    title,
)
from annotate.ui.markup import escape
from annotate.ui.people import (
    agent_name,
    ask_for_token,
    did,
    session_columns,
    show_secret,
    tell,
    token_columns,
    token_rows,
)
from annotate.ui.texts import Speech


def main() -> None:
    """Draw the screen."""
    actor, entry, speech = current_actor(), current_entry(), current_speech()
    if entry is None:
        return
    title(speech("screen.account"), speech("account.intro"))
    tell()
    report = report_own_account(current_context().store, entry.account)
    _show_person(report, speech)
    _show_sessions(report, entry, actor, speech)
    _show_tokens(report, actor, speech)


def _show_person(report: OwnAccount, speech: Speech) -> None:
    account = report.account
    facts = {
        "account.name": account.name,
        "account.role": speech.name("role", account.role),
        "account.email": account.email or "—",
        "account.since": speech.day(account.created_at),
    }
    rows = "".join(
        f"<div><dt>{escape(speech(key))}</dt><dd>{escape(value)}</dd></div>" for key, value in facts.items()
    )
    link = f'<a class="pl-button" href="/password" target="_self">{escape(speech("account.password"))}</a>'
    with st.container(border=True, key="account-person"):
        st.html(f'<dl class="pl-person">{rows}</dl>{link if account.has_password else ""}')


def _show_sessions(report: OwnAccount, entry: Entry, actor: Actor, speech: Speech) -> None:
    heading(speech("account.sessions"))
    rows = [
        {
            "agent": agent_name(one.agent, speech)
            + (speech("account.this") if one.id == entry.session_id else ""),
            "created_at": one.created_at,
            "seen_at": one.seen_at,
            "expires_at": one.expires_at,
        }
        for one in report.sessions
    ]
    chosen = table(rows, "sessions", session_columns(speech), select=True)
    context = current_context()
    with st.container(horizontal=True):
        if chosen is not None and report.sessions[chosen].id != entry.session_id:
            session_id = report.sessions[chosen].id
            if st.button(speech("account.end_one"), icon=":material/logout:"):
                with did(speech("account.ended")):
                    end_own_session(context, actor, session_id)
        if st.button(
            speech("account.end_others"), icon=":material/devices:", disabled=len(report.sessions) < 2
        ):
            with did(speech("account.ended")):
                end_other_sessions(context, actor, entry.session_id)


def _show_tokens(report: OwnAccount, actor: Actor, speech: Speech) -> None:
    heading(speech("account.tokens"))
    st.caption(speech("account.tokens_help"))
    show_secret("token", speech("account.token_once"))
    wanted = ask_for_token(sorted(actor.permissions), speech)
    context = current_context()
    if wanted is not None:
        with did(speech("account.token_made"), keep="token") as kept:
            kept.secret = issue_own_token(context, actor, wanted.name, wanted.scopes, wanted.days)[1]
    if not report.tokens:
        st.info(speech("account.no_tokens"), icon=":material/key_off:")
        return
    chosen = table(token_rows(report.tokens, speech), "tokens", token_columns(speech), select=True)
    if chosen is not None and report.tokens[chosen].usable:
        token_id = report.tokens[chosen].id
        if st.button(speech("account.revoke"), icon=":material/block:"):
            with did(speech("account.revoked")):
                revoke_own_token(context, actor, token_id)


main()
