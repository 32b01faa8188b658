"""Commands `users`: keep accounts from the command line, as the operator of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.access.accounts import find_account
from annotate.access.permissions import ASSESSOR, ROLES, Permission, operator
from annotate.actions import users
from annotate.cli.console import HERE, JsonOption, WorkspaceOption, open_context, out, print_json, print_table
from annotate.errors import AccessError
from annotate.reports.users import UserRow, report_users

if TYPE_CHECKING:
    from annotate.jobs.context import Context

app = typer.Typer(
    help="Keep accounts: list, add, invite, change roles, disable, issue tokens.", no_args_is_help=True
)
RoleOption = Annotated[str, typer.Option("--role", help=f"One of {', '.join(ROLES)}.")]
EmailOption = Annotated[str, typer.Option("--email", help="Address, needed to sign in by OIDC.")]


@app.command("list")
def list_them(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """List the accounts."""
    rows = report_users(open_context(workspace).store).users
    if as_json:
        print_json([_plain(row) for row in rows])
        return
    shown = [
        (r.account.name, r.account.role, _state(r), r.account.email or "", r.sessions, r.tokens) for r in rows
    ]
    print_table("Accounts", ("name", "role", "state", "e-mail", "sessions", "tokens"), shown)


@app.command("add")
def add(
    name: str, role: RoleOption = ASSESSOR, email: EmailOption = "", workspace: WorkspaceOption = HERE
) -> None:
    """Add an account and print its one-time password."""
    made, password = users.add_user(open_context(workspace), operator(), name, role, email=email)
    _say(f"{made.name} is {made.role} now. One-time password: {password}")


@app.command("invite")
def invite(
    role: RoleOption = ASSESSOR,
    email: EmailOption = "",
    language: Annotated[list[str] | None, typer.Option(help="Language that the invited labels in.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="Skill that campaigns may ask for.")] = None,
    days: Annotated[int, typer.Option(help="Days until the link ends.")] = 7,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Print the path of a link that makes one account, once; put the server's address before it."""
    made, path = users.invite(
        open_context(workspace), operator(), role, email=email, languages=language or (), skills=skill or (),
        days=days,
    )  # fmt: skip
    _say(f"{path} invites a new {made.role} until {made.expires_at:%Y-%m-%d %H:%M} UTC")


@app.command("role")
def role(name: str, role: str, workspace: WorkspaceOption = HERE) -> None:
    """Give somebody another role, at once."""
    context = open_context(workspace)
    changed = users.change_role(context, operator(), _number(context, name), role)
    _say(f"{changed.name} is {changed.role} now.")


@app.command("disable")
def disable(name: str, workspace: WorkspaceOption = HERE) -> None:
    """Shut somebody out at once, also from the API."""
    context = open_context(workspace)
    users.set_enabled(context, operator(), _number(context, name), False)
    _say(f"{name} is shut out.")


@app.command("enable")
def enable(name: str, workspace: WorkspaceOption = HERE) -> None:
    """Let somebody in again, also after wrong tries."""
    context = open_context(workspace)
    number = _number(context, name)
    users.set_enabled(context, operator(), number, True)
    users.unlock(context, operator(), number)
    _say(f"{name} may enter again.")


@app.command("reset-password")
def reset_password(name: str, workspace: WorkspaceOption = HERE) -> None:
    """Print a one-time password for somebody, whose sessions end."""
    context = open_context(workspace)
    password = users.reset_password(context, operator(), _number(context, name))
    _say(f"One-time password of {name}: {password}")


@app.command("token")
def token(
    name: str,
    scope: Annotated[list[str], typer.Option(help=f"One of {', '.join(Permission)}.")],
    label: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    days: Annotated[int, typer.Option(help="Days until it ends.")] = 90,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Print an API token in somebody's name; it is not shown again."""
    context = open_context(workspace)
    issued = users.issue_token_for(context, operator(), _number(context, name), label, _scopes(scope), days)
    typer.echo(issued[1])


def _scopes(names: Sequence[str]) -> list[Permission]:
    try:
        return [Permission(name) for name in names]
    except ValueError as error:
        raise AccessError(f"{error}; known: {', '.join(Permission)}") from error


def _number(context: Context, name: str) -> int:
    return find_account(context.store, name).id


def _state(row: UserRow) -> str:
    return "locked" if row.account.enabled and row.account.locked else row.account.state


def _plain(row: UserRow) -> dict[str, object]:
    account = row.account
    return {
        "name": account.name, "role": account.role, "state": _state(row), "email": account.email,
        "must_change": account.must_change, "sessions": row.sessions, "tokens": row.tokens,
    }  # fmt: skip


def _say(text: str) -> None:
    out.print(text, markup=False, soft_wrap=True)
