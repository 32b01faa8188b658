"""New embeddings: of tokens that both vocabularies have, the old ones; of others, a mean or noise."""

from collections.abc import Callable
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from training.errors import ModelError

_BROKEN = "\ufffd"
"""What bytes that are no whole character decode to."""


def replace_embeddings(
    model: Any, old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase, init: str, seed: int
) -> None:
    """Give the model one embedding for each token of `new`, in place, and its special tokens' numbers.

    `init` is `mean_of_pieces` or `random`: normal noise of the old embeddings' mean and deviation. Raises
    ModelError where the tokenizer has more tokens than ids.
    """
    size = len(new)
    if size <= max(new.get_vocab().values()):
        raise ModelError("the new tokenizer's ids have holes; take another tokenizer")
    pieces = token_pieces(old, new)
    known = [ids is not None and (init == "mean_of_pieces" or len(ids) == 1) for ids in pieces]
    wanted = [ids if take else None for ids, take in zip(pieces, known, strict=True)]
    inputs, outputs = model.get_input_embeddings(), model.get_output_embeddings()
    matrices = [_matrix(layer.weight.detach(), wanted, seed) for layer in (inputs, outputs)]
    model.resize_token_embeddings(size, mean_resizing=False)
    with torch.no_grad():
        model.get_output_embeddings().weight.copy_(matrices[1])
        model.get_input_embeddings().weight.copy_(matrices[0])  # last: tied weights are the input's
    for config in (model.config.get_text_config(), model.generation_config):
        for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
            setattr(config, name, getattr(new, name))


def token_pieces(old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase) -> list[list[int] | None]:
    """Give the old ids that make up each new token, in order of the new ids; None where there are none.

    A token of both vocabularies is its own single piece. Bytes that are no whole character are taken apart
    into the old vocabulary's bytes.
    """
    vocabulary = old.get_vocab()
    return [
        _pieces(token, vocabulary, old, new) for token in new.convert_ids_to_tokens(list(range(len(new))))
    ]


def _pieces(
    token: str, vocabulary: dict[str, int], old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase
) -> list[int] | None:
    if token in vocabulary:
        return [vocabulary[token]]
    as_text: Callable[[list[str]], str] = new.convert_tokens_to_string
    text = as_text([token])
    if _BROKEN not in text:
        found = list(old(text, add_special_tokens=False)["input_ids"])
    else:
        found = [vocabulary[sign] for sign in token if sign in vocabulary]
    return found or None


def _matrix(weights: torch.Tensor, pieces: list[list[int] | None], seed: int) -> torch.Tensor:
    """Build the new matrix (tokens, width) from the old one."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn((len(pieces), weights.shape[1]), generator=generator).to(weights)
    made = weights.mean(dim=0) + noise * weights.std(dim=0)
    for row, ids in enumerate(pieces):
        if ids is not None:
            made[row] = weights[ids].mean(dim=0)
    return made
