"""Say what each role may do; screens, the API and the actions all ask here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from annotate.errors import AccessDenied


class Permission(StrEnum):
    """Name one thing that may be done; the value is also the scope of an API token."""

    LABEL = "label"  # take tasks, judge them, sit exams, read the guidelines
    ASK = "ask"  # ask the system, give feedback on its answers
    READ_QUALITY = "quality:read"  # progress, agreement, assessors, signals, coverage, gaps
    READ_PAIRS = "pairs:read"  # pairs, judgements, preferences and their lineage
    REVIEW = "review"  # adjudicate, settle signals
    MANAGE_CAMPAIGNS = "campaigns:manage"  # campaigns, quotas, gold, guidelines, assessors' limits
    EXPORT = "export"  # take preferences and judgements away
    READ_RUNS = "runs:read"  # training runs and models
    TRAIN = "runs:manage"  # start and cancel training runs, select, ingest, generate
    PROMOTE = "models:promote"  # promote and roll back models
    MANAGE_USERS = "users:manage"  # accounts, roles, invitations, other people's tokens and sessions
    READ_AUDIT = "audit:read"
    MANAGE_HOOKS = "webhooks:manage"


ASSESSOR, LEAD, ENGINEER, ADMIN = "assessor", "lead", "engineer", "admin"
_OF_ASSESSOR = frozenset({Permission.LABEL, Permission.ASK})
_OF_LEAD = _OF_ASSESSOR | {
    Permission.READ_QUALITY,
    Permission.READ_PAIRS,
    Permission.REVIEW,
    Permission.MANAGE_CAMPAIGNS,
    Permission.EXPORT,
    Permission.READ_RUNS,
}
_OF_ENGINEER = _OF_ASSESSOR | {
    Permission.READ_QUALITY,
    Permission.READ_PAIRS,
    Permission.EXPORT,
    Permission.READ_RUNS,
    Permission.TRAIN,
    Permission.PROMOTE,
    Permission.MANAGE_HOOKS,
}
ROLES: dict[str, frozenset[Permission]] = {
    ASSESSOR: _OF_ASSESSOR,
    LEAD: _OF_LEAD,
    ENGINEER: _OF_ENGINEER,
    ADMIN: frozenset(Permission),
}


@dataclass(frozen=True)
class Actor:
    """Know who acts: an account, by browser or by token; `permissions` already heed a token's scopes."""

    account_id: int | None
    name: str
    role: str
    assessor_id: int | None = None
    language: str = ""
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def may(self, permission: Permission) -> bool:
        """Tell whether this actor may do something."""
        return permission in self.permissions

    def demand(self, permission: Permission) -> None:
        """Raise AccessDenied where this actor may not do something."""
        if not self.may(permission):
            raise AccessDenied(
                f"{self.name} ({self.role}) may not do this; it takes the right {permission.value}"
            )


def operator() -> Actor:
    """Return the actor at the command line, who owns the workspace's files and so may do everything."""
    return Actor(None, "the operator", ADMIN, permissions=ROLES[ADMIN])
