"""Models and tokenizers from and to plain Hugging Face folders, in float32, without a hub."""

import shutil
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils.logging import disable_progress_bar
from trl.trainer.utils import disable_dropout_in_model

from training.errors import ModelError


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a folder. Raises ModelError where it has no chat template."""
    tokenizer: PreTrainedTokenizerBase = _load(AutoTokenizer, folder)
    if not tokenizer.chat_template:
        raise ModelError(f"{folder}: the tokenizer has no chat template; take an instruction-tuned base")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_policy(folder: Path) -> PreTrainedModel:
    """Load a causal language model with its dropout switched off. Raises ModelError."""
    return _load_model(AutoModelForCausalLM, folder)


def load_scorer(folder: Path, pad_token_id: int, heads: int = 1) -> PreTrainedModel:
    """Load a model with a score head of `heads` outputs; over a plain base the head is new and random.

    `pad_token_id` tells the head where a text ends. Set torch's seed first. Raises ModelError.
    """
    model = _load_model(AutoModelForSequenceClassification, folder, num_labels=heads)
    model.config.get_text_config().pad_token_id = pad_token_id
    return model


def distinct_pad_token(tokenizer: PreTrainedTokenizerBase) -> None:
    """Pad with another token than the end of text: a score head would take a real end for padding."""
    spare = [tokenizer.unk_token, *tokenizer.all_special_tokens]
    taken = {None, tokenizer.eos_token, tokenizer.bos_token}
    if tokenizer.pad_token in taken:
        tokenizer.pad_token = next((token for token in spare if token not in taken), tokenizer.pad_token)


def save_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Save weights (safetensors), tokenizer and chat template; the folder appears whole or not at all."""
    draft = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(draft, ignore_errors=True)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def device() -> torch.device:
    """Give the device to compute on."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def to_device(model: PreTrainedModel) -> PreTrainedModel:
    """Move a model to the device to compute on."""
    moved: PreTrainedModel = nn.Module.to(model, device())  # transformers' own `to` is typed wrongly
    return moved


def _load_model(family: Any, folder: Path, **options: Any) -> PreTrainedModel:
    model: PreTrainedModel = _load(family, folder, dtype=torch.float32, **options)
    disable_dropout_in_model(model)  # before adapters are added, so that only theirs remains
    return model


def _load(family: Any, folder: Path, **options: Any) -> Any:
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: no model here (no config.json); name a Hugging Face folder")
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return family.from_pretrained(folder, local_files_only=True, **options)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{folder}: cannot be loaded: {' '.join(str(error).split())}") from error
