"""Map what an OIDC provider says about a person to an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from annotate.access.accounts import AccountView, clean_email, create_account, list_accounts, view
from annotate.access.audit import note
from annotate.errors import AccessError, SignInRefused
from annotate.labelling import list_assessors
from annotate.store import Account, Store


class ProviderRefused(SignInRefused):
    """Say why the provider's word is not enough; `code` is `unverified`, `unknown` or `disabled`."""

    def __init__(self, code: str) -> None:
        texts = {
            "unverified": "the provider has not verified the e-mail address",
            "unknown": "there is no account with this e-mail address",
            "disabled": "the account is disabled",
        }
        super().__init__(texts[code])
        self.code = code


def account_of_claims(store: Store, claims: Mapping[str, Any], default_role: str = "") -> AccountView:
    """Return the account with the verified e-mail address of an identity token.

    Raises ProviderRefused. With a default role, a person without an account gets one, under the
    name that the provider gives.
    """
    try:
        email = clean_email(str(claims.get("email") or ""))
    except AccessError:
        email = None
    if email is None or claims.get("email_verified") not in (True, "true"):
        raise ProviderRefused("unverified")
    with store.reading() as session:
        found = session.scalar(select(Account).where(Account.email == email))
        account = view(found) if found is not None else None
    if account is None:
        if not default_role:
            raise ProviderRefused("unknown")
        account = create_account(store, _free_name(store, claims, email), default_role, email=email)
        note(store, account.actor, "account.create", account.name, role=default_role, by="oidc")
    if not account.enabled:
        raise ProviderRefused("disabled")
    return account


def _free_name(store: Store, claims: Mapping[str, Any], email: str) -> str:
    """Return the provider's name for a person, or the address where that name is taken or unusable."""
    wanted = " ".join(str(claims.get("name") or "").split())[:60]
    taken = {account.name.casefold() for account in list_accounts(store)}
    taken |= {assessor.name.casefold() for assessor in list_assessors(store)}
    usable = wanted and wanted.isprintable() and wanted.casefold() not in taken
    return wanted if usable else email[:60]
