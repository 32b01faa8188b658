"""Refuse, in the database itself, to change or delete what was written into the history."""

from __future__ import annotations

from sqlalchemy import Connection, text

HISTORIES = ("judgements", "events", "audit_entries")


def protect(connection: Connection, table: str) -> None:
    """Make a table append-only: updates and deletions of its rows fail."""
    for action in ("UPDATE", "DELETE"):
        connection.execute(text(_trigger(connection, table, action)))


def unprotect(connection: Connection, table: str) -> None:
    """Let the rows of a table be changed again, for a migration that rewrites it."""
    for action in ("UPDATE", "DELETE"):
        where = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER IF EXISTS {_name(table, action)}{where}"))


def _name(table: str, action: str) -> str:
    return f"{table}_refuse_{action.lower()}"


def _trigger(connection: Connection, table: str, action: str) -> str:
    if connection.dialect.name == "sqlite":
        return (
            f"CREATE TRIGGER {_name(table, action)} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        )
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END $$"
        )
    )
    return (
        f"CREATE TRIGGER {_name(table, action)} BEFORE {action} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
