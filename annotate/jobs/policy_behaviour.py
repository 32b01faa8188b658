"""Compare how two policies behave on the same questions: refusals, citations, support, length, repetition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from annotate.jobs.context import Context
from annotate.store import AnswerRecord
from rag.evaluation import MeasuredAnswer, measure_answers
from training.evaluation.changes import Change, measure_changes

SHOWN = (
    "refused",
    "right_to_answer",
    "citation_recall",
    "citation_precision",
    "support",
    "words",
    "repetition",
)

Asked = tuple[int, str, bool]  # id, text, whether documents are known to answer it


def compare_behaviour(
    context: Context, questions: Sequence[Asked], old: Sequence[AnswerRecord], new: Sequence[AnswerRecord]
) -> dict[str, Change]:
    """Return each figure before and after, and its change question by question.

    `refused` is the share of refusals; `right_to_answer` counts only questions whose documents are known.
    """
    rng = np.random.default_rng(context.settings.seed)
    keys = [key for key, _, _ in questions]
    return measure_changes(_figures(context, questions, old), _figures(context, questions, new), keys, rng)


def _figures(
    context: Context, questions: Sequence[Asked], answers: Sequence[AnswerRecord]
) -> dict[str, list[float | None]]:
    written = [
        MeasuredAnswer(
            question=text,
            text=answer.text,
            passages=tuple(passage["text"] for passage in answer.passages),
            refused=answer.refused,
            should_refuse=False if known else None,
        )
        for (_, text, known), answer in zip(questions, answers, strict=True)
    ]
    found = [asdict(one) for one in measure_answers(written, context.embedder)]
    figures = {name: [one.get(name) for one in found] for name in SHOWN}
    figures["refused"] = [float(answer.refused) for answer in answers]
    figures["right_to_answer"] = [one["refusal"] for one in found]
    return figures
