"""Vocabulary replacement: a tokenizer for a language, new embeddings, then the whole model.

The body is frozen while the embeddings find their places, then it learns as well. Sources: de Vries &
Nissim (2021), arXiv 2012.05628, for new embeddings under a frozen body; Gee et al. (2022), arXiv 2402.09977,
for embeddings that start as the mean of their pieces. The loss is that of `sft_texts`; figures are told in
characters, as tokens of two vocabularies do not compare.
"""

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.encoding import encode_texts
from training.kinds.sft.fitting import build_trainer
from training.kinds.sft.preparing import prepare_texts
from training.kinds.vocabulary.embeddings import replace_embeddings
from training.kinds.vocabulary.measuring import measure
from training.kinds.vocabulary.replacement import new_tokenizer
from training.kinds.vocabulary.unfreezing import Unfreezing, grouped_optimizer
from training.loading import load_policy, load_tokenizer, save_model, to_device
from training.loop import run_trainer
from training.metrics import Interval
from training.recipes import VocabularyRecipe
from training.results import Outcome
from training.rows import TextRow
from training.runs import Run

__all__ = ["train"]


def train(recipe: VocabularyRecipe, run: Run[TextRow]) -> Outcome:
    """Replace the vocabulary, train, save, and compare with the base on held-out texts.

    Metrics, each `_before` and `_after` (and for the loss `_replaced`, before any training): `fertility` in
    tokens a word, `nats_per_character`, `characters_per_second` of a forward pass.
    """
    old = load_tokenizer(recipe.base)
    model = to_device(load_policy(recipe.base))
    run.progress.stage("measuring the base")
    metrics = _measured(recipe, run, model, old, "before")
    tokenizer = new_tokenizer(recipe, run, old)
    replace_embeddings(model, old, tokenizer, recipe.init, recipe.seed)
    metrics |= _measured(recipe, run, model, tokenizer, "replaced")
    texts = prepare_texts(recipe, run, tokenizer)
    optimizer = grouped_optimizer(recipe, model)
    trainer = build_trainer(recipe, run, texts, model, tokenizer, full=True, optimizer=optimizer)
    trainer.add_callback(Unfreezing(recipe.frozen_steps))
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    save_model(trainer.model, tokenizer, run.model_folder)
    run.progress.stage("measuring")
    metrics |= _measured(recipe, run, trainer.model, tokenizer, "after")
    for name in ("fertility_replaced", "characters_per_second_replaced"):
        metrics.pop(name)  # the same as after
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics)


def _measured(
    recipe: VocabularyRecipe,
    run: Run[TextRow],
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    when: str,
) -> dict[str, Interval]:
    rows = run.test_rows or run.train_rows
    figures = measure(model, rows, encode_texts(tokenizer, rows, recipe.max_length), recipe.seed)
    run.progress.stage(f"measured {when}", **{name: figure.value for name, figure in figures.items()})
    return {f"{name}_{when}": figure for name, figure in figures.items()}
