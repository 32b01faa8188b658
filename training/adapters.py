"""Low-rank adapters: which layers get them, and which layers lie frozen below."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from peft import LoraConfig
from torch import nn
from transformers import PreTrainedModel

from training.errors import ModelError
from training.recipes import Lora


def lora_config(lora: Lora, model: PreTrainedModel, task_type: str) -> LoraConfig:
    """Describe the adapters to peft.

    `task_type` is CAUSAL_LM or SEQ_CLS; without SEQ_CLS the score head would stay frozen, random and unsaved.
    Raises ModelError where `last_layers` is more than the model has.
    """
    count = len(decoder_layers(model))
    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.target_modules),
        layers_to_transform=None
        if lora.last_layers is None
        else list(range(frozen_depth(lora, model), count)),
        task_type=task_type,
    )


@contextmanager
def old_peft_names() -> Iterator[None]:
    """Let peft read an attribute transformers 5 has renamed, without a warning for each run."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def frozen_depth(lora: Lora, model: PreTrainedModel) -> int:
    """Count the lower layers without adapters. Raises ModelError where `last_layers` exceeds the model."""
    count = len(decoder_layers(model))
    last = count if lora.last_layers is None else lora.last_layers
    if last > count:
        raise ModelError(f"lora.last_layers is {last}, but the base has {count} layers")
    return count - last


def keep_lower_layers(model: PreTrainedModel, depth: int) -> None:
    """Cut the model down to its `depth` lower layers, in place. Raises ModelError where it has fewer."""
    layers = decoder_layers(model)
    if depth > len(layers):
        raise ModelError(f"depth is {depth}, but the base has {len(layers)} layers")
    del layers[depth:]
    config = model.config.get_text_config()
    config.num_hidden_layers = depth
    if getattr(config, "layer_types", None):  # one name a layer, where layers differ
        config.layer_types = config.layer_types[:depth]


def decoder_layers(model: PreTrainedModel) -> nn.ModuleList:
    """Give the model's list of layers. Raises ModelError where it has none."""
    layers = getattr(model.base_model, "layers", None)
    if not isinstance(layers, nn.ModuleList):
        raise ModelError(f"{type(model).__name__}: not a decoder with a list of layers; take another base")
    return layers
