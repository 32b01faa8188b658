"""Discuss a task: remarks with their author and time, shown in its review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from annotate.errors import LabellingError
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.store import Assessor, Note, Store, Task

NOTED = "noted"


@dataclass(frozen=True)
class NoteView:
    """Show one remark."""

    id: int
    task_id: int
    author: str
    text: str
    at: datetime


def add_note(store: Store, task_id: int, assessor_id: int, text: str) -> NoteView:
    """Add a remark to the discussion of a task.

    Raises LabellingError for an empty remark, an unknown task or an unknown author.
    """
    if not text.strip():
        raise LabellingError("a note needs a text")
    with store.writing.begin() as session:
        if session.get(Task, task_id) is None or session.get(Assessor, assessor_id) is None:
            raise LabellingError(f"no task {task_id}, or no such author")
        moment = clock_now(session)
        note = Note(task_id=task_id, assessor_id=assessor_id, text=text.strip(), at=moment)
        session.add(note)
        session.flush()
        record(session, NOTED, moment, task_id=task_id, assessor_id=assessor_id, note=note.id)
        return _view(note)


def list_notes(store: Store, task_id: int) -> list[NoteView]:
    """Return the discussion of a task, oldest first."""
    with store.reading() as session:
        notes = session.scalars(select(Note).where(Note.task_id == task_id).order_by(Note.id))
        return [_view(note) for note in notes]


def _view(note: Note) -> NoteView:
    return NoteView(note.id, note.task_id, note.assessor.name, note.text, note.at)
