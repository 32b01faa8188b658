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


def pair_log_probs(model: nn.Module, pairs: Sequence[EncodedPair], pad_token_id: int) -> NDArray[np.float64]:
    """Give the summed log-probabilities, in nats, of each pair's chosen and rejected answer, shape (n, 2)."""
    collate = DataCollatorForPreference(pad_token_id=pad_token_id)
    place = next(model.parameters()).device
    sums = np.empty((len(pairs), 2))
    model.eval()
    with torch.inference_mode():
        for number, pair in enumerate(pairs):
            ids = {
                "prompt_ids": pair.prompt_ids,
                "chosen_ids": pair.chosen_ids,
                "rejected_ids": pair.rejected_ids,
            }
            batch = {name: tensor.to(place) for name, tensor in collate([ids]).items()}
            mask = batch.pop("completion_mask")
            labels = batch["input_ids"].masked_fill(mask == 0, -100)
            answer = _score_answers(model, labels, **batch)
            sums[number] = answer.log_probs.sum(dim=1).double().cpu().numpy()
    return sums


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
        return _score_answers(original, labels, *args, **options)

    model.forward = MethodType(forward, model)


def _score_answers(model: Any, labels: torch.Tensor, *args: Any, **options: Any) -> FusedCausalLMOutput:
    """Score the next-token labels that are not -100; fields are 0 elsewhere, shape (batch, length - 1)."""
    targets = labels[:, 1:]
    positions = (targets != -100).any(dim=0).nonzero().squeeze(1)
    options["use_cache"] = False
    logits = model(*args, logits_to_keep=positions, **options).logits.float()
    mask = targets[:, positions] != -100
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
        label_mask=targets != -100,
    )
