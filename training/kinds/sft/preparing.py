"""From demonstrations and texts to token ids a trainer may have: encoded, guarded, and shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from training.encoding import EncodedText, encode_demonstrations, encode_texts
from training.errors import LengthError, ModelError, RowsError
from training.guards import check_template
from training.label_guards import check_labels
from training.preparation import SAMPLES_FILE
from training.recipes import TrainerRecipe
from training.rows import DemonstrationRow, TextRow, read_rows_of
from training.runs import Run

_SHOWN_SAMPLES = 3


@dataclass(frozen=True)
class PreparedTexts:
    """Hold guarded texts and the ids of rows too long for the recipe."""

    train: list[EncodedText]
    test: list[EncodedText]
    dropped_ids: list[str] = field(default_factory=list)

    def train_weights(self) -> list[float]:
        """Give the train texts' weights scaled to a mean of 1, so the learning rate keeps its meaning."""
        weights = np.array([text.row.weight for text in self.train])
        return [float(weight) for weight in weights / weights.mean()]


def prepare_demonstrations(
    recipe: TrainerRecipe, run: Run[DemonstrationRow], tokenizer: PreTrainedTokenizerBase
) -> PreparedTexts:
    """Encode and guard demonstrations and write decoded samples to RUN/samples.json.

    Raises LengthError where too many are too long, ModelError where the chat template doubles the beginning
    of the text or does not close an answer, RowsError where no row is left to learn from.
    """
    check_labels(run.train_rows)
    check_template(tokenizer)
    train, train_dropped = _short_enough(recipe, encode_demonstrations(tokenizer, run.train_rows))
    test, test_dropped = _short_enough(recipe, encode_demonstrations(tokenizer, run.test_rows))
    for text in train + test:
        _check(tokenizer, text)
    return _prepared(run, tokenizer, PreparedTexts(train, test, train_dropped + test_dropped))


def prepare_texts(
    recipe: TrainerRecipe, run: Run[TextRow], tokenizer: PreTrainedTokenizerBase
) -> PreparedTexts:
    """Encode texts in pieces of `max_length` tokens and write decoded samples to RUN/samples.json.

    Raises RowsError where nothing is left to learn from.
    """
    train, test = (
        encode_texts(tokenizer, rows, recipe.max_length) for rows in (run.train_rows, run.test_rows)
    )
    return _prepared(run, tokenizer, PreparedTexts(train, test))


def read_general(path: Path, tokenizer: PreTrainedTokenizerBase, max_length: int) -> list[EncodedText]:
    """Read a general set, of demonstrations or texts, and leave out what is too long. Raises RowsError."""
    first = next((line for line in _lines(path) if line.strip()), "")
    if '"completion"' not in first:
        return encode_texts(tokenizer, read_rows_of(TextRow, path), max_length)
    texts = encode_demonstrations(tokenizer, read_rows_of(DemonstrationRow, path))
    short = [text for text in texts if len(text.ids) <= max_length]
    if not short:
        raise RowsError(f"{path}: all general rows are longer than max_length {max_length}; raise it")
    return short


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []  # read_rows_of says what is wrong


def _short_enough(recipe: TrainerRecipe, texts: Sequence[EncodedText]) -> tuple[list[EncodedText], list[str]]:
    kept = [text for text in texts if len(text.ids) <= recipe.max_length]
    dropped = [text.row.id for text in texts if len(text.ids) > recipe.max_length]
    if texts and (len(dropped) / len(texts) > recipe.max_dropped_share or not kept):
        raise LengthError(
            f"{len(dropped)} of {len(texts)} rows are longer than max_length {recipe.max_length} tokens "
            f"(such as {', '.join(dropped[:3])}): raise max_length or shorten the prompts"
        )
    return kept, dropped


def _check(tokenizer: PreTrainedTokenizerBase, text: EncodedText) -> None:
    beginning, where = tokenizer.bos_token_id, f"row {text.row.id!r}"
    if beginning is not None and text.ids[:2] == [beginning, beginning]:
        raise ModelError(f"{where}: the text begins with {tokenizer.bos_token} twice; fix the chat template")
    if tokenizer.eos_token_id not in text.answer_ids:
        raise ModelError(
            f"{where}: the chat template does not close an answer with {tokenizer.eos_token}; "
            "use the model's own, or the model would never learn to stop"
        )


def _prepared(run: Run[Any], tokenizer: PreTrainedTokenizerBase, texts: PreparedTexts) -> PreparedTexts:
    """Leave out rows of weight 0, show the first ones and note what was prepared."""
    learned = [text for text in texts.train if text.row.weight]
    if not learned:
        raise RowsError("all train rows have weight 0 or are empty; there is nothing to learn")
    samples = [
        {
            "id": text.row.id,
            "prompt": str(tokenizer.decode(text.prompt_ids)),
            "completion": str(tokenizer.decode(text.answer_ids)),
        }
        for text in learned[:_SHOWN_SAMPLES]
    ]
    shown = json.dumps(samples, ensure_ascii=False, indent=2)
    (run.folder / SAMPLES_FILE).write_text(shown + "\n", encoding="utf-8")
    median = int(np.median([len(text.ids) for text in learned]))
    run.progress.stage("prepared", dropped=len(texts.dropped_ids), median_tokens=median)
    return PreparedTexts(learned, texts.test, texts.dropped_ids)
