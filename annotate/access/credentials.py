"""Set, change and reset passwords."""

from __future__ import annotations

from annotate.access.accounts import AccountView, load, read_account, view
from annotate.access.passwords import PasswordRefused, check_password, draw_password, hash_password
from annotate.access.sessions import revoke_all
from annotate.access.sign_in import confirm
from annotate.store import Store


def change_password(
    store: Store, account_id: int, old: str, new: str, *, keep: int | None = None
) -> AccountView:
    """Change one's password and end all one's sessions but `keep`.

    Raises Refused for a wrong old one (wrong tries count as at the door), PasswordRefused for a weak new one.
    """
    account = read_account(store, account_id)
    confirm(store, account_id, old)
    if new == old:
        raise PasswordRefused("same")
    check_password(new, account.name, account.email or "")
    changed = _set(store, account_id, new, must_change=False)
    revoke_all(store, account_id, keep=keep)
    return changed


def reset_password(store: Store, account_id: int) -> str:
    """Give an account a one-time password, which must be changed at once, and end all its sessions."""
    password = draw_password()
    _set(store, account_id, password, must_change=True)
    revoke_all(store, account_id)
    return password


def _set(store: Store, account_id: int, password: str, *, must_change: bool) -> AccountView:
    hashed = hash_password(password)
    with store.writing.begin() as session:
        account = load(session, account_id)
        account.password_hash, account.must_change = hashed, must_change
        account.failures, account.locked_until = 0, None
        return view(account)
