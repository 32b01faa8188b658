"""Register assessors: people, machines and askers, never one as the other; say what each may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.store import Assessor, Store
from annotate.store.ledger import ACTIVE, PAUSED

Kind = Literal["person", "machine", "asker"]


@dataclass(frozen=True)
class AssessorView:
    """Show one assessor; without languages any language will do."""

    id: int
    name: str
    kind: str
    languages: tuple[str, ...]
    skills: tuple[str, ...] = ()
    daily_limit: int | None = None
    state: str = ACTIVE
    state_reason: str = ""

    @property
    def active(self) -> bool:
        """Tell whether tasks are handed out to this assessor."""
        return self.state == ACTIVE


def register(
    store: Store,
    name: str,
    kind: Kind,
    languages: Sequence[str] = ("en", "ru"),
    fingerprint: str = "",
    *,
    skills: Sequence[str] = (),
    daily_limit: int | None = None,
) -> AssessorView:
    """Add an assessor, or return the one of that name as it is.

    Raises LabellingError when the name belongs to the other kind, or to a machine with other
    settings: a machine that changed is another assessor.
    """
    name = name.strip()
    if not name:
        raise LabellingError("an assessor needs a name")
    _check_limit(daily_limit)
    with store.writing.begin() as session:
        found = session.scalar(select(Assessor).where(Assessor.name == name))
        if found is None:
            found = Assessor(
                name=name,
                kind=kind,
                languages=list(languages),
                fingerprint=fingerprint,
                skills=list(skills),
                daily_limit=daily_limit,
                state=ACTIVE,
                state_reason="",
            )
            session.add(found)
            session.flush()
        elif found.kind != kind:
            raise LabellingError(f"{name} is a {found.kind}; choose another name for this {kind}")
        elif found.fingerprint != fingerprint:
            raise LabellingError(f"{name} was registered with other settings; choose another name")
        return _view(found)


def list_assessors(store: Store) -> list[AssessorView]:
    """Return all assessors by name."""
    with store.reading() as session:
        return [_view(found) for found in session.scalars(select(Assessor).order_by(Assessor.name))]


def find_assessor(store: Store, name: str) -> AssessorView:
    """Return an assessor; raise LabellingError for an unknown name."""
    with store.reading() as session:
        return _view(_named(session, name))


def describe(
    store: Store,
    name: str,
    *,
    languages: Sequence[str] | None = None,
    skills: Sequence[str] | None = None,
    daily_limit: int | None = None,
) -> AssessorView:
    """Change what an assessor can do; what is None stays, a daily limit of 0 lifts the limit."""
    _check_limit(daily_limit or None)
    with store.writing.begin() as session:
        found = _named(session, name)
        if languages is not None:
            found.languages = list(languages)
        if skills is not None:
            found.skills = list(skills)
        if daily_limit is not None:
            found.daily_limit = daily_limit or None
        return _view(found)


def set_active(store: Store, name: str, active: bool, reason: str = "set by hand") -> AssessorView:
    """Let an assessor work, or stop handing tasks out; raise LabellingError for an unknown name."""
    with store.writing.begin() as session:
        found = _named(session, name)
        set_state(session, found, ACTIVE if active else PAUSED, "" if active else reason)
        return _view(found)


def set_state(session: Session, assessor: Assessor, state: str, reason: str) -> None:
    """Let an assessor work (`active`), or not for now (`paused`) or ever (`banned`); it is recorded."""
    assessor.state, assessor.state_reason = state, reason
    session.flush()
    record(session, state, clock_now(session), assessor_id=assessor.id, reason=reason)


def _named(session: Session, name: str) -> Assessor:
    found = session.scalar(select(Assessor).where(Assessor.name == name))
    if found is None:
        raise LabellingError(f"no assessor named {name}")
    return found


def _check_limit(daily_limit: int | None) -> None:
    if daily_limit is not None and daily_limit < 1:
        raise LabellingError("a daily limit is at least 1")


def _view(found: Assessor) -> AssessorView:
    return AssessorView(
        found.id,
        found.name,
        found.kind,
        tuple(found.languages),
        tuple(found.skills),
        found.daily_limit,
        found.state,
        found.state_reason,
    )
