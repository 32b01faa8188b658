"""Log-probabilities of answers: for the reference, held-out pairs, and the trainer's loss on a CPU."""

from collections.abc import Sequence
from types import MethodType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedModel
from trl.trainer.dpo_trainer import DataCollatorForPreference
from trl.trainer.utils import FusedCausalLMOutput

from training.encoding import EncodedPair

Floats = NDArray[np.float64]
IGNORED = -100
"""The label of a token that is not scored."""


def pair_log_probs(model: nn.Module, pairs: Sequence[EncodedPair], pad_token_id: int) -> Floats:
    """Give the summed log-probabilities, in nats, of each pair's chosen and rejected answer, shape (n, 2)."""
    collate = DataCollatorForPreference(pad_token_id=pad_token_id)
    sums = np.empty((len(pairs), 2))
    for number, pair in enumerate(pairs):
        ids = {
            "prompt_ids": pair.prompt_ids,
            "chosen_ids": pair.chosen_ids,
            "rejected_ids": pair.rejected_ids,
        }
        batch = collate([ids])
        mask = batch.pop("completion_mask")
        labels = batch["input_ids"].masked_fill(mask == 0, IGNORED)
        sums[number] = _sums(model, labels, **batch)
    return sums


def answer_log_probs(model: nn.Module, texts: Sequence[tuple[list[int], list[int]]]) -> Floats:
    """Give the summed log-probability in nats of each answer of (prompt ids, answer ids), shape (n,)."""
    sums = np.empty(len(texts))
    for number, (prompt, answer) in enumerate(texts):
        ids = torch.tensor([prompt + answer])
        labels = torch.tensor([[IGNORED] * len(prompt) + answer])
        sums[number] = _sums(model, labels, input_ids=ids, attention_mask=torch.ones_like(ids))[0]
    return sums


def answer_lengths(pairs: Sequence[EncodedPair]) -> Floats:
    """Count the tokens of each pair's chosen and rejected answer, shape (n, 2)."""
    lengths = [[len(pair.chosen_ids), len(pair.rejected_ids)] for pair in pairs]
    return np.array(lengths, dtype=np.float64).reshape(-1, 2)


def use_answer_head(model: PreTrainedModel) -> None:
    """Let TRL's `fused_lm_head=True` calls project answer positions only.

    Off the GPU TRL projects every position onto the vocabulary, the prompt's too, which for a long prompt
    costs more than the layers. Call it on the bare model after the trainer was built; other calls stay as
    they are.
    """
    original = model.forward

    def forward(_self: PreTrainedModel, *args: Any, fused_lm_head: bool = False, **options: Any) -> Any:
        if not fused_lm_head:
            return original(*args, **options)
        labels = options.pop("labels")
        return score_tokens(original, labels, *args, **options)

    model.forward = MethodType(forward, model)


def score_tokens(model: Any, labels: torch.Tensor, *args: Any, **options: Any) -> FusedCausalLMOutput:
    """Score the next-token labels that are not IGNORED; fields are 0 elsewhere, shape (batch, length - 1)."""
    targets = labels[:, 1:]
    positions = (targets != IGNORED).any(dim=0).nonzero().squeeze(1)
    options["use_cache"] = False
    logits = model(*args, logits_to_keep=positions, **options).logits.float()
    mask = targets[:, positions] != IGNORED
    wanted = targets[:, positions].clamp(min=0)
    distribution = logits.log_softmax(dim=-1)

    def spread(figures: torch.Tensor) -> torch.Tensor:
        whole = figures.new_zeros(targets.shape)
        return whole.index_copy(1, positions, figures.masked_fill(~mask, 0))

    with torch.no_grad():
        entropy = -(distribution.exp() * distribution).sum(dim=-1)
        is_top1 = logits.argmax(dim=-1) == wanted
    return FusedCausalLMOutput(
        log_probs=spread(distribution.gather(-1, wanted.unsqueeze(-1)).squeeze(-1)),
        entropy=spread(entropy),
        mean_logits=spread(logits.detach().mean(dim=-1)),
        is_top1=spread(is_top1),
        label_mask=targets != IGNORED,
    )


def _sums(model: nn.Module, labels: torch.Tensor, **batch: torch.Tensor) -> Floats:
    place = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        inputs = {name: tensor.to(place) for name, tensor in batch.items()}
        answer = score_tokens(model, labels.to(place), **inputs)
    return np.asarray(answer.log_probs.sum(dim=1).double().cpu().numpy())
