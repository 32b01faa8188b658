"""Make machine assessors by name, with the models that they judge by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context, open_client
from annotate.jobs.embeddings import embed_answers
from annotate.jobs.models import champion
from annotate.labelers import HeuristicLabeler, Labeler, LikelihoodLabeler, LlmLabeler, RewardLabeler
from annotate.labelers.llm import Budget, Caps, EndpointModel, JudgeModel, LocalModel, Prices, StoredCalls
from annotate.labelers.reward import Score
from annotate.labelling.views import AnswerView, PairView
from annotate.store import ModelVersion
from rag import Decoding, Passage
from rag.injections import find_instructions
from rag.prompts import answer_messages

LABELERS = ("heuristic", "llm-judge")  # those that need nothing but what every workspace has
MACHINES = (*LABELERS, "likelihood", "reward-model")
PANEL = "panel"
HF_FOLDER = "smollm2-135m-instruct-hf"
REWARD_ROLES = ("reward", "reward_head")


def make_labeler(context: Context, name: str, budget: Budget | None = None) -> Labeler:
    """Return a machine assessor by name; `llm-judge:MODEL` is a judge by another model of the endpoint.

    Raises JobError when there is none of that name, or what it needs is not there.
    """
    if name == "heuristic":
        return HeuristicLabeler(lambda texts: embed_answers(context, texts), context.embedder.fingerprint)
    if name == "llm-judge" or name.startswith("llm-judge:"):
        return _llm_judge(context, name, budget)
    if name == "likelihood":
        return _likelihood(context)
    if name == "reward-model":
        return _reward_model(context)
    raise JobError(f"no machine assessor named {name}; known: {', '.join(MACHINES)}")


def make_budget(context: Context, caps: Caps | None = None) -> Budget:
    """Return a budget with the prices of the settings; raise JobError for a cap on money without prices."""
    judge = context.settings.judge
    if caps and caps.cost is not None and not (judge.input_price or judge.output_price):
        raise JobError("no prices to count the cost by: set input_price and output_price under [judge]")
    return Budget(caps, Prices(judge.input_price, judge.output_price))


def panel_names(context: Context) -> tuple[str, ...]:
    """Return the judges of the panel; raise JobError where the settings name fewer than two."""
    models = context.settings.judge.panel
    if len(models) < 2:
        raise JobError("no panel: name two or more models of the endpoint in panel under [judge]")
    return tuple(f"llm-judge:{model}" for model in models)


def _llm_judge(context: Context, name: str, budget: Budget | None) -> LlmLabeler:
    settings = context.settings.judge
    return LlmLabeler(
        _judge_model(context, name.partition(":")[2]),
        name,
        guideline=context.guideline,
        guideline_tokens=settings.guideline_tokens,
        mode=settings.mode,
        log=StoredCalls(context.store),
        budget=budget or make_budget(context),
        find_orders=find_instructions,
    )


def _judge_model(context: Context, model: str) -> JudgeModel:
    if model or context.settings.judge.model == "endpoint":
        endpoint = context.settings.endpoint
        client = open_client("endpoint", endpoint, "PAIRLOOP_API_KEY")
        return EndpointModel(client, model or endpoint.model, endpoint.concurrency)
    generator = context.generator("default")
    return LocalModel(
        generator,
        lambda messages, tokens: generator.generate([messages], Decoding(max_new_tokens=tokens))[0].text,
    )


def _likelihood(context: Context) -> LikelihoodLabeler:
    from rag.generators.likelihood import LikelihoodScorer

    try:
        from training.gguf_import import import_gguf
    except ImportError as error:
        raise JobError(
            "the likelihood judge needs the extra `train`: pip install 'pairloop[train]'"
        ) from error
    gguf = context.default_gguf
    folder = import_gguf(gguf, context.workspace.models / HF_FOLDER)
    return LikelihoodLabeler(LikelihoodScorer(folder, context.generator_from(gguf).fingerprint))


def _reward_model(context: Context) -> RewardLabeler:
    return RewardLabeler(*reward_score(context))


def reward_score(context: Context) -> tuple[Score, str]:
    """Return the scores and the fingerprint of the promoted reward model, or the newest if none was promoted.

    Raises JobError when there is no reward model.
    """
    found = next(
        ((role, at) for role in REWARD_ROLES if (at := champion(context.store, role))), None
    ) or _newest(context)
    if found is None:
        raise JobError("no reward model yet: train one with `pairloop train reward_head`")
    role, (number, folder) = found
    score = _head_score(context, folder) if role == "reward_head" else _model_score(context, folder)
    with context.store.reading() as session:
        fingerprint = session.get_one(ModelVersion, number).fingerprint
    return score, fingerprint


def _newest(context: Context) -> tuple[str, tuple[int, Path]] | None:
    with context.store.reading() as session:
        found = session.scalar(
            select(ModelVersion)
            .where(ModelVersion.role.in_(REWARD_ROLES))
            .order_by(ModelVersion.id.desc())
            .limit(1)
        )
        return (found.role, (found.id, Path(found.path))) if found else None


def _head_score(context: Context, folder: Path) -> Score:
    from training.kinds.reward_head import load_reward_head

    head = load_reward_head(folder / "model", context.local_embedder.folder)

    def score(pairs: Sequence[PairView]) -> NDArray[np.float64]:
        questions = [pair.question for pair in pairs for _ in "AB"]
        answers = [answer.text for pair in pairs for answer in (pair.a, pair.b)]
        return head.score(questions, answers).reshape(len(pairs), 2)

    return score


def _model_score(context: Context, folder: Path) -> Score:
    from training.kinds.reward import score_answers

    style = context.contenders()[0][0].style

    def score(pairs: Sequence[PairView]) -> NDArray[np.float64]:
        sides = [(pair, answer) for pair in pairs for answer in (pair.a, pair.b)]
        prompts = [
            answer_messages(pair.question, _passages(answer), style, "ru" if pair.language == "ru" else "en")
            for pair, answer in sides
        ]
        rewards = score_answers(folder / "model", prompts, [answer.text for _, answer in sides])
        return rewards.reshape(len(pairs), 2)

    return score


def _passages(answer: AnswerView) -> list[Passage]:
    return [
        Passage(
            chunk_id=passage.number,
            document_key=passage.document,
            title=passage.title,
            text=passage.text,
            text_hash="",
            score=0.0,
        )
        for passage in answer.passages
    ]
