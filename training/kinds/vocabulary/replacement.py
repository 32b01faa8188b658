"""The new tokenizer: trained on the rows, or taken ready."""

from collections.abc import Iterator, Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

from training.errors import ModelError
from training.loading import load_tokenizer
from training.recipes import VocabularyRecipe
from training.rows import TextRow
from training.runs import Run

_AT_ONCE = 1000
_NAMES = ("bos_token", "eos_token", "pad_token", "unk_token")


def new_tokenizer(
    recipe: VocabularyRecipe, run: Run[TextRow], old: PreTrainedTokenizerBase
) -> PreTrainedTokenizerBase:
    """Give the tokenizer to change to; one that was trained lies in RUN/tokenizer and is not trained again.

    Raises ModelError where a ready one has no chat template, or the base's sort cannot be trained.
    """
    if recipe.tokenizer is not None:
        return load_tokenizer(recipe.tokenizer)
    folder = run.folder / "tokenizer"
    if not (folder / "tokenizer_config.json").exists():
        run.progress.stage("training the tokenizer", vocab_size=recipe.vocab_size)
        trained = _trained(old, run.train_rows, recipe.vocab_size)
        trained.save_pretrained(folder)
        (folder / "config.json").write_text("{}\n", encoding="utf-8")
    return load_tokenizer(folder)


def _trained(
    old: PreTrainedTokenizerBase, rows: Sequence[TextRow], vocab_size: int
) -> PreTrainedTokenizerBase:
    """Train a tokenizer of the same sort, with the same special tokens and chat template."""
    train: Any = getattr(old, "train_new_from_iterator", None)
    if train is None:
        raise ModelError(f"a {type(old).__name__} cannot be trained anew; name a ready one as tokenizer")
    new: PreTrainedTokenizerBase = train(_batches(rows), vocab_size, show_progress=False)
    new.chat_template = old.chat_template
    for name in _NAMES:
        setattr(new, name, getattr(old, name))
    return new


def _batches(rows: Sequence[TextRow]) -> Iterator[list[str]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield [row.text for row in rows[start : start + _AT_ONCE]]
