"""Tune an embedder by sentence-transformers.

Losses: multiple negatives ranking, Henderson et al. (2017), arXiv 1705.00652, in pieces by Gao et al. (2021),
arXiv 2101.06983; triplet, Schroff et al. (2015), arXiv 1503.03832; contrastive, Hadsell et al. (2006), CVPR;
graded, CoSENT.
"""

import shutil
from pathlib import Path
from typing import Any, cast

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer import losses
from torch import nn
from transformers import TrainerCallback, set_seed

from training.errors import ModelError
from training.kinds.embedder.examples import SERVES, build_examples
from training.kinds.embedder.ranking import Similarity, compare_ranks, reciprocal_ranks
from training.loading import device
from training.loop import run_trainer, shared_arguments
from training.recipes import EmbedderRecipe, RetrievalRecipe
from training.results import Outcome
from training.rows import RelevanceRow
from training.runs import Run

Floats = NDArray[np.float64]


def fit(recipe: EmbedderRecipe, run: Run[RelevanceRow]) -> Outcome:
    """Tune the embedder, save it and rank the held-out texts before and after."""
    examples = build_examples(recipe, run.train_rows)
    set_seed(recipe.seed)
    model = load_embedder(recipe)
    asked = [row for row in run.test_rows if row.score >= SERVES]
    before: Floats = np.zeros(0)
    if asked:
        run.progress.stage("measuring the base", rows=len(asked))
        before = reciprocal_ranks(asked, similarity(model, recipe))
    trainer = fit_encoder(recipe, run, model, examples, _loss(recipe, model))
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    save_encoder(model, run.model_folder)
    metrics = {}
    if asked:
        run.progress.stage("measuring")
        metrics = compare_ranks(
            before, reciprocal_ranks(asked, similarity(model, recipe)), asked, recipe.seed
        )
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics)


def load_embedder(recipe: RetrievalRecipe) -> SentenceTransformer:
    """Load the base, cut texts at `max_length`, freeze what is not to learn. Raises ModelError."""
    if not (recipe.base / "modules.json").is_file():
        raise ModelError(f"{recipe.base}: no sentence-transformers folder (no modules.json)")
    model = SentenceTransformer(str(recipe.base), local_files_only=True, device=str(device()))
    model.max_seq_length = min(recipe.max_length, model.max_seq_length or recipe.max_length)
    freeze_lower_layers(model.transformers_model, recipe.last_layers)
    return model


def freeze_lower_layers(encoder: Any, last_layers: int | None) -> None:
    """Let only the top layers learn. Raises ModelError where there are not so many."""
    if last_layers is None:
        return
    layers = next((one for one in encoder.modules() if isinstance(one, nn.ModuleList)), None)
    if layers is None or last_layers > len(layers):
        count = 0 if layers is None else len(layers)
        raise ModelError(f"last_layers is {last_layers}, but the base has {count} layers")
    top = set(map(id, layers[len(layers) - last_layers :].parameters()))
    head = {id(one) for name, one in encoder.named_parameters() if name.startswith("classifier")}
    for parameter in encoder.parameters():
        parameter.requires_grad_(id(parameter) in top | head)


def fit_encoder(
    recipe: RetrievalRecipe,
    run: Run[Any],
    model: SentenceTransformer,
    examples: Dataset,
    loss: nn.Module,
) -> SentenceTransformerTrainer:
    """Make the trainer of an embedder; where rows of a batch are negatives none may appear twice in it."""
    compares = isinstance(
        loss, losses.MultipleNegativesRankingLoss | losses.CachedMultipleNegativesRankingLoss
    )
    arguments = SentenceTransformerTrainingArguments(
        batch_sampler="no_duplicates" if compares else "batch_sampler",
        **shared_arguments(cast(Any, recipe), run),  # it reads keys that both recipes have
    )
    trainer = SentenceTransformerTrainer(model=model, args=arguments, train_dataset=examples, loss=loss)
    without_model_card(trainer)
    return trainer


def similarity(model: SentenceTransformer, recipe: EmbedderRecipe) -> Similarity:
    """Give the cosine of queries and texts by an embedder."""

    def cosine(queries: list[str], texts: list[str]) -> Floats:
        asked, held = (
            model.encode(
                [prefix + text for text in one],
                batch_size=recipe.batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            for prefix, one in ((recipe.query_prefix, queries), (recipe.text_prefix, texts))
        )
        return np.asarray(asked, dtype=np.float64) @ np.asarray(held, dtype=np.float64).T

    return cast(Similarity, cosine)


def save_encoder(model: Any, folder: Path) -> None:
    """Save a sentence-transformers model (safetensors); the folder appears whole or not at all."""
    draft = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(draft, ignore_errors=True)
    model.save_pretrained(str(draft), create_model_card=False)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _loss(recipe: EmbedderRecipe, model: SentenceTransformer) -> nn.Module:
    if recipe.loss == "triplet":
        distance = losses.TripletDistanceMetric.COSINE
        return losses.TripletLoss(model, distance_metric=distance, triplet_margin=recipe.margin)
    if recipe.loss == "contrastive":
        return losses.ContrastiveLoss(model, margin=recipe.margin)
    if recipe.loss == "graded":
        return losses.CoSENTLoss(model)
    if recipe.at_once is not None:
        return losses.CachedMultipleNegativesRankingLoss(model, mini_batch_size=recipe.at_once)
    return losses.MultipleNegativesRankingLoss(model)


def without_model_card(trainer: Any) -> None:
    """Leave out the card sentence-transformers writes: it knows neither rows nor recipe, and asks the hub."""
    for callback in list(trainer.callback_handler.callbacks):
        if "ModelCard" in type(callback).__name__ and isinstance(callback, TrainerCallback):
            trainer.remove_callback(callback)
