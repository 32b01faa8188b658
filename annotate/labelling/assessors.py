"""Register assessors: people and machines, never one as the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from annotate.errors import LabellingError
from annotate.store import Assessor, Store

Kind = Literal["person", "machine"]


@dataclass(frozen=True)
class AssessorView:
    """Show one assessor."""

    id: int
    name: str
    kind: str
    languages: tuple[str, ...]
    active: bool


def register(
    store: Store, name: str, kind: Kind, languages: Sequence[str] = ("en", "ru"), fingerprint: str = ""
) -> AssessorView:
    """Add an assessor, or return the one of that name.

    Raises LabellingError when the name belongs to the other kind, or to a machine with other
    settings: a machine that changed is another assessor.
    """
    name = name.strip()
    if not name:
        raise LabellingError("an assessor needs a name")
    with store.writing.begin() as session:
        found = session.scalar(select(Assessor).where(Assessor.name == name))
        if found is None:
            found = Assessor(
                name=name, kind=kind, languages=list(languages), fingerprint=fingerprint, active=True
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


def set_active(store: Store, name: str, active: bool) -> AssessorView:
    """Let an assessor work, or stop handing tasks out; raise LabellingError for an unknown name."""
    with store.writing.begin() as session:
        found = session.scalar(select(Assessor).where(Assessor.name == name))
        if found is None:
            raise LabellingError(f"no assessor named {name}")
        found.active = active
        return _view(found)


def _view(record: Assessor) -> AssessorView:
    return AssessorView(record.id, record.name, record.kind, tuple(record.languages), record.active)
