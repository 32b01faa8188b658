"""The layers below the lowest adapter never change: let each text cross them once."""

import hashlib
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from training.adapters import decoder_layers, frozen_depth
from training.recipes import TrainerRecipe


def remember_frozen_layers(recipe: TrainerRecipe, model: PreTrainedModel) -> bool:
    """Put a FrozenTrunk under the layers the recipe adapts, where that pays; return whether it does.

    It pays off the GPU. Gradient checkpointing needs gradients all the way down, so it goes without.
    """
    depth = frozen_depth(recipe.lora, model)
    if depth == 0 or model.device.type != "cpu" or recipe.gradient_checkpointing:
        return False
    FrozenTrunk(decoder_layers(model), depth)
    return True


class FrozenTrunk:
    """Remember the output of a decoder's frozen lower layers, by their exact input.

    Reference pass, every epoch and the held-out figures then cost the upper layers alone. Exact, not
    approximate: dropout must be off and no parameter below `depth` may train. Holds up to `max_bytes` of
    states (about 2 KB a token for a hidden size of 576); texts beyond that are computed as usual.
    """

    def __init__(self, layers: nn.ModuleList, depth: int, max_bytes: int = 2 * 2**30) -> None:
        self._forwards = [layer.forward for layer in layers[:depth]]
        self._room = max_bytes
        self._remembered: dict[bytes, torch.Tensor] = {}
        for number, layer in enumerate(layers[:depth]):
            layer.forward = _pass_on if number else self._cross

    def __len__(self) -> int:
        return len(self._remembered)

    def _cross(self, hidden_states: torch.Tensor, **context: Any) -> torch.Tensor:
        key = _digest(hidden_states, context.get("attention_mask"))
        if (known := self._remembered.get(key)) is not None:
            return known
        with torch.no_grad():
            for forward in self._forwards:
                hidden_states = forward(hidden_states, **context)
        size = hidden_states.numel() * hidden_states.element_size()
        if size <= self._room:
            self._room -= size
            self._remembered[key] = hidden_states
        return hidden_states


def _pass_on(hidden_states: torch.Tensor, **_context: Any) -> torch.Tensor:
    """Stand for a layer that `FrozenTrunk` has already computed."""
    return hidden_states


def _digest(*tensors: torch.Tensor | None) -> bytes:
    digest = hashlib.sha256()
    for tensor in tensors:
        if tensor is not None:
            digest.update(str(tuple(tensor.shape)).encode())
            digest.update(tensor.detach().contiguous().numpy().tobytes())
    return digest.digest()
