"""Measure how far a reward model may be pushed: the best of n by it, judged by another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.evaluate import held_out_questions
from annotate.jobs.models import model_folder
from annotate.jobs.progress import Reporter, Silent
from rag.answering.answers import Answer
from training.evaluation.over_optimisation import Curve, over_optimisation
from training.evaluation.records import record_evaluation
from training.evaluation.report import write_report

SECTION = "over_optimisation"
TEMPERATURE = 0.8  # of the samples, where the contender itself is greedy

Score = Callable[[Sequence[Answer]], NDArray[np.float64]]  # answers -> rewards (n,)


def measure_over_optimisation(
    context: Context,
    proxy_id: int,
    gold_id: int,
    *,
    questions: int | None = None,
    samples: int = 16,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Draw the curve of gold against proxy reward for the best of n = 1..`samples` answers.

    The policy in service answers questions that the proxy was not trained on; two reward models score the
    answers. The gold one should know more than the proxy: more rows, or a larger base. Goes into the report
    of the proxy's run. Raises JobError for models that are no reward models, or one and the same.
    """
    reporter = reporter or Silent()
    if proxy_id == gold_id:
        raise JobError("proxy and gold are the same model; name another reward model as gold")
    if samples < 2:
        raise JobError("a curve needs two samples a question or more")
    scores = {one: _scorer(context, one) for one in (proxy_id, gold_id)}
    _, folder = model_folder(context.store, proxy_id)
    texts = [text for _, text, _ in held_out_questions(context, folder, questions)]
    drawn = _sample(context, texts, samples, reporter)
    with reporter.track("scoring the samples"):
        proxy, gold = (
            np.stack([scores[one](answers) for answers in drawn], axis=1) for one in (proxy_id, gold_id)
        )
    curve = over_optimisation(proxy, gold, np.random.default_rng(context.settings.seed))
    record_evaluation(folder, SECTION, curve)
    write_report(folder)
    return _plain(curve)


def _sample(context: Context, texts: Sequence[str], samples: int, reporter: Reporter) -> list[list[Answer]]:
    """Return for each draw an answer to every question."""
    contender, in_service = context.contenders()[0]
    answerer = context.answerer(context.retriever(), context.generator(in_service))
    if not contender.decoding.temperature:
        contender = replace(contender, decoding=replace(contender.decoding, temperature=TEMPERATURE))
    drawn = []
    with reporter.track("sampling answers") as progress:
        for number in range(samples):
            drawn.append(answerer.answer(texts, contender, seed=context.settings.seed + number))
            progress(number + 1, samples)
    return drawn


def _scorer(context: Context, model_id: int) -> Score:
    role, folder = model_folder(context.store, model_id)
    if role == "reward_head":
        from training.kinds.reward_head import load_reward_head

        head = load_reward_head(folder / "model", context.local_embedder.folder)
        return lambda answers: head.score([one.question for one in answers], [one.text for one in answers])
    if role == "reward":
        return _model_scorer(folder / "model")
    raise JobError(f"model {model_id} is a {role}, no reward model; see `pairloop models`")


def _model_scorer(folder: Path) -> Score:
    from training.kinds.reward import score_answers

    def score(answers: Sequence[Answer]) -> NDArray[np.float64]:
        asked = [list(one.prompt) or [{"role": "user", "content": one.question}] for one in answers]
        return score_answers(folder, asked, [one.text for one in answers])

    return score


def _plain(curve: Curve) -> dict[str, Any]:
    return {
        "best_n": curve.best_n,
        "over_optimised": curve.over_optimised,
        "points": [asdict(point) for point in curve.points],
    }
