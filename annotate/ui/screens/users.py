"""Keep accounts: who may enter, in which role, with which invitations, sessions and tokens."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from annotate.access.invitations import LONGEST_DAYS
from annotate.access.permissions import ROLES, Actor, Permission
from annotate.actions import users
from annotate.reports.users import UserRow, UsersReport, report_users
from annotate.ui.frame import current_context, current_speech, gate, table, title
from annotate.ui.people import (
    agent_name,
    did,
    fresh,
    moment,
    session_columns,
    show_secret,
    tell,
    token_columns,
    token_rows,
)
from annotate.ui.texts import LANGUAGES, Speech


def main() -> None:
    """Draw the screen."""
    actor, speech = gate(Permission.MANAGE_USERS), current_speech()
    title(speech("screen.users"), speech("users.intro"))
    tell()
    with st.container(horizontal=True, key="users-new"):
        _invite(actor, speech)
        _add(actor, speech)
    show_secret("link", speech("users.link_once"))
    show_secret("password", speech("users.password_once"))
    report = report_users(current_context().store)
    parts = ("accounts", "invitations", "sessions", "tokens")
    shown = st.segmented_control(
        speech("users.part"),
        parts,
        default="accounts",
        required=True,
        format_func=lambda part: speech(f"users.{part}", count=len(getattr(report, _FIELDS[part]))),
        label_visibility="collapsed",
        key="users-part",
    )
    {"accounts": _accounts, "invitations": _invitations, "sessions": _sessions, "tokens": _tokens}[shown](
        report, actor, speech
    )


_FIELDS = {"accounts": "users", "invitations": "invitations", "sessions": "sessions", "tokens": "tokens"}


def _invite(actor: Actor, speech: Speech) -> None:
    with (
        st.popover(
            speech("users.invite"), icon=":material/person_add:", type="primary", key=fresh("new-link")
        ),
        st.form(fresh("invite"), border=False),
    ):
        role = st.selectbox(
            speech("users.role"), list(ROLES), format_func=lambda one: speech.name("role", one)
        )
        email = st.text_input(speech("users.email"), help=speech("users.email_help"))
        languages = st.multiselect(
            speech("users.languages"), list(LANGUAGES), list(LANGUAGES), format_func=LANGUAGES.__getitem__
        )
        skills = st.text_input(speech("users.skills"), help=speech("users.skills_help"))
        days = st.number_input(speech("users.days"), 1, LONGEST_DAYS, 7)
        sent = st.form_submit_button(speech("users.make_link"), type="primary")
    if sent:
        with did(speech("users.invited"), keep="link") as kept:
            path = users.invite(
                current_context(), actor, role, email=email, languages=languages,
                skills=[skill.strip() for skill in skills.split(",") if skill.strip()], days=int(days),
            )[1]  # fmt: skip
            kept.secret = _origin() + path


def _add(actor: Actor, speech: Speech) -> None:
    with (
        st.popover(speech("users.add"), icon=":material/add:", key=fresh("new-account")),
        st.form(fresh("add"), border=False),
    ):
        name = st.text_input(speech("users.name"), max_chars=60)
        role = st.selectbox(
            speech("users.role"), list(ROLES), format_func=lambda one: speech.name("role", one)
        )
        email = st.text_input(speech("users.email"), help=speech("users.email_help"))
        st.caption(speech("users.add_help"))
        sent = st.form_submit_button(speech("users.add_now"), type="primary")
    if sent:
        with did(speech("users.added", name=name), keep="password") as kept:
            kept.secret = users.add_user(current_context(), actor, name, role, email=email)[1]


def _accounts(report: UsersReport, actor: Actor, speech: Speech) -> None:
    rows = [
        {
            "name": row.account.name,
            "role": speech.name("role", row.account.role),
            "state": speech(f"users.state_{_state(row)}"),
            "email": row.account.email,
            "seen_at": row.seen_at,
            "sessions": row.sessions,
            "tokens": row.tokens,
            "created_at": row.account.created_at,
        }
        for row in report.users
    ]
    columns = {
        "name": st.column_config.TextColumn(speech("users.name"), width="medium"),
        "role": speech("users.role"),
        "state": speech("users.state"),
        "email": speech("users.email"),
        "seen_at": moment(speech("users.seen_at")),
        "sessions": speech("users.of_sessions"),
        "tokens": speech("users.of_tokens"),
    }
    chosen = table(rows, "users", columns, select=True)
    if chosen is None:
        st.caption(speech("users.choose"))
    else:
        _one(report.users[chosen], actor, speech)


def _state(row: UserRow) -> str:
    account = row.account
    if not account.enabled:
        return "disabled"
    return "locked" if account.locked else "must_change" if account.must_change else "enabled"


def _one(row: UserRow, actor: Actor, speech: Speech) -> None:
    account, context = row.account, current_context()
    roles = list(ROLES)
    with st.container(border=True, key="users-one"):
        st.subheader(account.name, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom", key="users-role"):
            role = st.selectbox(
                speech("users.role"), roles, roles.index(account.role), key=f"role-{account.id}",
                format_func=lambda one: speech.name("role", one),
            )  # fmt: skip
            if st.button(speech("users.change_role"), disabled=role == account.role, type="primary"):
                with did(speech("users.role_changed", name=account.name, role=speech.name("role", role))):
                    users.change_role(context, actor, account.id, role)
        st.caption(speech(f"users.may_{account.role if role is None else role}"))
        with st.container(horizontal=True, key="users-do"):
            _do(row, actor, speech)


def _do(row: UserRow, actor: Actor, speech: Speech) -> None:
    """Draw what else may be done with an account."""
    account, context = row.account, current_context()
    if account.locked and st.button(speech("users.unlock"), icon=":material/lock_open:"):
        with did(speech("users.unlocked", name=account.name)):
            users.unlock(context, actor, account.id)
    if _confirmed("reset", "reset_help", ":material/password:", speech):
        with did(speech("users.reset_done", name=account.name), keep="password") as kept:
            kept.secret = users.reset_password(context, actor, account.id)
    if row.sessions and st.button(speech("users.end_all"), icon=":material/logout:"):
        with did(speech("users.ended_all", name=account.name)):
            users.end_sessions(context, actor, account.id)
    if not account.enabled:
        if st.button(speech("users.enable"), icon=":material/person_check:"):
            with did(speech("users.enabled", name=account.name)):
                users.set_enabled(context, actor, account.id, True)
    elif _confirmed("disable", "disable_help", ":material/person_off:", speech):
        with did(speech("users.disabled", name=account.name)):
            users.set_enabled(context, actor, account.id, False)


def _confirmed(verb: str, advice: str, icon: str, speech: Speech) -> bool:
    """Draw an act that cannot be taken back lightly: it asks once more."""
    with st.popover(speech(f"users.{verb}"), icon=icon, key=fresh(f"ask-{verb}")):
        st.markdown(speech(f"users.{advice}"))
        return st.button(speech(f"users.{verb}_now"), type="primary", key=f"users-{verb}-now")


def _invitations(report: UsersReport, actor: Actor, speech: Speech) -> None:
    if not report.invitations:
        st.info(speech("users.no_invitations"), icon=":material/mail:")
        return
    rows = [
        {
            "role": speech.name("role", one.role),
            "email": one.email,
            "state": speech(f"users.link_{_link_state(one.open, one.used_at, one.revoked_at)}"),
            "account": one.account,
            "languages": ", ".join(one.languages),
            "invited_by": one.invited_by,
            "created_at": one.created_at,
            "expires_at": one.expires_at,
        }
        for one in report.invitations
    ]
    columns = {
        "state": speech("users.state"),
        "role": speech("users.role"),
        "email": speech("users.email"),
        "account": speech("users.account"),
        "invited_by": speech("users.invited_by"),
        "created_at": moment(speech("users.created_at")),
        "expires_at": moment(speech("users.expires_at")),
    }
    chosen = table(rows, "invitations", columns, select=True)
    if chosen is None or not report.invitations[chosen].open:
        return
    if st.button(speech("users.withdraw"), icon=":material/link_off:"):
        with did(speech("users.withdrawn")):
            users.withdraw_invitation(current_context(), actor, report.invitations[chosen].id)


def _link_state(is_open: bool, used: object, revoked: object) -> str:
    return "open" if is_open else "used" if used else "withdrawn" if revoked else "ended"


def _sessions(report: UsersReport, actor: Actor, speech: Speech) -> None:
    rows = [
        {
            "account": one.account,
            "agent": agent_name(one.agent, speech),
            "seen_at": one.seen_at,
            "created_at": one.created_at,
            "expires_at": one.expires_at,
        }
        for one in report.sessions
    ]
    chosen = table(
        rows, "sessions", {"account": speech("users.account"), **session_columns(speech)}, select=True
    )
    if chosen is not None and st.button(speech("users.end_one"), icon=":material/logout:"):
        with did(speech("users.ended_one")):
            users.end_session(current_context(), actor, report.sessions[chosen].id)


def _tokens(report: UsersReport, actor: Actor, speech: Speech) -> None:
    if not report.tokens:
        st.info(speech("users.no_tokens"), icon=":material/key_off:")
        return
    columns = {"account": speech("users.account"), **token_columns(speech)}
    chosen = table(token_rows(report.tokens, speech), "tokens", columns, select=True)
    if chosen is None or not report.tokens[chosen].usable:
        return
    if st.button(speech("users.revoke"), icon=":material/block:"):
        with did(speech("users.revoked")):
            users.revoke_token(current_context(), actor, report.tokens[chosen].id)


def _origin() -> str:
    """Return where the browser reached us, for links that are sent to others."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


main()
