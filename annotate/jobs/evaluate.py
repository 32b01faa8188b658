"""Measure a tuned policy against the one in service on questions it never saw."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.judges import LABELERS, make_labeler
from annotate.jobs.models import POLICY_FILE, model_folder, record_decision
from annotate.jobs.pairs import contender_print, put_answer
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.train import train_questions
from annotate.labelers import MachineJudgement
from annotate.labelling import PairView
from annotate.labelling.verdicts import outcome
from annotate.labelling.views import view_answer
from annotate.store import AnswerRecord, ContenderRecord, Question
from rag import Contender, Generator
from rag.language import detect_language
from training import Interval, bootstrap_by_question, decide

BATCH = 16


def evaluate_policy(
    context: Context, model_id: int, questions: int | None = None, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Let a tuned policy answer held-out questions against the one in service, and put it to the gate.

    Every machine assessor judges each pair of answers; a question's value is their mean: 1 for a
    win, 0.5 for a tie, 0 for a loss. The interval is bootstrapped over questions.
    Raises JobError when the model is no policy or no question is held out.
    """
    reporter = reporter or Silent()
    role, folder = model_folder(context.store, model_id)
    if role != "policy":
        raise JobError(f"model {model_id} is a {role}; only a policy can be promoted by win rate")
    held_out = _held_out(context, folder, questions)
    contender, in_service = context.contenders()[0]
    sides = {"old": context.generator(in_service), "new": context.generator_from(folder / POLICY_FILE)}
    answers = {
        side: _answers(context, held_out, contender, generator, reporter, side)
        for side, generator in sides.items()
    }
    values = _values(context, held_out, answers["new"], answers["old"], reporter)
    interval = bootstrap_by_question(
        values, [key for key, _ in held_out], np.random.default_rng(context.settings.seed)
    )
    decision = decide(interval)
    report = {
        "value": interval.value,
        "ci": _bounds(interval),
        "n": interval.n,
        "same_answers": sum(
            new.text == old.text for new, old in zip(answers["new"], answers["old"], strict=True)
        ),
        "promoted": decision.promote,
        "reason": decision.reason,
    }
    record_decision(
        context.store, model_id, promoted=decision.promote, reason=decision.reason, evidence=report
    )
    return report


def _bounds(interval: Interval) -> list[float | None]:
    return [bound if np.isfinite(bound) else None for bound in (interval.low, interval.high)]


def _held_out(context: Context, folder: Path, limit: int | None) -> list[tuple[int, str]]:
    trained = train_questions(folder)
    with context.store.reading() as session:
        rows = list(session.execute(select(Question.id, Question.key, Question.text)))
    # Drawn by hash, so that it is the same sample however often this runs.
    rows.sort(key=lambda row: hashlib.sha256(row[1].encode()).digest())
    held_out = [(key, text) for key, name, text in rows if name not in trained][:limit]
    if not held_out:
        raise JobError("no question is held out: the policy was trained on all of them")
    return held_out


def _answers(
    context: Context,
    questions: Sequence[tuple[int, str]],
    contender: Contender,
    generator: Generator,
    reporter: Reporter,
    side: str,
) -> list[AnswerRecord]:
    """Return the stored answers of one policy, writing those that are missing in batches."""
    fingerprint = contender_print(contender, generator.fingerprint)
    known = _stored(context, fingerprint)
    missing = [question for question in questions if question[0] not in known]
    if missing:
        answerer = context.answerer(context.retriever(), generator)
        with reporter.track(f"answers of the {side} policy") as progress:
            for at in range(0, len(missing), BATCH):
                some = missing[at : at + BATCH]
                made = answerer.answer([text for _, text in some], contender)
                with context.store.writing.begin() as session:
                    for (question_id, _), answer in zip(some, made, strict=True):
                        put_answer(session, question_id, answer, fingerprint)
                progress(at + len(some), len(missing))
        known = _stored(context, fingerprint)
    return [known[question_id] for question_id, _ in questions]


def _stored(context: Context, fingerprint: str) -> dict[int, AnswerRecord]:
    with context.store.reading() as session:
        found = session.scalars(
            select(AnswerRecord).join(ContenderRecord).where(ContenderRecord.fingerprint == fingerprint)
        )
        return {answer.question_id: answer for answer in found}


def _values(
    context: Context,
    questions: Sequence[tuple[int, str]],
    new: Sequence[AnswerRecord],
    old: Sequence[AnswerRecord],
    reporter: Reporter,
) -> list[float]:
    """Return each question's value for the new policy; equal answers are a tie without asking."""
    values = np.full(len(questions), 0.5)
    differ = [at for at in range(len(questions)) if new[at].text != old[at].text]
    # Who stands first alternates, so that no judge's liking for a place helps either policy.
    pairs = [_pair(questions[at], *((new[at], old[at]) if at % 2 else (old[at], new[at]))) for at in differ]
    if pairs:
        scores, judges = np.zeros(len(pairs)), np.zeros(len(pairs))
        wins = [("second", "first")[at % 2] for at in differ]
        for name in LABELERS:
            with reporter.track(f"{name} compares the policies") as progress:
                judged = make_labeler(context, name).judge(pairs, progress)
            for at, (found, win) in enumerate(zip(judged, wins, strict=True)):
                if isinstance(found, MachineJudgement):
                    scores[at] += _score(found.verdict, win)
                    judges[at] += 1
        values[differ] = np.divide(scores, judges, out=np.full(len(pairs), 0.5), where=judges > 0)
    return [float(value) for value in values]


def _score(verdict: str, win: str) -> float:
    named = outcome(verdict)
    return 0.5 if named in ("tie", "both_bad") else float(named == win)


def _pair(question: tuple[int, str], a: AnswerRecord, b: AnswerRecord) -> PairView:
    return PairView(0, question[1], detect_language(question[1]), view_answer(a), view_answer(b))
