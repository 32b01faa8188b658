"""Go on with an embedder's pre-training.

Losses: TSDAE, -log p(sentence | embedding of its damaged copy), a mean over tokens; MLM, -log p(token | the
rest) over masked tokens.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import DenoisingAutoEncoderLoss
from torch import nn
from transformers import (
    AutoModelForMaskedLM,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
    set_seed,
)

from training.errors import ModelError, RowsError
from training.kinds.embedder.fitting import fit_encoder, load_embedder, save_encoder
from training.kinds.embedder_texts.damage import leave_out_words, split_sentences
from training.loop import LossTrace, run_trainer, shared_arguments
from training.metrics import Interval, bootstrap_by_question
from training.recipes import EmbedderTextsRecipe
from training.results import Outcome
from training.rows import TextRow
from training.runs import Run

Floats = NDArray[np.float64]


def fit(recipe: EmbedderTextsRecipe, run: Run[TextRow]) -> Outcome:
    """Go on with the pre-training, save the embedder and measure the loss on held-out texts.

    Metrics: `before_loss`, `test_loss` and `test_change`, in nats a token. Raises RowsError where no text is
    long enough.
    """
    set_seed(recipe.seed)
    model = load_embedder(recipe)
    objective = (Denoising if recipe.objective == "tsdae" else Masking)(recipe, model)
    before = objective.losses(run.test_rows)
    trace = objective.learn(run)
    run.progress.stage("saving")
    save_encoder(model, run.model_folder)
    metrics = _compare(before, objective.losses(run.test_rows), run.test_rows, recipe.seed)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics)


class Denoising:
    """Rebuild sentences from the embeddings of damaged copies; the decoder shares the encoder's weights."""

    def __init__(self, recipe: EmbedderTextsRecipe, model: SentenceTransformer) -> None:
        self._recipe, self._model = recipe, model
        try:
            self._loss = DenoisingAutoEncoderLoss(model, tie_encoder_decoder=True)
        except (ValueError, AssertionError) as error:
            raise ModelError(
                f"{recipe.base}: no decoder can be made of this encoder; take objective mlm"
            ) from error

    def learn(self, run: Run[TextRow]) -> LossTrace:
        """Train on the run's texts, sentence by sentence."""
        pairs = self._pairs([row for row in run.train_rows if row.weight], self._recipe.seed)
        examples = Dataset.from_dict(
            {"damaged": [damaged for damaged, _ in pairs], "text": [text for _, text in pairs]}
        )
        return run_trainer(fit_encoder(self._recipe, run, self._model, examples, self._loss), run)

    def losses(self, rows: Sequence[TextRow]) -> Floats:
        """Give the loss of each text, shape (n,), always damaged in the same way."""
        return np.array([self._text_loss(row) for row in rows])

    def _text_loss(self, row: TextRow) -> float:
        pairs = self._pairs([row], seed=0)
        self._loss.eval()
        with torch.inference_mode():
            features = []
            for side in zip(*pairs, strict=True):
                made = self._model.preprocess(list(side))
                tensors = {name: one for name, one in made.items() if torch.is_tensor(one)}
                features.append({name: one.to(self._model.device) for name, one in tensors.items()})
            return float(self._loss(features, torch.zeros(len(pairs))))

    def _pairs(self, rows: Sequence[TextRow], seed: int) -> list[tuple[str, str]]:
        rng = np.random.default_rng(seed)
        sentences = split_sentences([row.text for row in rows]) or [row.text for row in rows]
        if not sentences:
            raise RowsError("all train rows have weight 0")
        return [(leave_out_words(text, self._recipe.damage, rng), text) for text in sentences]


class Masking:
    """Guess masked tokens with a new head over the embedder's own encoder."""

    def __init__(self, recipe: EmbedderTextsRecipe, model: SentenceTransformer) -> None:
        self._recipe, self._tokenizer = recipe, model.tokenizer
        if self._tokenizer.mask_token is None:
            raise ModelError(f"{recipe.base}: the tokenizer has no mask token; take objective tsdae")
        encoder: Any = model.transformers_model
        family: Any = AutoModelForMaskedLM
        self._masked = family.from_config(encoder.config)
        # The very modules of the embedder go under the head, so that the embedder itself learns.
        setattr(self._masked, self._masked.base_model_prefix, encoder)
        self._masked.tie_weights()
        self._masked.to(model.device)

    def learn(self, run: Run[TextRow]) -> LossTrace:
        """Train on the run's texts, cut at `max_length`."""
        rows = [row for row in run.train_rows if row.weight]
        if not rows:
            raise RowsError("all train rows have weight 0")
        encoded = [{"input_ids": self._ids(row), "special_tokens_mask": self._special(row)} for row in rows]
        trainer = Trainer(
            model=self._masked,
            args=TrainingArguments(**shared_arguments(cast(Any, self._recipe), run)),
            train_dataset=Dataset.from_list(encoded),
            data_collator=DataCollatorForLanguageModeling(
                self._tokenizer, mlm=True, mlm_probability=self._recipe.damage
            ),
        )
        return run_trainer(trainer, run)

    def losses(self, rows: Sequence[TextRow]) -> Floats:
        """Give the loss of each text, shape (n,), always masked in the same way."""
        return np.array([self._text_loss(row) for row in rows])

    def _text_loss(self, row: TextRow) -> float:
        ids = torch.tensor([self._ids(row)], device=self._masked.device)
        maskable = ~torch.tensor([self._special(row)], dtype=torch.bool, device=ids.device)
        chances = torch.rand(ids.shape, generator=torch.Generator().manual_seed(0)).to(ids.device)
        chosen = (chances < self._recipe.damage) & maskable
        if not chosen.any():
            chosen = maskable
        self._masked.eval()
        with torch.inference_mode():
            masked = ids.masked_fill(chosen, self._tokenizer.mask_token_id)
            logits = self._masked(input_ids=masked, attention_mask=torch.ones_like(ids)).logits
        return float(nn.functional.cross_entropy(logits[chosen].float(), ids[chosen]))

    def _ids(self, row: TextRow) -> list[int]:
        encoded = self._tokenizer(row.text, truncation=True, max_length=self._recipe.max_length)
        return list(encoded["input_ids"])

    def _special(self, row: TextRow) -> list[int]:
        ids = self._ids(row)
        return list(self._tokenizer.get_special_tokens_mask(ids, already_has_special_tokens=True))


def _compare(before: Floats, after: Floats, rows: Sequence[TextRow], seed: int) -> dict[str, Interval]:
    if not rows:
        return {}
    rng = np.random.default_rng(seed)
    questions = [row.question_id for row in rows]
    figures = {"before_loss": before, "test_loss": after, "test_change": after - before}
    return {name: bootstrap_by_question(values, questions, rng) for name, values in figures.items()}
