"""Draw what the screens of users and of one's own account share: sessions, tokens, outcomes, secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import streamlit as st

from annotate.access.permissions import Permission
from annotate.access.tokens import LONGEST_DAYS, TokenView
from annotate.errors import PairloopError
from annotate.ui.frame import current_speech
from annotate.ui.markup import plain
from annotate.ui.texts import Speech

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex"), ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass
class Kept:
    """Carry a secret from an action to the next run, where it is shown once."""

    secret: str = ""


class TokenWish(NamedTuple):
    """Hold what a token is to be."""

    name: str
    scopes: list[Permission]
    days: int


@contextmanager
def did(said: str, keep: str = "") -> Iterator[Kept]:
    """Do a thing and draw the screen anew with what came out; what is refused is said at once."""
    kept = Kept()
    try:
        yield kept
    except PairloopError as error:
        speech = current_speech()
        code = getattr(error, "code", "")
        text = speech.name("users.why", code) if code else str(error)
        st.error(plain(str(error) if text == code else text), icon=":material/error:")
        return
    st.session_state["said"] = said
    st.session_state["turn"] = st.session_state.get("turn", 0) + 1
    if keep:
        st.session_state[f"secret-{keep}"] = kept.secret
    st.rerun()


def fresh(name: str) -> str:
    """Return a key that changes with each thing done: what was open closes, what was filled in empties."""
    return f"{name}-{st.session_state.get('turn', 0)}"


def tell() -> None:
    """Say what the last action did, once."""
    said = st.session_state.pop("said", "")
    if said:
        st.success(plain(said), icon=":material/check_circle:")


def show_secret(name: str, advice: str) -> None:
    """Show a secret until it is put away; it cannot be shown again."""
    key = f"secret-{name}"
    secret = st.session_state.get(key, "")
    if not secret:
        return
    with st.container(border=True, key=f"kept-{name}"):
        st.markdown(advice)
        st.code(secret, language=None, wrap_lines=True)
        if st.button(current_speech()("users.put_away"), key=f"away-{name}", type="tertiary"):
            del st.session_state[key]
            st.rerun()


def ask_for_token(permissions: Sequence[Permission], speech: Speech) -> TokenWish | None:
    """Draw the form of a new token and return what was sent."""
    with (
        st.popover(speech("account.new_token"), icon=":material/add:", key=fresh("new-token")),
        st.form(fresh("token"), border=False),
    ):
        name = st.text_input(
            speech("account.token_name"), max_chars=80, help=speech("account.token_name_help")
        )
        scopes = st.multiselect(
            speech("account.scopes"),
            list(permissions),
            format_func=lambda permission: speech.name("right", permission.value.replace(":", "_")),
        )
        days = st.number_input(speech("account.days"), 1, LONGEST_DAYS, 90)
        sent = st.form_submit_button(speech("account.make"), type="primary")
        if sent and not (name.strip() and scopes):
            st.error(speech("account.token_lacks"))
            return None
    return TokenWish(name, scopes, int(days)) if sent else None


def token_rows(tokens: Sequence[TokenView], speech: Speech) -> list[dict[str, Any]]:
    """Return rows of tokens."""
    return [
        {
            "account": token.account,
            "name": token.name,
            "scopes": ", ".join(speech.name("right", scope.replace(":", "_")) for scope in token.scopes),
            "state": speech(f"account.token_{_state(token)}"),
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "used_at": token.used_at,
        }
        for token in tokens
    ]


def _state(token: TokenView) -> str:
    return "usable" if token.usable else "revoked" if token.revoked_at else "ended"


def token_columns(speech: Speech) -> dict[str, Any]:
    """Return the columns of a table of tokens."""
    return {
        "name": speech("account.token_name"),
        "state": speech("account.state"),
        "scopes": st.column_config.TextColumn(speech("account.scopes"), width="medium"),
        "expires_at": moment(speech("account.expires_at")),
        "used_at": moment(speech("account.used_at")),
    }


def session_columns(speech: Speech) -> dict[str, Any]:
    """Return the columns of a table of sessions."""
    return {
        "agent": st.column_config.TextColumn(speech("account.agent"), width="medium"),
        "seen_at": moment(speech("account.seen_at")),
        "created_at": moment(speech("account.created_at")),
        "expires_at": moment(speech("account.expires_at")),
    }


def moment(label: str) -> Any:
    """Return a column of times in UTC."""
    return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm")


def agent_name(agent: str, speech: Speech) -> str:
    """Return browser and system for people: `Firefox, Linux`."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system))) or agent[:40] or speech("account.unknown_agent")
