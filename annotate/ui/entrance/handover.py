"""Draw the step from what an identity provider says to a session of our own."""

from __future__ import annotations

import streamlit as st

from annotate.access.oidc import ProviderRefused
from annotate.ui.entrance.provider import LEAVE, make_ticket
from annotate.ui.frame import current_context, current_entry, current_speech
from annotate.ui.markup import escape


def hand_over() -> None:
    """Where a provider knows the person and no session is open, draw the way in, or why there is none."""
    claims = st.user.to_dict()
    if not claims.get("is_logged_in") or current_entry() is not None:
        return
    speech, email = current_speech(), str(claims.get("email") or "")
    try:
        name, ticket = make_ticket(current_context(), claims)
    except ProviderRefused as refused:
        head, text = speech("sign_in.title"), speech(f"sign_in.provider_{refused.code}", email=email)
        form = ""
    else:
        head, text = speech("sign_in.title"), speech("sign_in.continue_help", email=email)
        form = (
            '<form method="post" action="/sign-in/oidc">'
            f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
            f"<button>{escape(speech('sign_in.continue', name=name))}</button></form>"
        )
    st.html(
        f'<div class="pl-handover"><h1>{escape(head)}</h1><p>{escape(text)}</p>{form}'
        f'<a href="{LEAVE}" target="_self">{escape(speech("sign_in.other"))}</a></div>'
    )
    st.stop()
