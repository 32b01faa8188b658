"""Train a cross-encoder by sentence-transformers."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss, LambdaLoss
from transformers import set_seed

from training.errors import ModelError, RowsError
from training.kinds.embedder.examples import SERVES
from training.kinds.embedder.fitting import freeze_lower_layers, save_encoder, without_model_card
from training.kinds.embedder.ranking import compare_ranks, reciprocal_ranks
from training.loading import device
from training.loop import run_trainer, shared_arguments
from training.recipes import RerankerRecipe
from training.results import Outcome
from training.rows import RelevanceRow
from training.runs import Run

Floats = NDArray[np.float64]


def fit(recipe: RerankerRecipe, run: Run[RelevanceRow]) -> Outcome:
    """Train the cross-encoder, save it and rank the held-out texts before and after."""
    examples = _examples(recipe, run.train_rows)
    set_seed(recipe.seed)  # over a plain encoder the score head is new and random
    model = _load(recipe)
    asked = [row for row in run.test_rows if row.score >= SERVES]
    before: Floats = np.zeros(0)
    if asked:
        run.progress.stage("measuring the base", rows=len(asked))
        before = _ranks(model, recipe, asked)
    loss = BinaryCrossEntropyLoss(model) if recipe.loss == "pointwise" else LambdaLoss(model)
    trainer = CrossEncoderTrainer(
        model=model,
        args=CrossEncoderTrainingArguments(**shared_arguments(cast(Any, recipe), run)),
        train_dataset=examples,
        loss=loss,
    )
    without_model_card(trainer)
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    save_encoder(model, run.model_folder)
    metrics = {}
    if asked:
        run.progress.stage("measuring")
        metrics = compare_ranks(before, _ranks(model, recipe, asked), asked, recipe.seed)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics)


def _load(recipe: RerankerRecipe) -> CrossEncoder:
    if not (recipe.base / "config.json").is_file():
        raise ModelError(f"{recipe.base}: no model here (no config.json); name an encoder's folder")
    model: CrossEncoder = CrossEncoder(
        str(recipe.base),
        num_labels=1,
        max_length=recipe.max_length,
        local_files_only=True,
        device=str(device()),
    )
    freeze_lower_layers(model.transformers_model, recipe.last_layers)
    return model


def _examples(recipe: RerankerRecipe, rows: Sequence[RelevanceRow]) -> Dataset:
    """Make the columns of the recipe's loss. Raises RowsError where the rows cannot feed it."""
    used = [row for row in rows if row.weight]
    if not used:
        raise RowsError("all train rows have weight 0; there is nothing to learn")
    texts = [
        (row.query, [row.positive, *row.negatives[: recipe.negatives]], float(row.score)) for row in used
    ]
    if recipe.loss == "listwise":
        listed = [(query, found, score) for query, found, score in texts if len(found) > 1 and score]
        if not listed:
            raise RowsError(
                "listwise wants rows that score above 0 and have negatives: mine some, or take pointwise"
            )
        return Dataset.from_dict(
            {
                "query": [query for query, _, _ in listed],
                "texts": [found for _, found, _ in listed],
                "labels": [[score] + [0.0] * (len(found) - 1) for _, found, score in listed],
            }
        )
    labels = [label for _, found, score in texts for label in (score, *([0.0] * (len(found) - 1)))]
    if len(set(labels)) < 2:
        raise RowsError("pointwise wants texts of different scores: give rows negatives or grades")
    return Dataset.from_dict(
        {
            "query": [query for query, found, _ in texts for _ in found],
            "text": [text for _, found, _ in texts for text in found],
            "label": labels,
        }
    )


def _ranks(model: CrossEncoder, recipe: RerankerRecipe, rows: Sequence[RelevanceRow]) -> Floats:
    """Rank by asking the model about every query and text; held-out sets are small."""

    def scores(queries: Sequence[str], texts: Sequence[str]) -> Floats:
        pairs = [(query, text) for query in queries for text in texts]
        found = model.predict(pairs, batch_size=recipe.batch_size, show_progress_bar=False)
        return np.asarray(found, dtype=np.float64).reshape(len(queries), len(texts))

    return reciprocal_ranks(rows, scores)
