"""Texts of a batch that begin alike, as the two answers to a question do: read that beginning once.

The texts are laid one behind the other after what they share; each sees that and itself, at the places its
tokens had. The states are those of the texts read apart, up to rounding.
"""

from dataclasses import dataclass
from types import MethodType
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPast

MOST_KEPT = 0.8
"""Texts are joined where no more than this share of their tokens (padding included) is left to read."""


@dataclass(frozen=True)
class Joined:
    """Hold a batch as one text: its tokens and their places, (1, tokens), and who sees whom.

    `mask` (1, 1, tokens, tokens) is added to the attention; `index` (texts, length) says where each token of
    the batch went, 0 for padding.
    """

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    mask: torch.Tensor
    index: torch.Tensor


def share_prompts(model: PreTrainedModel) -> None:
    """Let the decoder under a model's head read what a batch of texts shares once, off the GPU.

    For decoders whose layers all see every earlier token; others, and calls that bring a cache or places
    of their own, stay as they are. Gradients flow as before.
    """
    decoder = model.base_model
    if model.device.type != "cpu" or not _sees_everything(model):
        return
    original = decoder.forward

    def forward(
        _self: PreTrainedModel,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        **options: Any,
    ) -> Any:
        given = {name for name, value in options.items() if value is not None}
        plain = given == {"use_cache"} and options["use_cache"] is False
        joined = join(input_ids, attention_mask, model.dtype) if plain else None
        if joined is None:
            return original(input_ids, attention_mask=attention_mask, **options)
        states = original(
            joined.input_ids, attention_mask=joined.mask, position_ids=joined.position_ids, use_cache=False
        )
        return BaseModelOutputWithPast(last_hidden_state=states.last_hidden_state[0][joined.index])

    decoder.forward = MethodType(forward, decoder)


def join(
    input_ids: torch.Tensor | None, attention_mask: torch.Tensor | None, dtype: torch.dtype
) -> Joined | None:
    """Lay texts padded on the right behind their common beginning; None where that would not pay."""
    if input_ids is None or attention_mask is None or attention_mask.dim() != 2 or len(input_ids) < 2:
        return None
    lengths = attention_mask.sum(dim=1)
    places = torch.arange(input_ids.shape[1])
    if not torch.equal(attention_mask.bool(), places < lengths[:, None]):
        return None  # padded on the left, or with holes
    alike = (input_ids == input_ids[:1]).all(dim=0) & (places < lengths.min())
    shared = int(alike.long().cumprod(dim=0).sum())
    tails = lengths - shared
    if shared + int(tails.sum()) > MOST_KEPT * input_ids.numel():
        return None
    text = torch.repeat_interleave(torch.arange(len(input_ids)), tails)
    place = torch.cat([torch.arange(shared, int(length)) for length in lengths])
    whose = torch.cat([torch.full((shared,), -1), text])  # -1: everybody's
    position = torch.cat([places[:shared], place])
    sees = (position <= position[:, None]) & ((whose == -1) | (whose == whose[:, None]))
    index = torch.zeros_like(input_ids)
    index[:, :shared] = places[:shared]
    index[text, place] = shared + torch.arange(len(text))
    return Joined(
        torch.cat([input_ids[0, :shared], input_ids[text, place]])[None],
        position[None],
        torch.zeros(sees.shape, dtype=dtype).masked_fill(~sees, torch.finfo(dtype).min)[None, None],
        index,
    )


def _sees_everything(model: PreTrainedModel) -> bool:
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    return kinds == {"full_attention"} and getattr(config, "sliding_window", None) is None
