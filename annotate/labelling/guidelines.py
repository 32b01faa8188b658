"""Keep the versions of the assessors' guidelines, named by the hash of their content.

Adopting a version that is not the current one is an event; the last one adopted is current. A
campaign may stay with a version of its own: its rule `guideline` names the hash.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.labelling.guideline_changes import TextChange, compare_texts
from annotate.store import Assessor, Campaign, Confirmation, Event, Guideline, Store

ADOPTED = "adopted"
CONFIRMED = "confirmed"


@dataclass(frozen=True)
class GuidelineVersion:
    """Hold one version: texts by `language/name`."""

    id: int
    content_hash: str
    texts: dict[str, str]

    def in_language(self, language: str) -> dict[str, str]:
        """Return the texts of one language by name, English ones where there is none."""
        chosen = language if any(key.startswith(f"{language}/") for key in self.texts) else "en"
        return {
            key.split("/", 1)[1]: text for key, text in self.texts.items() if key.startswith(f"{chosen}/")
        }


@dataclass(frozen=True)
class PendingChanges:
    """Hold what an assessor has to confirm: the version read last, the one that applies, and the changes.

    Without an earlier version there is nothing to compare: all of it is new.
    """

    read: GuidelineVersion | None
    current: GuidelineVersion
    changes: tuple[TextChange, ...]


def adopt_guidelines(store: Store, folder: Path) -> GuidelineVersion:
    """Read the guidelines and make them the current version; equal content is the same version.

    Raises LabellingError when the folder holds no `LANGUAGE/NAME.md`.
    """
    texts = {
        f"{path.parent.name}/{path.stem}": path.read_text("utf-8") for path in sorted(folder.glob("*/*.md"))
    }
    if not texts:
        raise LabellingError(f"{folder}: no guidelines here (expected en/*.md, ru/*.md)")
    content_hash = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    with store.writing.begin() as session:
        current = current_record(session)
        if current is not None and current.content_hash == content_hash:
            return _view(current)
        record = session.scalar(select(Guideline).where(Guideline.content_hash == content_hash))
        if record is None:
            record = Guideline(content_hash=content_hash, texts=texts)
            session.add(record)
            session.flush()
        session.add(Event(kind=ADOPTED, details={"guideline": record.id, "content_hash": content_hash}))
        return _view(record)


def current_record(session: Session, campaign: Campaign | None = None) -> Guideline | None:
    """Return the version that a campaign, or the store, works under; None before the first."""
    pinned = (campaign.rules or {}).get("guideline") if campaign else None
    if pinned:
        return session.scalar(select(Guideline).where(Guideline.content_hash == str(pinned)))
    adopted = session.scalar(select(Event).where(Event.kind == ADOPTED).order_by(Event.id.desc()).limit(1))
    if adopted is not None:
        return session.get(Guideline, int(adopted.details["guideline"]))
    return session.scalar(select(Guideline).order_by(Guideline.id.desc()).limit(1))


def current_guideline(store: Store, campaign: str | None = None) -> GuidelineVersion:
    """Return the version in force; raise LabellingError when there is none or no such campaign."""
    with store.reading() as session:
        return _view(_in_force(session, campaign))


def list_guidelines(store: Store) -> list[GuidelineVersion]:
    """Return all versions, oldest first."""
    with store.reading() as session:
        return [_view(record) for record in session.scalars(select(Guideline).order_by(Guideline.id))]


def find_guideline(store: Store, name: str) -> GuidelineVersion:
    """Return the version of this number, or whose hash begins so; raise LabellingError unless it is one."""
    found = [
        version
        for version in list_guidelines(store)
        if str(version.id) == name or (len(name) >= 4 and version.content_hash.startswith(name))
    ]
    if len(found) != 1:
        raise LabellingError(f"no version {name} of the guidelines; see `pairloop guideline list`")
    return found[0]


def compare_guidelines(
    old: GuidelineVersion, new: GuidelineVersion, language: str | None = None
) -> tuple[TextChange, ...]:
    """Return what changed between two versions, file by file; `language` keeps those of one language."""
    changes = compare_texts(old.texts, new.texts)
    return tuple(change for change in changes if language in (None, change.language))


def confirm_guideline(store: Store, assessor_id: int, guideline_id: int) -> None:
    """Record that an assessor has read a version; again changes nothing.

    Raises LabellingError for an unknown assessor or version.
    """
    with store.writing.begin() as session:
        assessor = session.get(Assessor, assessor_id, with_for_update=True)
        if assessor is None or session.get(Guideline, guideline_id) is None:
            raise LabellingError("no such assessor or version of the guidelines")
        if not is_confirmed(session, assessor_id, guideline_id):
            session.add(Confirmation(assessor_id=assessor_id, guideline_id=guideline_id))
            session.add(Event(kind=CONFIRMED, assessor_id=assessor_id, details={"guideline": guideline_id}))


def is_confirmed(session: Session, assessor_id: int, guideline_id: int) -> bool:
    """Return whether the assessor has confirmed this very version."""
    wanted = (Confirmation.assessor_id == assessor_id) & (Confirmation.guideline_id == guideline_id)
    return session.scalar(select(func.count(Confirmation.id)).where(wanted)) == 1


def pending_changes(
    store: Store, assessor_id: int, campaign: str | None = None, language: str | None = None
) -> PendingChanges | None:
    """Return what the assessor has yet to confirm of the version in force; None when it is confirmed."""
    with store.reading() as session:
        current = _in_force(session, campaign)
        if is_confirmed(session, assessor_id, current.id):
            return None
        last = session.scalar(
            select(Guideline)
            .join(Confirmation, Confirmation.guideline_id == Guideline.id)
            .where(Confirmation.assessor_id == assessor_id)
            .order_by(Confirmation.at.desc(), Confirmation.id.desc())
            .limit(1)
        )
        new, old = _view(current), _view(last) if last else None
    return PendingChanges(old, new, compare_guidelines(old, new, language) if old else ())


def section(version: GuidelineVersion, language: str, place: str) -> str:
    """Return the passage of the guidelines at `name#Heading`, the heading being the English one.

    The languages have the same headings in the same order. Empty where there is no such place.
    """
    name, _, heading = place.partition("#")
    english, own = version.in_language("en").get(name, ""), version.in_language(language).get(name, "")
    headings = [title for title, _ in _sections(english)]
    parts = _sections(own)
    if heading not in headings or headings.index(heading) >= len(parts):
        return ""
    return parts[headings.index(heading)][1]


def _sections(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("#"):
            found.append((line.lstrip("#").strip(), []))
        if found:
            found[-1][1].append(line)
    return [(title, "\n".join(lines).strip()) for title, lines in found]


def _in_force(session: Session, campaign: str | None) -> Guideline:
    record = None
    if campaign is not None:
        record = session.scalar(select(Campaign).where(Campaign.name == campaign))
        if record is None:
            raise LabellingError(f"no campaign named {campaign}")
    found = current_record(session, record)
    if found is None:
        raise LabellingError("there are no guidelines yet")
    return found


def _view(record: Guideline) -> GuidelineVersion:
    return GuidelineVersion(record.id, record.content_hash, dict(record.texts))
