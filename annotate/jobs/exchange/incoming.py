"""Find or make what an imported judgement is about: question, answers, pair."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.bridges.formats import JudgementRecord
from annotate.jobs.questions import question_from_text
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question
from rag.citations import cited_sentences
from rag.language import detect_language

UNKNOWN = "unknown"  # the contender of answers whose model is not named
IMPORTED = "imported"  # the mark of answers that were not made here


@dataclass
class Incoming:
    """Hold a judgement on its way into the ledger, or the reason why it stays out.

    `turned` says that the ledger holds the pair in the other order.
    """

    place: str
    line: int
    record: JudgementRecord
    reason: str = ""
    pair_id: int = 0
    turned: bool = False


@dataclass
class _Known:
    """Hold an answer that is stored, or will be with the next flush."""

    name: str
    prompt: list[Any]
    stored: int | AnswerRecord

    @property
    def id(self) -> int:
        return self.stored if isinstance(self.stored, int) else self.stored.id


_AnswerKey = tuple[int, str, str]  # question, text, passages


def put_pairs(session: Session, items: Sequence[Incoming]) -> None:
    """Give each item its pair, made where it is new; those that cannot have one get a reason."""
    _check_pairs(session, [item for item in items if item.record.pair is not None])
    texts = [item for item in items if item.record.pair is None]
    questions = _put_questions(session, texts)
    texts = [item for item in texts if not item.reason]
    answers = _put_answers(session, texts, questions)
    known = {
        (first, second): pair_id
        for pair_id, first, second in session.execute(
            select(Pair.id, Pair.first_id, Pair.second_id).where(
                Pair.question_id.in_({questions[_key(item.record)].id for item in texts})
            )
        )
    }
    made: dict[tuple[int, int], Pair] = {}
    for item, (first, second) in zip(texts, answers, strict=True):
        item.turned = (second, first) in known or (second, first) in made
        if not item.turned and (first, second) not in known and (first, second) not in made:
            question = questions[_key(item.record)]
            made[first, second] = Pair(question_id=question.id, first_id=first, second_id=second)
    session.add_all(made.values())
    session.flush()
    known |= {sides: pair.id for sides, pair in made.items()}
    for item, (first, second) in zip(texts, answers, strict=True):
        item.pair_id = known[(second, first) if item.turned else (first, second)]


def _check_pairs(session: Session, items: Sequence[Incoming]) -> None:
    wanted = {item.record.pair for item in items}
    known = set(session.scalars(select(Pair.id).where(Pair.id.in_(wanted)))) if wanted else set()
    for item in items:
        item.pair_id = item.record.pair or 0
        if item.pair_id not in known:
            item.reason = f"there is no pair {item.record.pair} in this workspace"


def _key(record: JudgementRecord) -> str:
    return record.question_id or question_from_text(record.question).key


def _put_questions(session: Session, items: Sequence[Incoming]) -> dict[str, Question]:
    keys = {_key(item.record) for item in items}
    known = {one.key: one for one in session.scalars(select(Question).where(Question.key.in_(keys)))}
    for item in items:
        key, text = _key(item.record), item.record.question
        if key not in known:
            language = item.record.language or detect_language(text)
            known[key] = Question(key=key, text=text, language=language)
            session.add(known[key])
        elif known[key].text.split() != text.split():
            item.reason = f"question {key} has another text in this workspace"
    session.flush()
    return known


def _put_answers(
    session: Session, items: Sequence[Incoming], questions: dict[str, Question]
) -> list[tuple[int, int]]:
    """Return the ids of both answers of each item."""
    ids = {questions[_key(item.record)].id for item in items}
    known, used = _known_answers(session, ids)
    contenders = _Contenders(session)
    found: list[tuple[_Known, _Known]] = []
    for item in items:
        record, question = item.record, questions[_key(item.record)].id
        sides = []
        for text, passages, model in (
            (record.answer_a, record.passages_a, record.model_a),
            (record.answer_b, record.passages_b, record.model_b),
        ):
            stored = [stored_passage(passage) for passage in passages]
            candidates = known[question, text, _passages_key(stored)]
            answer = next((one for one in candidates if _fits(one, model, record.prompt)), None)
            if answer is None:
                fingerprint = _free(model or UNKNOWN, used[question])
                used[question].add(fingerprint)
                contender = contenders.get(model or UNKNOWN, fingerprint)
                made = _answer(question, contender, text, stored, record.prompt)
                session.add(made)
                answer = _Known(model or UNKNOWN, record.prompt, made)
                candidates.append(answer)
            sides.append(answer)
        found.append((sides[0], sides[1]))
    session.flush()
    return [(first.id, second.id) for first, second in found]


def _known_answers(
    session: Session, questions: set[int]
) -> tuple[dict[_AnswerKey, list[_Known]], dict[int, set[str]]]:
    rows = session.execute(
        select(
            AnswerRecord.id, AnswerRecord.question_id, AnswerRecord.text, AnswerRecord.passages,
            AnswerRecord.prompt, ContenderRecord.name, ContenderRecord.fingerprint,
        )
        .join(ContenderRecord, ContenderRecord.id == AnswerRecord.contender_id)
        .where(AnswerRecord.question_id.in_(questions))
        .order_by(AnswerRecord.id)
    )  # fmt: skip
    known: dict[_AnswerKey, list[_Known]] = defaultdict(list)
    used: dict[int, set[str]] = defaultdict(set)
    for answer, question, text, passages, prompt, name, fingerprint in rows:
        known[question, text, _passages_key(passages)].append(_Known(name, prompt, answer))
        used[question].add(fingerprint)
    return known, used


def _fits(answer: _Known, model: str, prompt: list[dict[str, str]]) -> bool:
    return (not model or model == answer.name) and (not prompt or prompt == answer.prompt)


def _free(name: str, used: set[str]) -> str:
    """Return the fingerprint of the first imported contender of a name with no answer to this question.

    A model that answered twice counts as two contenders: one contender answers a question once.
    """
    number = 1
    while (fingerprint := f"{IMPORTED}:{name}:{number}") in used:
        number += 1
    return fingerprint


class _Contenders:
    """Find contenders by fingerprint, and make the missing ones."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, ContenderRecord] = {}

    def get(self, name: str, fingerprint: str) -> ContenderRecord:
        if fingerprint not in self._known:
            wanted = select(ContenderRecord).where(ContenderRecord.fingerprint == fingerprint)
            with self._session.no_autoflush:
                found = self._session.scalar(wanted)
            made = ContenderRecord(name=name, fingerprint=fingerprint, settings={IMPORTED: True})
            self._known[fingerprint] = found or made
        return self._known[fingerprint]


def _answer(
    question: int,
    contender: ContenderRecord,
    text: str,
    passages: list[dict[str, Any]],
    prompt: list[dict[str, str]],
) -> AnswerRecord:
    return AnswerRecord(
        question_id=question,
        contender=contender,
        text=text,
        sentences=[{"text": part.text, "cited": list(part.numbers)} for part in cited_sentences(text)],
        passages=passages,
        prompt=prompt,
        model_fingerprint="",
        index_fingerprint="",
        circumstances={IMPORTED: True},
    )


def stored_passage(passage: Any) -> dict[str, Any]:
    """Return a passage of a file as answers keep theirs.

    The number of its chunk is below 0 and made of its content: no chunk of this corpus has it.
    """
    given: dict[str, Any] = {"text": passage} if isinstance(passage, str) else dict(passage)
    text = str(given.get("text", ""))
    digest = hashlib.sha256(_passages_key([given]).encode()).digest()
    return {
        "document": "",
        "title": "",
        "text_hash": hashlib.sha256(text.encode()).hexdigest(),
        "score": 0.0,
        "similarity": None,
        "published": None,
        **given,
        "text": text,
        "chunk": -1 - int.from_bytes(digest[:6], "big"),
    }


def _passages_key(passages: Sequence[dict[str, Any]]) -> str:
    content = [[str(one.get(name) or "") for name in ("document", "title", "text")] for one in passages]
    return json.dumps(content)
