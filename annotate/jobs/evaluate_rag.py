"""Measure retrieval and answers, of the workspace or of a file, by language and by cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.evaluation_files import (
    EvaluationAnswer,
    EvaluationQuestion,
    read_evaluation_answers,
    read_evaluation_questions,
)
from annotate.jobs.progress import Reporter, Silent
from annotate.store import AnswerRecord, Cluster, ClusterMember, ContenderRecord, Question
from rag.evaluation import (
    Evidence,
    Measure,
    MeasuredAnswer,
    judge_answers,
    mean_of,
    measure_answers,
    measure_retrieval,
    summarise_answers,
)
from rag.evaluation.judging import CRITERIA
from rag.retrieval import MODES, Mode

CUTOFFS = (1, 3, 5, 10)
BATCH = 64  # questions searched, or answers measured, between two reports of progress


def evaluate_modes(
    context: Context,
    questions: Path | None = None,
    modes: Sequence[str] = MODES,
    reporter: Reporter | None = None,
) -> list[dict[str, Any]]:
    """Measure retrieval modes on a question file, or on the workspace's questions.

    Returns a row for each mode and group: all, each language, each cluster. Raises JobError when no
    question says what answers it, or for a mode that does not exist.
    """
    reporter = reporter or Silent()
    unknown = [mode for mode in modes if mode not in get_args(Mode)]
    if unknown or not modes:
        raise JobError(f"no such mode: {', '.join(unknown) or 'none given'}; there are {', '.join(MODES)}")
    asked = read_evaluation_questions(questions) if questions else _questions(context)
    if not any(len(question.evidence) for question in asked):
        raise JobError(
            "no question says what answers it; give `documents` or `passages` in the question file"
        )
    asked = _with_originals(context, asked)
    retriever = context.retriever()
    groups = _groups([(q.language, q.cluster, "") for q in asked])
    rows = []
    for mode in (found for found in MODES if found in modes):
        passages = []
        with reporter.track(f"retrieval, {mode}") as progress:
            for at in range(0, len(asked), BATCH):
                texts = [question.text for question in asked[at : at + BATCH]]
                passages += retriever.retrieve(texts, max(CUTOFFS), mode)
                progress(len(passages), len(asked))
        for group, places in groups.items():
            quality = measure_retrieval(
                [passages[at] for at in places],
                [asked[at].evidence for at in places],
                CUTOFFS,
                np.random.default_rng(context.settings.seed),
            )
            rows.append(_row(group, quality.questions, quality.measures) | {"mode": mode})
    return rows


def evaluate_answers(
    context: Context,
    answers: Path | None = None,
    judge: str | None = None,
    reporter: Reporter | None = None,
) -> list[dict[str, Any]]:
    """Measure written answers: those of a file, or all that the workspace holds.

    `judge` names the generator that judges them besides: default, champion or endpoint. Returns a
    row for each group: all, each language, each cluster, each contender. Raises JobError when there
    is no answer.
    """
    reporter = reporter or Silent()
    found = read_evaluation_answers(answers) if answers else _answers(context)
    if not found:
        raise JobError("no answers here; make some with `pairloop pairs`, or give a file")
    written = [one.answer for one in found]
    figures = []
    with reporter.track("measuring answers") as progress:
        for at in range(0, len(written), BATCH):
            figures += measure_answers(written[at : at + BATCH], context.embedder)
            progress(len(figures), len(written))
    judged = _judged(context, written, judge, reporter) if judge else []
    rows = []
    for group, places in _groups(
        [(one.answer.language, one.cluster, one.contender) for one in found]
    ).items():
        rng = np.random.default_rng(context.settings.seed)
        measures = summarise_answers([figures[at] for at in places], rng)
        if judged:
            measures |= {
                f"judged_{name}": mean_of([judged[at][name] for at in places], rng) for name in CRITERIA
            }
        rows.append(_row(group, len(places), measures))
    return rows


def _with_originals(context: Context, asked: Sequence[EvaluationQuestion]) -> list[EvaluationQuestion]:
    """Let the document that is indexed in place of a near duplicate answer for it."""
    originals = context.corpus.originals()
    return [
        replace(
            question,
            evidence=replace(
                question.evidence,
                documents=frozenset(originals.get(key, key) for key in question.evidence.documents),
            ),
        )
        for question in asked
    ]


def _judged(
    context: Context, written: Sequence[MeasuredAnswer], judge: str, reporter: Reporter
) -> list[dict[Any, float | None]]:
    with reporter.track("the model judges") as progress:
        return judge_answers(written, context.generator(judge), progress=progress)


def _row(group: str, cases: int, measures: Mapping[str, Measure]) -> dict[str, Any]:
    return {
        "group": group,
        "cases": cases,
        "measures": {
            name: asdict(measure) | {"coverage": measure.coverage} for name, measure in measures.items()
        },
    }


def _groups(labels: Sequence[tuple[str, str, str]]) -> dict[str, list[int]]:
    """Return the places of all, and of each language, cluster and contender that has a name."""
    groups: dict[str, list[int]] = {"all": list(range(len(labels)))}
    for column, kind in enumerate(("language", "cluster", "contender")):
        for name in sorted({label[column] for label in labels} - {""}):
            groups[f"{kind} {name}"] = [at for at, label in enumerate(labels) if label[column] == name]
    return groups


def _questions(context: Context) -> list[EvaluationQuestion]:
    with context.store.reading() as session:
        clusters = _clusters(session)
        return [
            EvaluationQuestion(
                question.text,
                question.language,
                Evidence(frozenset(question.documents)),
                clusters.get(question.id, ""),
            )
            for question in session.scalars(select(Question).order_by(Question.id))
        ]


def _answers(context: Context) -> list[EvaluationAnswer]:
    with context.store.reading() as session:
        clusters = _clusters(session)
        rows = session.execute(
            select(AnswerRecord, Question, ContenderRecord.name)
            .join(Question, Question.id == AnswerRecord.question_id)
            .join(ContenderRecord, ContenderRecord.id == AnswerRecord.contender_id)
            .order_by(AnswerRecord.id)
        )
        return [
            EvaluationAnswer(_measured(answer, question), contender, clusters.get(question.id, ""))
            for answer, question, contender in rows
        ]


def _measured(answer: AnswerRecord, question: Question) -> MeasuredAnswer:
    return MeasuredAnswer(
        question=question.text,
        text=answer.text,
        passages=tuple(passage["text"] for passage in answer.passages),
        language=question.language,
        refused=answer.refused,
        # A question that names its documents has an answer; of the others nobody knows.
        should_refuse=False if question.documents else None,
    )


def _clusters(session: Session) -> dict[int, str]:
    rows = session.execute(
        select(ClusterMember.question_id, Cluster.name).join(Cluster, Cluster.id == ClusterMember.cluster_id)
    )
    return dict(rows.all())
