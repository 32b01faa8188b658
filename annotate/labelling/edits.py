"""Pair an answer with the text that an asker made of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.store import AnswerRecord, ContenderRecord, Pair

EDIT = "edit"  # the name of the contender, and where an answer of a model has the weights' fingerprint


@dataclass(frozen=True)
class Edit:
    """Hold an edited answer, with its sentences as those of answers are stored."""

    text: str
    sentences: list[dict[str, Any]]


def pair_with_edit(session: Session, answer_id: int, edit: Edit) -> int:
    """Return the pair of an answer and its edited text, which stands second; equal texts are one answer.

    Raises LabellingError when nothing was changed.
    """
    original = session.get_one(AnswerRecord, answer_id)
    if " ".join(original.text.split()) == " ".join(edit.text.split()):
        raise LabellingError("the edited text is the answer as it was")
    second = _answer(session, original, edit)
    known = session.scalar(select(Pair.id).where(Pair.first_id == answer_id, Pair.second_id == second))
    if known is not None:
        return known
    pair = Pair(question_id=original.question_id, first_id=answer_id, second_id=second)
    session.add(pair)
    session.flush()
    return pair.id


def _answer(session: Session, original: AnswerRecord, edit: Edit) -> int:
    print_ = hashlib.sha256(f"{EDIT}|{original.id}|{edit.text}".encode()).hexdigest()[:16]
    contender = session.scalar(select(ContenderRecord).where(ContenderRecord.fingerprint == print_))
    if contender is None:
        contender = ContenderRecord(name=EDIT, fingerprint=print_, settings={"edited": original.id})
        session.add(contender)
        session.flush()
    known = session.scalar(
        select(AnswerRecord.id).where(
            AnswerRecord.question_id == original.question_id, AnswerRecord.contender_id == contender.id
        )
    )
    if known is not None:
        return known
    made = AnswerRecord(
        question_id=original.question_id,
        contender_id=contender.id,
        text=edit.text.strip(),
        sentences=edit.sentences,
        passages=original.passages,
        prompt=original.prompt,
        model_fingerprint=EDIT,
        index_fingerprint=original.index_fingerprint,
        circumstances={"edited": original.id},
    )
    session.add(made)
    session.flush()
    return made.id
