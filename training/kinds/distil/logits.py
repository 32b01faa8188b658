"""A teacher in a folder: the student writes, the teacher corrects each token (TRL's DistillationTrainer)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import DistillationConfig, DistillationTrainer

from training.adapters import keep_lower_layers, lora_config, old_peft_names
from training.encoding import encode_prompt
from training.errors import LengthError, ModelError, RowsError
from training.guards import check_template
from training.kinds.sft.forgetting import watch_forgetting
from training.loading import load_policy, load_tokenizer, save_model, to_device
from training.loop import run_trainer, shared_arguments
from training.metrics import Interval, bootstrap_by_question
from training.recipes import DistilRecipe
from training.repeated_order import SameOrderAfterResume
from training.results import Outcome
from training.rows import PromptRow
from training.runs import Run
from training.sampling import greedy_answers


class OrderlyDistillationTrainer(SameOrderAfterResume, DistillationTrainer):  # type: ignore[misc]
    """TRL's distillation trainer, resumable in any epoch."""


def learn_logits(
    recipe: DistilRecipe, teacher_folder: Path, run: Run[PromptRow], tokenizer: PreTrainedTokenizerBase
) -> Outcome:
    """Move the student towards the teacher's distribution and compare the two on held-out prompts.

    Metrics: `test_kl`, in nats a token of the teacher's own answers, and `test_agreement`, the share of these
    tokens that the student would have written too, each also `_before`. Raises ModelError where the two
    vocabularies differ, LengthError where prompts leave no room for an answer.
    """
    check_template(tokenizer)
    check_same_vocabulary(tokenizer, load_tokenizer(teacher_folder), teacher_folder)
    rows, dropped = _with_room(recipe, run.train_rows, tokenizer)
    teacher = to_device(load_policy(teacher_folder))
    model = to_device(load_policy(recipe.base))
    if recipe.depth is not None:
        keep_lower_layers(model, recipe.depth)
    run.progress.stage("measuring the base")
    exam = _teachers_answers(recipe, teacher, tokenizer, run.test_rows)
    metrics = _compare(model, teacher, exam, run.test_rows, recipe.seed, "_before")
    trainer = _build_trainer(recipe, run, rows, model, teacher, tokenizer)
    forgetting = watch_forgetting(recipe, run, trainer, tokenizer)
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    tuned = trainer.model if _trains_all(recipe) else trainer.model.merge_and_unload()
    save_model(tuned, tokenizer, run.model_folder)
    run.progress.stage("measuring")
    metrics |= _compare(tuned, teacher, exam, run.test_rows, recipe.seed, "")
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics | forgetting(tuned), dropped)


def check_same_vocabulary(
    tokenizer: PreTrainedTokenizerBase, other: PreTrainedTokenizerBase, folder: Path
) -> None:
    """Raise ModelError where the model in `folder` numbers its tokens otherwise."""
    if tokenizer.get_vocab() != other.get_vocab():
        raise ModelError(
            f"{folder}: another vocabulary than the base's; logits compare only token by token, "
            "so take a model of the same family, or an endpoint as the teacher"
        )


def _trains_all(recipe: DistilRecipe) -> bool:
    return recipe.full or recipe.depth is not None


def _build_trainer(
    recipe: DistilRecipe,
    run: Run[PromptRow],
    rows: Sequence[PromptRow],
    model: PreTrainedModel,
    teacher: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
) -> DistillationTrainer:
    tokenizer.padding_side = "left"
    with old_peft_names():
        return OrderlyDistillationTrainer(
            model=model,
            teacher_model=teacher,
            args=DistillationConfig(
                beta=recipe.beta,
                temperature=recipe.temperature,
                max_completion_length=recipe.max_new_tokens,
                disable_dropout=False,
                **shared_arguments(recipe, run),
            ),
            train_dataset=Dataset.from_list([{"prompt": row.prompt} for row in rows]),
            processing_class=tokenizer,
            peft_config=None
            if _trains_all(recipe)
            else lora_config(recipe.lora, model, task_type="CAUSAL_LM"),
        )


def _with_room(
    recipe: DistilRecipe, rows: Sequence[PromptRow], tokenizer: PreTrainedTokenizerBase
) -> tuple[list[PromptRow], list[str]]:
    """Leave out prompts whose answer would go beyond `max_length`, and rows of weight 0."""
    room = recipe.max_length - recipe.max_new_tokens
    lengths = [len(encode_prompt(tokenizer, row.prompt)) for row in rows]
    dropped = [row.id for row, length in zip(rows, lengths, strict=True) if length > room]
    if len(dropped) > recipe.max_dropped_share * len(rows):
        raise LengthError(
            f"{len(dropped)} of {len(rows)} prompts leave no room for {recipe.max_new_tokens} new tokens "
            f"within max_length {recipe.max_length} (such as {', '.join(dropped[:3])}): raise max_length"
        )
    kept = [row for row in rows if row.id not in dropped and row.weight]
    needed = recipe.batch_size * recipe.gradient_accumulation
    if len(kept) < needed:
        raise RowsError(
            f"{len(kept)} prompts to learn from, but a step takes {needed}: give more prompts or lower "
            "batch_size or gradient_accumulation"
        )
    return kept, dropped


def _teachers_answers(
    recipe: DistilRecipe,
    teacher: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[PromptRow],
) -> list[tuple[list[int], list[int]]]:
    answers = greedy_answers(teacher, tokenizer, [row.prompt for row in rows], recipe.max_new_tokens)
    return [
        (encode_prompt(tokenizer, row.prompt), answer.ids) for row, answer in zip(rows, answers, strict=True)
    ]


def _compare(
    student: PreTrainedModel,
    teacher: PreTrainedModel,
    exam: Sequence[tuple[list[int], list[int]]],
    rows: Sequence[PromptRow],
    seed: int,
    suffix: str,
) -> dict[str, Interval]:
    """Compare the two on the teacher's answers to held-out prompts, each prompt counting alike."""
    if not exam:
        return {}
    distances, agreements = [], []
    for prompt, answer in exam:
        ours, theirs = (_distributions(model, prompt, answer) for model in (student, teacher))
        distances.append(float((theirs.exp() * (theirs - ours)).sum(dim=-1).mean()))
        agreements.append(float((ours.argmax(-1) == theirs.argmax(-1)).double().mean()))
    questions, rng = [row.question_id for row in rows], np.random.default_rng(seed)
    return {
        f"test_kl{suffix}": bootstrap_by_question(distances, questions, rng),
        f"test_agreement{suffix}": bootstrap_by_question(agreements, questions, rng),
    }


def _distributions(model: Any, prompt: list[int], answer: list[int]) -> torch.Tensor:
    """Give the log-distributions at the answer's tokens, shape (tokens, vocabulary)."""
    was_training = model.training
    model.train(mode=False)
    with torch.no_grad():
        ids = torch.tensor([prompt + answer], device=model.device)
        read = model(ids, logits_to_keep=len(answer) + 1, use_cache=False)
        logits: torch.Tensor = read.logits[0, :-1].double()
    model.train(mode=was_training)
    return logits.log_softmax(dim=-1)
