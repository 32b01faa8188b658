"""Measure a tuned policy against the one in service on questions it never saw."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.models import POLICY_FILE, model_folder, record_decision
from annotate.jobs.pairs import contender_print, put_answer
from annotate.jobs.policy_behaviour import Asked, compare_behaviour
from annotate.jobs.policy_panel import Votes, ask_panel
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.train import train_questions
from annotate.labelling import PairView
from annotate.labelling.views import view_answer
from annotate.store import AnswerRecord, ContenderRecord, Question
from rag import Contender, Generator
from rag.language import detect_language
from training import Decision, Interval, bootstrap_by_question, decide
from training.evaluation.changes import Change
from training.evaluation.records import record_evaluation
from training.evaluation.report import write_report
from training.evaluation.win_rates import WinRate, panel_values, win_rate_of

BATCH = 16
GENERAL_FILE = "general.jsonl"  # of the workspace: the frozen general set, texts or demonstrations
WORST_RISE = 0.1  # nats a token on the general set; a policy that surely lost more is not promoted


@dataclass(frozen=True)
class Measured:
    """Hold all that was measured of a policy against the one in service."""

    rate: WinRate
    judges: dict[str, Interval]
    turned: dict[str, float]
    behaviour: dict[str, Change]
    general: Change | None
    same_answers: int


def evaluate_policy(
    context: Context, model_id: int, questions: int | None = None, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Let a tuned policy answer held-out questions against the one in service, and put it to the gate.

    A panel of machine assessors judges each pair of answers in both orders; a question's value is their mean:
    1 for a win, 0.5 for a tie, 0 for a loss. Intervals are bootstrapped over questions. Refusals, citations
    and, where the workspace has a frozen general set, regressions on it are measured beside; all of it is on
    the report page of the run. Raises JobError when the model is no policy or no question is held out.
    """
    reporter = reporter or Silent()
    role, folder = model_folder(context.store, model_id)
    if role != "policy":
        raise JobError(f"model {model_id} is a {role}; only a policy can be promoted by win rate")
    held_out = held_out_questions(context, folder, questions)
    contender, in_service = context.contenders()[0]
    sides = {"old": context.generator(in_service), "new": context.generator_from(folder / POLICY_FILE)}
    answers = {
        side: _answers(context, held_out, contender, generator, reporter, side)
        for side, generator in sides.items()
    }
    with reporter.track("measuring refusals, citations and regressions"):
        behaviour = compare_behaviour(context, held_out, answers["old"], answers["new"])
        general = _general(context, folder)
    measured = _measure(context, held_out, answers, reporter, behaviour, general)
    decision = gate_policy(measured)
    report = evidence_of(measured, decision)
    write_page(folder, measured)
    record_decision(
        context.store, model_id, promoted=decision.promote, reason=decision.reason, evidence=report
    )
    return report


def _measure(
    context: Context,
    held_out: Sequence[Asked],
    answers: dict[str, list[AnswerRecord]],
    reporter: Reporter,
    behaviour: dict[str, Change],
    general: Change | None,
) -> Measured:
    """Ask the panel about the answers that differ; equal answers are a tie without asking."""
    new, old = answers["new"], answers["old"]
    differ = [at for at in range(len(held_out)) if new[at].text != old[at].text]
    votes = (
        ask_panel(context, [_pair(held_out[at], new[at], old[at]) for at in differ], reporter)
        if differ
        else []
    )
    values = np.full(len(held_out), 0.5)
    if differ:
        values[differ] = panel_values([one.values for one in votes])
    lengths = [[len(answer.text) for answer in side] for side in (new, old)]
    keys = [key for key, _, _ in held_out]
    rng = np.random.default_rng(context.settings.seed)
    return Measured(
        rate=win_rate_of(values, lengths[0], lengths[1], keys, rng),
        judges={one.judge: _judge_rate(one, differ, keys, rng) for one in votes},
        turned={one.judge: one.turned for one in votes},
        behaviour=behaviour,
        general=general,
        same_answers=len(held_out) - len(differ),
    )


def _judge_rate(
    votes: Votes, differ: Sequence[int], keys: Sequence[int], rng: np.random.Generator
) -> Interval:
    """Return one judge's own win rate; pairs it abstained from, and equal answers, are ties."""
    values = np.full(len(keys), 0.5)
    values[list(differ)] = [0.5 if value is None else value for value in votes.values]
    return bootstrap_by_question(values, keys, rng)


def gate_policy(measured: Measured) -> Decision:
    """Promote what surely wins, still wins with length held equal, and did not surely forget."""
    rate, general = measured.rate, measured.general
    decision = decide(rate.plain)
    if decision.promote and rate.controlled.value <= 0.5:
        return Decision(
            False,
            f"not promoted: it wins by length; with length held equal {rate.controlled.value:.3f}",
        )
    if decision.promote and general is not None and general.change.low > WORST_RISE:
        return Decision(
            False,
            f"not promoted: the loss on the general set rose by {general.change.value:.3f} nats a token, "
            f"surely more than {WORST_RISE:g}",
        )
    return decision


def evidence_of(measured: Measured, decision: Decision) -> dict[str, Any]:
    """Return the evidence of the decision as plain values."""
    rate = measured.rate
    return {
        "value": rate.plain.value,
        "ci": _bounds(rate.plain),
        "n": rate.plain.n,
        "same_answers": measured.same_answers,
        "length_controlled": {"value": rate.controlled.value, "ci": _bounds(rate.controlled)},
        "wins": rate.wins,
        "ties": rate.ties,
        "losses": rate.losses,
        "longer": rate.longer,
        "judges": {
            name: {"value": one.value, "ci": _bounds(one), "turned": measured.turned[name]}
            for name, one in measured.judges.items()
        },
        "behaviour": {name: _plain(change) for name, change in measured.behaviour.items()},
        "general": _plain(measured.general) if measured.general else None,
        "promoted": decision.promote,
        "reason": decision.reason,
    }


def write_page(folder: Path, measured: Measured) -> None:
    """Add what was measured to the run's report."""
    judges = {name: vars(one) for name, one in measured.judges.items()}
    record_evaluation(folder, "win_rate", {**vars(measured.rate), "judges": judges})
    record_evaluation(folder, "behaviour", measured.behaviour)
    if measured.general:
        record_evaluation(folder, "general", {"loss in nats a token (more is worse)": measured.general})
    write_report(folder)


def _general(context: Context, folder: Path) -> Change | None:
    """Measure the policy on the frozen general set against what it was tuned from, where both are there."""
    rows, base = context.workspace.folder / GENERAL_FILE, _base_of(folder)
    if not rows.is_file() or base is None or not (folder / "model" / "config.json").is_file():
        return None
    from training.evaluation.general import general_change

    return general_change(base, folder / "model", rows, context.settings.seed)


def _base_of(folder: Path) -> Path | None:
    claim = folder / "run.json"
    if not claim.is_file():
        return None
    base = Path(json.loads(claim.read_text("utf-8"))["recipe"]["base"])
    return base if (base / "config.json").is_file() else None


def _plain(change: Change) -> dict[str, Any]:
    return {
        "before": change.before.value,
        "after": change.after.value,
        "change": change.change.value,
        "ci": _bounds(change.change),
    }


def _bounds(interval: Interval) -> list[float | None]:
    return [bound if np.isfinite(bound) else None for bound in (interval.low, interval.high)]


def held_out_questions(context: Context, folder: Path, limit: int | None) -> list[Asked]:
    """Return the questions that a run was not trained on, always the same sample; raise JobError for none."""
    trained = train_questions(folder)
    with context.store.reading() as session:
        rows = list(session.execute(select(Question.id, Question.key, Question.text, Question.documents)))
    # Drawn by hash, so that it is the same sample however often this runs.
    rows.sort(key=lambda row: hashlib.sha256(row[1].encode()).digest())
    held_out = [(key, text, bool(known)) for key, name, text, known in rows if name not in trained][:limit]
    if not held_out:
        raise JobError("no question is held out: the model was trained on all of them")
    return held_out


def _answers(
    context: Context,
    questions: Sequence[Asked],
    contender: Contender,
    generator: Generator,
    reporter: Reporter,
    side: str,
) -> list[AnswerRecord]:
    """Return the stored answers of one policy, writing those that are missing in batches."""
    fingerprint = contender_print(contender, generator.fingerprint, context.reranker)
    known = _stored(context, fingerprint)
    missing = [question for question in questions if question[0] not in known]
    if missing:
        answerer = context.answerer(context.retriever(), generator)
        with reporter.track(f"answers of the {side} policy") as progress:
            for at in range(0, len(missing), BATCH):
                some = missing[at : at + BATCH]
                made = answerer.answer([text for _, text, _ in some], contender)
                with context.store.writing.begin() as session:
                    for (question_id, _, _), answer in zip(some, made, strict=True):
                        put_answer(session, question_id, answer, fingerprint)
                progress(at + len(some), len(missing))
        known = _stored(context, fingerprint)
    return [known[question_id] for question_id, _, _ in questions]


def _stored(context: Context, fingerprint: str) -> dict[int, AnswerRecord]:
    with context.store.reading() as session:
        found = session.scalars(
            select(AnswerRecord).join(ContenderRecord).where(ContenderRecord.fingerprint == fingerprint)
        )
        return {answer.question_id: answer for answer in found}


def _pair(question: Asked, a: AnswerRecord, b: AnswerRecord) -> PairView:
    return PairView(0, question[1], detect_language(question[1]), view_answer(a), view_answer(b))
